import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { createGzip } from "node:zlib";

/** Announces the whole answer, sends the first bytes of it and hangs up. */
export function truncate(response: ServerResponse, bytes: Buffer, afterBytes: number): void {
  response.setHeader("content-length", bytes.length);
  response.write(bytes.subarray(0, afterBytes), () => response.socket?.end());
  response.flushHeaders();
}

/** Sends the answer byte by byte until the client has enough of it. */
export async function drip(response: ServerResponse, bytes: Buffer, everyMs: number): Promise<void> {
  response.setHeader("content-length", bytes.length);
  for (let position = 0; position < bytes.length && !response.destroyed; position += 1) {
    response.write(bytes.subarray(position, position + 1));
    await sleep(everyMs);
  }
  response.end();
}

/** JSON of so many bytes between an opening and a closing, without ever holding it. */
export async function sendLong(
  response: ServerResponse,
  { bytes, opening, closing, gzip }: { bytes: number; opening: string; closing: string; gzip: boolean },
): Promise<void> {
  const body = Readable.from(longText(bytes, opening, closing));
  if (gzip) response.setHeader("content-encoding", "gzip");
  const sent = gzip ? pipeline(body, createGzip(), response) : pipeline(body, response);
  // A client that has seen enough closes the connection; that is its right.
  await sent.catch(() => undefined);
}

function* longText(bytes: number, opening: string, closing: string): Generator<string> {
  const chunk = "a".repeat(65_536);
  yield opening;
  for (let left = bytes - opening.length - closing.length; left > 0; left -= chunk.length) {
    yield left < chunk.length ? chunk.slice(0, left) : chunk;
  }
  yield closing;
}
