import type { OutboxMessage } from "../state/state.ts";
import { expectTrialChannel } from "./places.ts";
import { pollCompanies } from "./poll-source.ts";
import type { Ports } from "./ports.ts";
import { checkSage } from "./preflight.ts";
import { weighRights, type Failure, type SourceReport } from "./report.ts";
import type { Selection } from "./source-poll.ts";

export interface Preview {
  /** Everything the next run would post, what waits in the outbox included, in the order of posting. */
  readonly messages: readonly OutboxMessage[];
  readonly sources: readonly SourceReport[];
  readonly failures: readonly Failure[];
}

/** The pass of {@link runOnce} up to the outbox, on a state that is not kept. */
export async function dryRun(ports: Ports, selection: Selection): Promise<Preview> {
  const sage = await checkSage(ports);
  await expectTrialChannel(ports, selection);
  const { sources, failures } = await pollCompanies(sage.companies, {
    ports,
    selection,
    drain: () => Promise.resolve(),
  });
  return {
    messages: ports.store.state.outbox,
    sources,
    failures: weighRights([...sage.failures, ...failures], sources),
  };
}
