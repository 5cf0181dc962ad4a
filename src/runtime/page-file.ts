import { constants } from "node:fs";
import { open } from "node:fs/promises";

import { AppError } from "../errors.ts";
import { replaceFile } from "./durable-file.ts";

/**
 * Makes sure, before any work, that a page replaces nothing but an older page: not the configuration or the state, at
 * a slip of the tab key.
 *
 * @throws AppError `usage`
 */
export async function expectPlaceForPage(path: string): Promise<void> {
  const beginning = await beginningOf(path);
  if (beginning === "" || /^<!doctype html>/i.test(beginning)) return;
  throw new AppError("usage", `${path} is there already and is no page: it is left as it is`, {
    hint: "Name another file, like preview.html.",
  });
}

/** Readable by its owner only, like the state: it holds what the books say. */
export async function writePage(path: string, html: string): Promise<void> {
  try {
    await replaceFile(path, html);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new AppError("usage", message, { hint: "Name a file in a folder that is there.", cause: error });
  }
}

/** Empty where there is no such file, or nothing in it that can be read. */
async function beginningOf(path: string): Promise<string> {
  // A pipe would keep whoever opens it waiting.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
  const file = await open(path, flags).catch(() => null);
  if (file === null) return "";
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(15), 0, 15, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } catch {
    return "";
  } finally {
    await file.close();
  }
}
