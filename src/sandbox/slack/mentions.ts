import { isList, isObject, stringOf, type Json, type JsonObject } from "./json.ts";
import type { SlackSwitches } from "./switches.ts";
import type { Workspace } from "./workspace.ts";

export interface Audience {
  /** `!channel`, `!here`, `!everyone`, user ids, user group ids; each once, in reading order. */
  readonly notified: readonly string[];
  readonly links: readonly string[];
}

/** `link_names` finds no people any more: user groups and the special mentions only. */
export type RawNames = "none" | "groups" | "all";

export interface MessageBody {
  readonly text: string;
  readonly blocks: readonly Json[];
  readonly attachments: readonly Json[];
  /** Which raw names in `text` become mentions. */
  readonly names: RawNames;
  /** `parse` set to none: raw addresses in `text` stay text. */
  readonly leavesUrls: boolean;
}

/** Who a message would notify and what it would link: https://docs.slack.dev/messaging/formatting-message-text/ */
export function audienceOf(body: MessageBody, workspace: Workspace, switches: SlackSwitches): Audience {
  const reader = new MentionReader(workspace, switches);
  const hasBlocks = body.blocks.length + body.attachments.length > 0;
  if (!hasBlocks || switches.fallbackTextMentions) {
    reader.readMarkup(body.text, { names: body.names, parsesUrls: !body.leavesUrls });
  }
  for (const block of body.blocks) reader.readPart(block);
  for (const attachment of body.attachments) reader.readAttachment(attachment);
  return { notified: [...reader.notified], links: [...reader.links] };
}

interface Parsing {
  readonly names: RawNames;
  readonly parsesUrls: boolean;
}

class MentionReader {
  readonly notified = new Set<string>();
  readonly links = new Set<string>();
  readonly #workspace: Workspace;
  readonly #switches: SlackSwitches;

  constructor(workspace: Workspace, switches: SlackSwitches) {
    this.#workspace = workspace;
    this.#switches = switches;
  }

  /** Walks down any block. */
  readPart(part: Json | undefined): void {
    if (isList(part)) for (const item of part) this.readPart(item);
    if (!isObject(part)) return;
    const read = partReaders.get(stringOf(part["type"]));
    if (read) read(this, part);
    else for (const value of Object.values(part)) this.readPart(value);
  }

  /** A legacy attachment has texts of its own beside its blocks. */
  readAttachment(attachment: Json): void {
    if (!isObject(attachment)) return;
    for (const field of ["pretext", "title", "text"]) this.#readRaw(stringOf(attachment[field]));
    this.readPart(attachment["blocks"]);
  }

  /** The documented order: first `<…>`, then, if wanted, what merely looks like a name or an address. */
  readMarkup(text: string, parsing: Parsing): void {
    for (const [, inside = ""] of text.matchAll(/<([^<>\n]*)>/g)) this.#readReference(inside);
    const rest = text.replaceAll(/<[^<>\n]*>/g, " ");
    if (parsing.names !== "none") this.#readNames(rest, parsing.names);
    if (parsing.parsesUrls) for (const [url] of rest.matchAll(/\bhttps?:\/\/[^\s|]+/g)) this.links.add(url);
  }

  readTextObject(object: JsonObject): void {
    const isLiteral = object["verbatim"] === true && this.#switches.verbatimStopsParsing;
    this.readMarkup(stringOf(object["text"]), { names: isLiteral ? "none" : "all", parsesUrls: !isLiteral });
  }

  readMarkdown(block: JsonObject): void {
    if (this.#switches.markdownBlockMentions) this.#readRaw(stringOf(block["text"]));
  }

  notify(who: Json | undefined): void {
    if (typeof who === "string" && who !== "") this.notified.add(who);
  }

  #readRaw(text: string): void {
    this.readMarkup(text, { names: "all", parsesUrls: true });
  }

  #readReference(inside: string): void {
    const target = inside.split("|", 1)[0] ?? "";
    if (target.startsWith("#")) return;
    if (/^@[UW]/.test(target)) this.notify(target.slice(1));
    else if (target.startsWith("!subteam^")) this.notify(target.split("^")[1]);
    else if (/^!(channel|here|everyone)$/.test(target)) this.notify(target);
    else if (/^[a-z][a-z0-9+.-]*:/i.test(target)) this.links.add(target);
  }

  #readNames(text: string, names: RawNames): void {
    for (const [, name = ""] of text.matchAll(/(?<![\w.@-])@([a-z0-9][a-z0-9._-]*)/gi)) {
      const spelled = name.toLowerCase();
      this.notify(this.#idOfName(spelled, names) ?? this.#idOfName(spelled.replace(/[._-]+$/, ""), names));
    }
  }

  #idOfName(name: string, names: RawNames): string | undefined {
    if (name === "channel" || name === "here" || name === "everyone") return `!${name}`;
    const { userGroups, users } = this.#workspace;
    const group = userGroups.find(({ handle }) => handle === name);
    return group?.id ?? (names === "all" ? users.find((user) => user.name === name)?.id : undefined);
  }
}

type PartReader = (reader: MentionReader, part: JsonObject) => void;

const showsAsIs: PartReader = () => undefined;

const partReaders: ReadonlyMap<string, PartReader> = new Map<string, PartReader>([
  ["plain_text", showsAsIs],
  ["raw_text", showsAsIs],
  ["raw_number", showsAsIs],
  ["mrkdwn", (reader, part) => reader.readTextObject(part)],
  ["markdown", (reader, part) => reader.readMarkdown(part)],
  ["user", (reader, part) => reader.notify(part["user_id"])],
  ["usergroup", (reader, part) => reader.notify(part["usergroup_id"])],
  ["broadcast", (reader, part) => reader.notify(`!${stringOf(part["range"])}`)],
  ["link", (reader, part) => reader.links.add(stringOf(part["url"]))],
]);
