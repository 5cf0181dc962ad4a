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

/** Standard input to its end, without the newline that `echo` adds. */
export async function readPiped({ stdin }: Host): Promise<string> {
  let read = "";
  for await (const chunk of stdin) {
    read += String(chunk);
    if (read.length > 4096) throw new AppError("usage", "a secret longer than 4 KB was piped in");
  }
  return checked(read.replace(/\r?\n$/, ""));
}

function checked(secret: string): string {
  if (secret === "")
    throw new AppError("usage", "nothing was given", { hint: "An empty secret cannot be stored." });
  return secret;
}
