import { execFile } from "node:child_process";
import { copyFile, rm, truncate, writeFile } from "node:fs/promises";
import { promisify } from "node:util";

import type { Chance } from "./chance.ts";
import type { Disk } from "./disk.ts";

const run = promisify(execFile);
/** The second writes no bytes before a rename that nobody flushed. */
const mountOptions = ["loop", "loop,noauto_da_alloc"] as const;

/**
 * A folder on an ext4 of its own, in an image: when the power goes, the image is what had come to the disk. It is
 * copied at once, before ext4 writes anything more, and mounted again, which replays its journal.
 */
export class Ext4Disk implements Disk {
  readonly env = {};
  readonly #folder: string;
  readonly #image: string;
  #count = 0;

  /** Null where this user may not mount. */
  static async create(folder: string, image: string): Promise<Ext4Disk | null> {
    const disk = new Ext4Disk(folder, image);
    try {
      await writeFile(disk.#current, "");
      await truncate(disk.#current, 16 * 1024 * 1024);
      await run("mkfs.ext4", ["-q", disk.#current]);
      await run("mount", ["-o", mountOptions[0], disk.#current, folder]);
      return disk;
    } catch (error) {
      process.stdout.write(`no ext4 can be mounted here: ${String(error).split("\n")[0]}\n`);
      await rm(disk.#current, { force: true });
      return null;
    }
  }

  private constructor(folder: string, image: string) {
    this.#folder = folder;
    this.#image = image;
  }

  get #current(): string {
    return `${this.#image}.${this.#count}`;
  }

  async cut(chance: Chance): Promise<void> {
    const before = this.#current;
    this.#count += 1;
    await copyFile(before, this.#current);
    await run("umount", [this.#folder]);
    await rm(before);
    await run("mount", ["-o", chance.oneOf(mountOptions), this.#current, this.#folder]);
  }

  async writeBack(): Promise<void> {
    await run("sync", ["-f", this.#folder]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run("umount", [this.#folder]);
    await rm(this.#current);
  }
}
