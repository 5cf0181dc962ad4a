import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

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
  return checked(utf8(Buffer.concat(read)).replace(/\r?\n$/, ""));
}

function utf8(bytes: Buffer): string {
  if (!bytes.includes(0)) {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes); // without its byte order mark
    } catch {
      // told below
    }
  }
  throw new AppError("usage", "what was piped in is not UTF-8", {
    hint: "Save it as UTF-8 and pipe the file in (cmd: type FILE | sage-slack ...), or leave the flag out and type it.",
  });
}

function checked(secret: string): string {
  if (secret === "")
    throw new AppError("usage", "nothing was given", { hint: "An empty secret cannot be stored." });
  return secret;
}
