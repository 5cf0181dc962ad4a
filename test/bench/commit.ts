import { open, rename } from "node:fs/promises";
import { join } from "node:path";

import { openStateFile } from "../../src/state/state-file.ts";
import { notePost } from "../../src/state/transitions.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { median } from "./measure.ts";
import { noted, type Figure } from "./rows.ts";

const commits = 200;

/** What a durable replacement costs on this disk, with nothing around it. */
async function bareReplacement(directory: string, content: Buffer): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < commits; count += 1) {
    const began = performance.now();
    const file = await open(join(directory, "bare.tmp"), "w");
    await file.write(content);
    await file.sync();
    await file.close();
    await rename(join(directory, "bare.tmp"), join(directory, "bare"));
    const folder = await open(directory, "r");
    await folder.sync();
    await folder.close();
    times.push(performance.now() - began);
  }
  return median(times);
}

export const commit: Figure = {
  name: "commit",
  measure: async () => {
    await using directory = await temporaryDirectory();
    const store = await openStateFile({
      directory: directory.path,
      lock: { isHeld: () => Promise.resolve(true) },
    });
    const times: number[] = [];
    for (let count = 0; count < commits; count += 1) {
      const began = performance.now();
      await store.commit((state) => notePost(state, "C0123456789", count));
      times.push(performance.now() - began);
    }
    const floor = await bareReplacement(directory.path, Buffer.alloc(2000));
    const [first, last] = [times.slice(1, 51), times.slice(-50)];
    return [
      noted("floor: a flushed replacement of a file", floor, "ms"),
      noted("a commit of the state", median(times), "ms"),
      noted("the last fifty against the first", median(last) / median(first), "times"),
    ];
  },
};
