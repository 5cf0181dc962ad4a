import { createHmac } from "node:crypto";

export interface MessageIdentity {
  readonly kind: string;
  readonly channelId: string;
  /** 0 for a message, 1 and up for the replies that hold the rest of its rows. */
  readonly part: number;
  /** `<transaction id>@<revision>`, in any order. */
  readonly transactions: readonly string[];
  /** Tells apart messages that say the same at different times. */
  readonly occasion?: string;
}

const alphabet = "abcdefghijklmnopqrstuvwxyz234567";

/**
 * The public key of a message: 128 bits that say nothing about the books to whoever reads the metadata, and that
 * are the same again for the same content in the same channel.
 */
export function messageKey(
  salt: string,
  { kind, channelId, part, transactions, occasion }: MessageIdentity,
): string {
  const identity = JSON.stringify([
    kind,
    channelId,
    part,
    transactions.toSorted(),
    ...(occasion === undefined ? [] : [occasion]),
  ]);
  const digest = createHmac("sha256", salt).update(identity).digest().subarray(0, 16);
  let bits = BigInt(`0x${digest.toString("hex")}`);
  let key = "";
  for (let digit = 0; digit < 26; digit += 1) {
    key = `${alphabet[Number(bits & 31n)] ?? ""}${key}`;
    bits >>= 5n;
  }
  return key;
}
