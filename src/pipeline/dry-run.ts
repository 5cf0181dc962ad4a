import type { OutboxMessage } from "../state/state.ts";
import { pollSource, type Selection } from "./poll-source.ts";
import type { Ports } from "./ports.ts";
import { checkSage } from "./preflight.ts";
import { noteRefusal } from "./refusals.ts";
import { weighRights, type Failure, type SourceReport } from "./report.ts";

export interface Preview {
  /** Everything the next run would post, what waits in the outbox included, in the order of posting. */
  readonly messages: readonly OutboxMessage[];
  readonly sources: readonly SourceReport[];
  readonly failures: readonly Failure[];
}

/** The pass of {@link runOnce} up to the outbox, on a state that is not kept. */
export async function dryRun(ports: Ports, selection: Selection): Promise<Preview> {
  const sources: SourceReport[] = [];
  const { companies, failures } = await checkSage(ports);
  for (const company of companies) {
    for (const name of selection.sources) {
      const poll = await pollSource({ ports, company, name, selection, drain: () => Promise.resolve() });
      sources.push(poll.report);
      if (poll.failure !== null) failures.push(poll.failure);
    }
    await noteRefusal(ports, company);
  }
  return { messages: ports.store.state.outbox, sources, failures: weighRights(failures, sources) };
}
