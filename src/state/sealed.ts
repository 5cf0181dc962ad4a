import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

import { z } from "../runtime/zod.ts";
import type { Snapshot } from "../transactions/snapshot.ts";

/**
 * Keeps values in the state file that a copy of the file alone does not give away: AES-256-GCM under a key from a
 * secret that is not in the state folder.
 */
export interface Sealer {
  seal(text: string): string;
  /** Null when it was sealed under another secret, or is damaged. */
  open(sealed: string): string | null;
}

export function sealerFor({ secret, salt }: { secret: string; salt: string }): Sealer {
  const key = Buffer.from(hkdfSync("sha256", secret, salt, "sage-slack state", 32));
  return {
    seal: (text) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64");
    },
    open: (sealed) => {
      const bytes = Buffer.from(sealed, "base64");
      try {
        const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12));
        decipher.setAuthTag(bytes.subarray(12, 28));
        return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
      } catch {
        return null; // another secret: the old values are not known any more
      }
    },
  };
}

const shown = z.record(z.string(), z.string());
const snapshot = z.object({ record: shown, entries: z.record(z.string(), shown) });

/** The counterpart of {@link snapshotIn}. */
export function sealSnapshot(sealer: Sealer, value: Snapshot): string {
  return sealer.seal(JSON.stringify(value));
}

/** A snapshot in a text that was sealed; null when it is none of this version's. */
export function snapshotIn(text: string | null): Snapshot | null {
  if (text === null) return null;
  const read = snapshot.safeParse(JSON.parse(text));
  return read.success ? read.data : null;
}
