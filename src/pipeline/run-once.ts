import { forgetOld } from "../state/forget.ts";
import { countOutbox } from "../state/outbox.ts";
import { beginRun } from "../state/transitions.ts";
import { deliver, DeliveryRun } from "./deliver.ts";
import { marksOf } from "./findings.ts";
import { changeHeadings } from "./headings.ts";
import { noteBreak, tellOperators } from "./ops-lines.ts";
import { pollCompanies } from "./poll-source.ts";
import { expectTrialChannel } from "./places.ts";
import type { Ports } from "./ports.ts";
import { checkSage, checkSlack } from "./preflight.ts";
import { reconcile } from "./reconcile.ts";
import { weighRights, type Failure, type Posted, type RunReport } from "./report.ts";
import type { Selection } from "./source-poll.ts";

/** One pass, and what the operators are to know of it. */
export async function runOnce(ports: Ports, selection: Selection): Promise<RunReport> {
  try {
    return await pass(ports, selection);
  } catch (error) {
    await noteBreak(ports, error);
    throw error;
  }
}

/** What Slack is owed from before, then what is new in Sage, each safe on disk before it is sent. */
async function pass(ports: Ports, selection: Selection): Promise<RunReport> {
  const posted: Posted[] = [];
  const failures: Failure[] = [];
  const delivery = new DeliveryRun(ports.config);
  const marks = marksOf(ports.store.state);

  // Proves that the folder can be written before anything leaves the house.
  await ports.store.commit(beginRun);

  const slack = await checkSlack(ports);
  const sage = await checkSage(ports);
  failures.push(...slack.failures, ...sage.failures);
  if (slack.isReachable) await expectTrialChannel(ports, selection);

  const drain = async (isTurn?: (channelId: string) => boolean) => {
    if (!slack.isReachable) return;
    const delivered = await deliver(ports, delivery, isTurn);
    posted.push(...delivered.posted);
    failures.push(...delivered.failures);
  };

  if (slack.isReachable) failures.push(...(await reconcile(ports)));
  // Before reading: a dead Sage cannot hold back what Slack is owed.
  await drain();

  const { sources, failures: unread } = await pollCompanies(sage.companies, {
    ports,
    selection,
    drain: () => drain(),
  });
  failures.push(...unread);
  await drain();
  const record = {
    isSlackReachable: slack.isReachable,
    companies: sage.companies,
    sources,
    failures: weighRights(failures, sources),
    posted,
    diverted: delivery.diverted,
    marks,
  };
  const ops = isTrial(selection) ? null : await tellOperators(ports, record);
  if (ops !== null) await drain((channelId) => channelId === ops.id);
  if (slack.isReachable) await changeHeadings(ports);
  // What is too old today is too old for the next run as well.
  ports.store.note((state) => forgetOld(state, ports.clock.now()));

  return {
    sources,
    posted,
    outbox: countOutbox(ports.store.state),
    failures: onePerScope(weighRights(failures, sources)),
    sageRequests: ports.sage.reduce((sum, { client }) => sum + client.requests, 0),
  };
}

/** What is tried out is remembered by nothing. */
function isTrial({ backfill }: Selection): boolean {
  return backfill?.trialChannel != null;
}

/** A channel that fails before and after reading is one failure, told as it was last. */
function onePerScope(failures: readonly Failure[]): Failure[] {
  const told = failures.map(({ isOfMessage: _one, ...failure }) => failure);
  return [...new Map(told.map((failure) => [`${failure.scope} ${failure.kind}`, failure])).values()];
}
