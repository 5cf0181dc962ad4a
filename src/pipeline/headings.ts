import { changeHeading } from "../slack/heading.ts";
import { dropHeading, isOfWaiting, placeOfWaiting } from "../state/transitions.ts";
import type { Ports } from "./ports.ts";

/** Slack takes about fifty `chat.update` a minute; a run takes its share, the next goes on. */
const mostInARun = 40;

/**
 * Brings the headers of announcements up to date. The replies have told everything already: what cannot be changed is
 * left as it is, and is never a reason for a run to fail.
 */
export async function changeHeadings({ store, sender, signal, clock, deadline }: Ports): Promise<void> {
  const waiting = new Set(store.state.outbox.map(({ key }) => placeOfWaiting(key)));
  const wishes = Object.entries(store.state.headings).filter(([place]) => !waiting.has(place));
  for (const [place, heading] of wishes.slice(0, mostInARun)) {
    if (signal.aborted || clock.elapsed() > deadline) return;
    const outcome = isOfWaiting(place)
      ? "never"
      : await changeHeading(sender, { ...placed(place), ...heading });
    if (outcome === "later") return;
    await store.commit((state) => dropHeading(state, place));
  }
}

function placed(place: string): { channelId: string; ts: string } {
  const [channelId = "", ts = ""] = place.split(" ");
  return { channelId, ts };
}
