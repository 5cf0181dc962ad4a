import { changeHeading } from "../slack/heading.ts";
import { dropHeading } from "../state/transitions.ts";
import type { Ports } from "./ports.ts";

/** Slack takes about fifty `chat.update` a minute; a run takes its share, the next goes on. */
const mostInARun = 40;

/**
 * Brings the headers of announcements up to date. The replies have told everything already: what cannot be changed is
 * left as it is, and is never a reason for a run to fail.
 */
export async function changeHeadings({ store, sender, signal, clock, deadline }: Ports): Promise<void> {
  const wishes = Object.entries(store.state.headings).slice(0, mostInARun);
  for (const [place, heading] of wishes) {
    if (signal.aborted || clock.elapsed() > deadline) return;
    const [channelId = "", ts = ""] = place.split(" ");
    const outcome = await changeHeading(sender, { channelId, ts, ...heading });
    if (outcome === "later") return;
    await store.commit((state) => dropHeading(state, place));
  }
}
