import { createHmac, timingSafeEqual } from "node:crypto";

const toleranceSeconds = 300;

export interface SignedRequest {
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  readonly rawBody: Buffer;
}

export type SignatureProblem = "missing" | "malformed-timestamp" | "stale" | "mismatch";

/** Slack's v0 scheme: https://docs.slack.dev/authentication/verifying-requests-from-slack/ */
export function verifySignature(
  secret: string,
  request: SignedRequest,
  nowMs: number,
): SignatureProblem | undefined {
  const { timestamp, signature, rawBody } = request;
  if (!timestamp || !signature) return "missing";
  if (!/^\d{1,12}$/.test(timestamp)) return "malformed-timestamp";
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > toleranceSeconds) return "stale";

  const expected = Buffer.from(signatureOf(secret, timestamp, rawBody));
  const given = Buffer.from(signature);
  return expected.length === given.length && timingSafeEqual(expected, given) ? undefined : "mismatch";
}

function signatureOf(secret: string, timestamp: string, rawBody: Buffer): string {
  const digest = createHmac("sha256", secret).update(`v0:${timestamp}:`).update(rawBody).digest("hex");
  return `v0=${digest}`;
}
