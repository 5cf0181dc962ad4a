import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { renderError } from "../../../src/cli/render/error.ts";
import type { AppError } from "../../../src/errors.ts";
import { unsafe } from "../../support/hostile.ts";
import type { Chance } from "../chance.ts";

/** What became of an input; an AppError rejects it as well, and anything else that is thrown is a finding. */
export type Verdict = "taken" | "rejected";

export type Input = string | Buffer;

/** A parser of outside data, ready to be fed. */
export interface Target extends AsyncDisposable {
  /** An input that tells itself when printed. */
  readonly make: (chance: Chance) => Input;
  readonly feed: (input: Input) => Verdict | Promise<Verdict>;
}

export interface Kind {
  /** Inputs that go through files or connections take longer: a tenth of them is fed. */
  readonly isSlow: boolean;
  /** Longest that an input may take, where it is not the usual time. */
  readonly mostMs?: number;
  readonly open: () => Promise<Target> | Target;
}

export function pure(make: Target["make"], feed: Target["feed"]): Kind {
  return { isSlow: false, open: () => ({ make, feed, [Symbol.asyncDispose]: () => Promise.resolve() }) };
}

/** Feeds each input to a folder of its own. */
export function inFolders(
  make: Target["make"],
  feed: (folder: string, input: Input) => Promise<Verdict>,
): Kind {
  return { isSlow: true, open: () => openFolders(make, feed) };
}

async function openFolders(
  make: Target["make"],
  feed: (folder: string, input: Input) => Promise<Verdict>,
): Promise<Target> {
  const base = await mkdtemp(join(tmpdir(), "sage-slack-fuzz-"));
  let count = 0;
  return {
    make,
    feed: async (input) => {
      count += 1;
      const folder = join(base, String(count));
      await mkdir(folder, { mode: 0o700 });
      try {
        return await feed(folder, input);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
    [Symbol.asyncDispose]: () => rm(base, { recursive: true }),
  };
}

export async function accepted(parse: () => unknown): Promise<Verdict> {
  await parse();
  return "taken";
}

/** A rejection is shown with all that is known about it. */
export function mustBeSafeToShow(error: AppError): void {
  mustBeShowable(renderError(error, { isVerbose: true, redact: String }));
}

export function mustBeShowable(shown: string): void {
  const found = unsafe.exec(shown.replaceAll("\n", ""));
  if (found !== null) throw new Error(`U+${found[0].codePointAt(0)?.toString(16)} is shown`);
}

export function bytesOf(input: Input): Buffer {
  return typeof input === "string" ? Buffer.from(input) : input;
}
