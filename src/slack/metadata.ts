import { createHmac, timingSafeEqual } from "node:crypto";

/** Metadata of a message: no name and no amount, because every app in the workspace can read it. */
export interface MessageMetadata {
  readonly event_type: typeof eventType;
  readonly event_payload: { readonly key: string; readonly v: 1; readonly mac: string };
}

export const eventType = "sage_slack_notification";

interface Identity {
  readonly key: string;
  readonly channelId: string;
  /** Known to this installation alone, so that no other app can forge a delivery. */
  readonly macKey: string;
}

export function messageMetadata(identity: Identity): MessageMetadata {
  return { event_type: eventType, event_payload: { key: identity.key, v: 1, mac: macOf(identity) } };
}

/** Whether a payload found in a channel is the one this installation sent under that key. */
export function isOurs(
  payload: { readonly key?: unknown; readonly mac?: unknown },
  identity: Identity,
): boolean {
  if (payload.key !== identity.key || typeof payload.mac !== "string") return false;
  const expected = Buffer.from(macOf(identity));
  const actual = Buffer.from(payload.mac);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function macOf({ key, channelId, macKey }: Identity): string {
  return createHmac("sha256", macKey).update(`v1:${key}:${channelId}`).digest("hex").slice(0, 32);
}
