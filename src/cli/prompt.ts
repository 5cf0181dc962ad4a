import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

import { decode } from "../config/guarded-file.ts";
import { problemOf } from "../config/secrets.ts";
import { AppError } from "../errors.ts";
import type { Host } from "./host.ts";

/** Asks on the terminal without showing what is typed. */
export async function askHidden({ stdin, stderr, signal }: Host, label: string): Promise<string> {
  if (stdin.isTTY !== true) {
    throw new AppError("usage", "there is no terminal to ask on", {
      hint: "Pipe the value in and add --password-stdin (Sage) or --token-stdin (Slack).",
    });
  }
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: silent, terminal: true });
  stderr.write(label);
  try {
    return checked(await lines.question("", { signal }));
  } finally {
    lines.close();
    stderr.write("\n");
  }
}

/**
 * Standard input to its end, without the newline that `echo` adds. Bytes of another encoding would be refused as a
 * wrong password by Sage, which locks accounts.
 */
export async function readPiped({ stdin }: Host): Promise<string> {
  const read: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk);
    read.push(bytes);
    length += bytes.length;
    if (length > 4096) throw new AppError("usage", "a secret longer than 4 KB was piped in");
  }
  return checked(decode(Buffer.concat(read), "what was piped in", encodings).replace(/\r?\n$/, ""));
}

const encodings = {
  fromUtf16:
    'Save it as UTF-8, or leave the flag out and type it. (The ">" of Windows PowerShell 5 writes UTF-16.)',
  fromOther:
    "Save it as UTF-8 and pipe the file in (cmd: type FILE | sage-slack ...), or leave the flag out and type it.",
};

function checked(secret: string): string {
  if (secret === "")
    throw new AppError("usage", "nothing was given", { hint: "An empty secret cannot be stored." });
  const problem = problemOf(secret);
  if (problem === null) return secret;
  throw new AppError("usage", `what was given ${problem}`, {
    hint: "Give the secret alone, without anything before or after it.",
  });
}
