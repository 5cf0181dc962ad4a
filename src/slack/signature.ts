import { createHmac } from "node:crypto";

/**
 * Signs a request by Slack's `v0` scheme over its exact body, so that a company's egress gateway can tell which
 * requests come from this installation: https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function signatureHeaders(
  body: string,
  { secret, now }: { secret: string; now: number },
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const digest = createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex");
  return { "x-slack-request-timestamp": timestamp, "x-slack-signature": `v0=${digest}` };
}
