import { placeOf } from "../state/outbox.ts";
import type { State } from "../state/state.ts";
import { mayPass, type Findings, type TroubleKind } from "../state/troubles.ts";
import type { Company, Ports } from "./ports.ts";
import type { Failure, Posted, SourceReport } from "./report.ts";
import { wantedNames } from "./wanted-names.ts";

/** What a run has to show when it ends. */
export interface RunRecord {
  readonly isSlackReachable: boolean;
  /** Those that answered. */
  readonly companies: readonly Company[];
  readonly sources: readonly SourceReport[];
  readonly failures: readonly Failure[];
  readonly posted: readonly Posted[];
  /** Names of the channels whose messages went to the fallback. */
  readonly diverted: ReadonlySet<string>;
  /** How far everything was read when the run began, by {@link marksOf}. */
  readonly marks: ReadonlyMap<string, string>;
}

/** How far each source is read, history included: whether a run that ran out of time got on. */
export function marksOf({ sources, backfills }: State): Map<string, string> {
  const places = [...Object.keys(sources), ...backfills.map(({ place }) => place)];
  return new Map(
    places.map((place) => {
      const history = backfills.filter((one) => one.place === place).map(({ readUpTo }) => readUpTo);
      return [place, JSON.stringify([sources[place]?.highWater, history])];
    }),
  );
}

/** What is in order after a run, and what is not. */
export function findingsOf(ports: Ports, run: RunRecord): Findings {
  const failing = new Map([
    ...recoveryIn(ports),
    ...messagesIn(ports),
    ...mentionsIn(ports),
    ...failuresOf(ports, run),
  ]);
  // The spreadsheet may have thousands of rows: it is looked through where there is something to forget.
  const hasTroubles = Object.keys(ports.store.state.troubles).length > 0;
  return {
    failing,
    working: workingIn(ports, run),
    isGone: hasTroubles ? goneBy(ports, run) : () => false,
  };
}

function failuresOf({ store }: Ports, run: RunRecord): Map<string, TroubleKind> {
  const failing = new Map<string, TroubleKind>();
  const marks = marksOf(store.state);
  const got = new Set(run.posted.map(({ channel }) => channel));
  for (const name of run.diverted) failing.set(name, "fallback");
  for (const { scope, kind, isOfMessage } of run.failures) {
    // A long history or backlog takes many runs; what gets on is in order.
    const getsOn = got.has(scope) || run.marks.get(scope) !== marks.get(scope);
    if (isOfMessage === true || (mayPass(kind) && getsOn)) continue;
    // A wrong address is told once for all companies.
    for (const one of scope.split(", ")) {
      const known = failing.get(one);
      // With a fallback replies still wait; and the fallback has none.
      if (known === undefined || known === "fallback" || mayPass(known)) failing.set(one, kind);
    }
  }
  return failing;
}

/** Until the operators were told of it, where there is a channel to tell it in. */
function recoveryIn({ store, config }: Ports): Map<string, TroubleKind> {
  const recovered = store.state.troubles["state"];
  const isNews = recovered !== undefined && recovered.told === null && config.slack.opsChannel !== undefined;
  return new Map(isNews ? [["state", "recovered"]] : []);
}

/** Messages for which somebody is needed, but for the lines of the tool about itself: they must not breed others. */
function messagesIn({ store }: Ports): Map<string, TroubleKind> {
  const concerned = store.state.outbox.filter(
    ({ kind, status, reason, isHeld }) =>
      kind !== "operations" && (isHeld === true || (status === "dead" && reason !== "dropped")),
  );
  return new Map(
    concerned.map(({ key, isHeld }) => [`message ${key}`, isHeld === true ? "held" : "dead"] as const),
  );
}

function mentionsIn({ directory }: Ports): Map<string, TroubleKind> {
  const unknown = [...directory.mentioned].filter(([, isKnown]) => !isKnown);
  return new Map(unknown.map(([name]) => [`mention ${name}`, "mention" as const]));
}

function workingIn({ directory }: Ports, run: RunRecord): Set<string> {
  const read = run.sources.filter(({ outcome }) => outcome !== "failed" && outcome !== "waiting");
  const known = [...directory.mentioned].filter(([, isKnown]) => isKnown);
  return new Set([
    "run",
    ...(run.isSlackReachable ? ["Slack"] : []),
    ...run.companies.map(({ id }) => id),
    ...read.map(({ company, source }) => `${company}/${source}`),
    ...run.posted.map(({ channel }) => channel),
    ...known.map(([name]) => `mention ${name}`),
  ]);
}

/** By the kind of what it concerns. A message of which there is something to tell would be failing. */
function goneBy(ports: Ports, run: RunRecord): Findings["isGone"] {
  const { config, spreadsheet } = ports;
  const wanted = new Set(wantedNames(config, spreadsheet).map(({ kind, name }) => `${kind} ${name}`));
  const isChannelGone = goneChannels(ports, run, wanted);
  return (scope, trouble) => {
    if (scope === "run" || scope === "Slack") return false;
    if (scope === "state" || scope.startsWith("message ")) return true;
    if (scope.startsWith("mention ")) return !wanted.has(scope);
    if (isChannel(scope)) return isChannelGone(scope, trouble);
    const [company = "", source] = scope.split("/");
    const isOn = source === undefined || config.sources[source]?.enabled === true;
    return !isOn || !config.sage.companies.includes(company);
  };
}

/** Of a channel in which nothing is to be posted nobody can know whether it takes messages. */
function goneChannels(
  { config, store }: Ports,
  { posted }: RunRecord,
  wanted: ReadonlySet<string>,
): Findings["isGone"] {
  const got = new Set(posted.map(({ channel }) => channel));
  const alive = store.state.outbox.filter(({ status }) => status !== "dead");
  const waiting = new Set(alive.flatMap((one) => [one.channel.name, placeOf(one).name]));
  return (scope, { kind }) => {
    if (got.has(scope)) return false; // it works
    const hasFallback = config.slack.fallbackChannel !== undefined && wanted.has(`channel ${scope}`);
    return kind === "fallback" ? !hasFallback : !waiting.has(scope);
  };
}

/** `#treasury`, or an id: a company's has six characters at most. */
function isChannel(scope: string): boolean {
  return scope.startsWith("#") || /^[CGD][A-Z0-9]{6,}$/.test(scope);
}
