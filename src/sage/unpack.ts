import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";

import type { Response } from "got";

import { AppError } from "../errors.ts";
import { AnswerFailure } from "./answer-failure.ts";
import type { Redact } from "../runtime/redact.ts";

/** Answers over this size, packed or not, are refused: a page of batches is far below it. */
export const maxBytes = 16 * 1024 * 1024;

type Unpacker = (packed: Uint8Array, limit: { maxOutputLength: number }) => Uint8Array;

const unpackers = new Map<string, Unpacker>([
  ["identity", (plain) => plain],
  ["gzip", gunzipSync],
  ["x-gzip", gunzipSync],
  ["deflate", inflateSync],
  ["br", brotliDecompressSync],
]);

/**
 * The bytes of an answer as they were before the server packed them, and never more than {@link maxBytes}.
 *
 * @throws AppError `unreadable` for an encoding that nobody asked for, several on top of each other included
 */
export function unpack(
  { headers, rawBody }: Response,
  { name: from, redact }: { name: string; redact: Redact },
): Uint8Array {
  const encoding = headers["content-encoding"]?.trim() ?? "identity";
  const unpacker = unpackers.get(encoding.toLowerCase());
  if (unpacker === undefined)
    throw new AppError("unreadable", `${from} answered in the encoding "${redact(encoding).slice(0, 60)}"`);
  try {
    return unpacker(rawBody, { maxOutputLength: maxBytes });
  } catch (error) {
    throw new AnswerFailure(`${from} sent an answer that cannot be unpacked within 16 MB`, { cause: error });
  }
}
