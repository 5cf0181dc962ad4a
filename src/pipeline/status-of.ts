import type { Config } from "../config/config.ts";
import { keychainOnDemand } from "../config/keychain.ts";
import { loadConfig, type LoadOptions } from "../config/load-config.ts";
import { slackTokenOf } from "../config/secrets.ts";
import { AppError } from "../errors.ts";
import { WebApiSender } from "../slack/sender.ts";
import { MasterFile } from "../state/master-file.ts";
import { sealerFor, snapshotIn } from "../state/sealed.ts";
import type { State } from "../state/state.ts";
import { lookAtState } from "../state/state-file.ts";
import {
  explain,
  subjectsNamed,
  subjectsPossible,
  type AnnouncedPost,
  type Explanation,
  type Subject,
} from "./explain.ts";

/** A post with what people need to find it. */
export interface LinkedPost extends AnnouncedPost {
  readonly channel: string;
  /** Null where Slack does not give it, or cannot be asked. */
  readonly permalink: string | null;
}

export interface DocumentStatus extends Omit<Explanation, "posts"> {
  /** Invoice, check, receipt, or order number, where it is still remembered. */
  readonly documentNumber: string | null;
  readonly posts: readonly LinkedPost[];
}

export interface StatusOf {
  readonly asked: string;
  /** One for each batch, order or entry that may be meant. */
  readonly documents: readonly DocumentStatus[];
  /** What could not be looked at. */
  readonly note: string | null;
}

/**
 * Explains one document by a transaction id, a batch number, or a document number: from the state alone, but for the
 * links, for which Slack is asked where the token is at hand.
 *
 * @param remember told the token before anything can show it
 */
export async function readStatusOf(
  asked: string,
  installation: LoadOptions & { remember: (secret: string) => void },
): Promise<StatusOf> {
  const { config, stateDirectory: directory } = await loadConfig(installation);
  const { state } = await lookAtState({ directory });
  if (state === null) {
    return { asked, documents: [], note: "No run so far: nothing has been read." };
  }
  const token = await tokenOf(config, installation);
  const documents = documentsIn(state, token);
  const subjects = meantBy(asked, { state, config, documents });
  const master = await MasterFile.open(directory);
  const nameOf = (id: string) => {
    const known = master.channels.find((channel) => channel.id === id);
    return known === undefined ? id : `#${known.name}`;
  };
  const linkTo = linker(config, token);
  const found: DocumentStatus[] = [];
  for (const subject of subjects) {
    const explanation = explain(subject, state, config);
    const posts: LinkedPost[] = [];
    for (const post of explanation.posts)
      posts.push({ ...post, channel: nameOf(post.channelId), permalink: await linkTo(post) });
    found.push({ ...explanation, posts, documentNumber: documents.get(idOf(subject)) ?? null });
  }
  return { asked, documents: found, note: noteOn(found, token) };
}

function noteOn(found: readonly DocumentStatus[], token: string | null): string | null {
  if (found.length > 0) return null;
  return token === null
    ? "Nothing found by this id or batch number. Document numbers cannot be searched: they are sealed with the Slack token, which is not at hand."
    : "Nothing that is remembered has this id or number. Documents are remembered while their batch is open; ask for the batch by its number.";
}

async function tokenOf(
  config: Config,
  { env, remember }: Parameters<typeof readStatusOf>[1],
): Promise<string | null> {
  try {
    const token = (await slackTokenOf({ config, env, keychain: keychainOnDemand() })).secret.reveal();
    remember(token);
    return token;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return null; // the state tells the rest
  }
}

/** `SAMINC:ap-invoices:28:1` -> document number, of everything that is watched or waits. */
function documentsIn(state: State, token: string | null): Map<string, string> {
  const found = new Map<string, string>();
  if (token === null) return found;
  const sealer = sealerFor({ secret: token, salt: state.salt });
  const watched = Object.entries(state.sources).flatMap(([place, { watch }]) =>
    Object.entries(watch).map(([record, { shown }]) => ({
      id: `${place.replace("/", ":")}:${record}`,
      shown,
    })),
  );
  for (const { id, shown } of watched) {
    const snapshot = shown === undefined ? null : snapshotIn(sealer.open(shown));
    for (const [entry, { Document }] of Object.entries(snapshot?.entries ?? {})) {
      if (Document !== undefined) found.set(`${id}:${entry}`, Document);
    }
  }
  return found;
}

function idOf({ company, source, record, entry }: Subject): string {
  return `${company}:${source}:${record}:${entry ?? ""}`;
}

interface Searched {
  readonly state: State;
  readonly config: Config;
  readonly documents: ReadonlyMap<string, string>;
}

function meantBy(asked: string, { state, config, documents }: Searched): Subject[] {
  const [version, company, source, record, entry = null] = asked.split("@")[0]?.split(":") ?? [];
  if (version === "v1" && company !== undefined && source !== undefined && record !== undefined) {
    return [{ company: company.toUpperCase(), source, record, entry }];
  }
  const all = [
    ...subjectsNamed(asked, state),
    ...withDocument(asked, documents),
    ...waitingWithDocument(asked, state),
  ];
  const named = [...new Map(all.map((subject) => [idOf(subject), subject])).values()];
  return named.length === 0 ? subjectsPossible(asked, config) : named;
}

function withDocument(asked: string, documents: Searched["documents"]): Subject[] {
  const wanted = asked.trim().toLowerCase();
  return [...documents]
    .filter(([, number]) => number.trim().toLowerCase() === wanted)
    .map(([id]) => {
      const [company = "", source = "", record = "", entry = null] = id.split(":");
      return { company, source, record, entry };
    });
}

/** What waits to be told is not sealed: its rows hold the number. */
function waitingWithDocument(asked: string, { outbox }: State): Subject[] {
  const wanted = asked.trim();
  const notices = outbox.flatMap((message) => message.notices);
  const rows = notices.flatMap((notice) => ("rows" in notice ? notice.rows : []));
  return rows
    .filter(({ cells }) => cells.some((cell) => cell === wanted))
    .map(({ transaction }) => subjectOf(transaction));
}

function subjectOf(transaction: string): Subject {
  const [, company = "", source = "", record = "", entry = null] = transaction.split(":");
  return { company, source, record, entry };
}

/** Asks Slack for the address of a post, until it does not answer. */
function linker({ slack }: Config, token: string | null): (post: AnnouncedPost) => Promise<string | null> {
  let sender =
    token === null
      ? null
      : new WebApiSender({ token, apiUrl: slack.apiUrl, macKey: "", proxyUrl: slack.proxy });
  return async ({ channelId, ts }) => {
    if (sender === null || ts === null) return null;
    try {
      return await sender.permalink(channelId, ts);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.kind === "temporary" || error.kind === "auth") sender = null;
      return null;
    }
  };
}
