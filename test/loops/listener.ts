import type { PostedMessage } from "../../src/sandbox/slack/records.ts";
import type { SlackSimulator } from "../../src/sandbox/slack/slack-simulator.ts";
import type { Clerks, Truth } from "./clerks.ts";

/** What somebody who reads every channel knows of a document. */
interface Heard {
  /** Messages that show it as a row: its announcement. */
  announced: number;
  /** The thread in which it was announced. */
  thread: string;
  /** Amounts told since, old and new. */
  readonly amounts: [from: string, to: string][];
  /** What was true when the announcement was first checked. */
  first?: Truth;
}

/** Reads everything that Slack ever accepted, and compares it with the books. */
export class Listener {
  readonly #slack: SlackSimulator;
  readonly #documents = new Map<string, Heard>();
  /** Journal entries by the number under which their changes are told. */
  readonly #entries = new Map<string, string>();
  /** Statuses told in each thread of each record. */
  readonly #statuses = new Map<string, [from: string, to: string][]>();
  #read = 0;
  #changes = 0;

  constructor(slack: SlackSimulator) {
    this.#slack = slack;
  }

  told(): { documents: number; changes: number } {
    return { documents: this.#documents.size, changes: this.#changes };
  }

  /** After a run that may have failed: nothing may have been told twice. */
  checkRepeats(clerks: Clerks): string[] {
    this.#listen();
    void clerks;
    return [...this.#documents].flatMap(([number, { announced }]) =>
      announced > 1 ? [`${number} was announced ${announced} times: ${this.#shown(number)}`] : [],
    );
  }

  /** After a run that was complete: everything must have been told. */
  check(clerks: Clerks): string[] {
    const problems = this.checkRepeats(clerks);
    for (const [number, truth] of clerks.truth()) {
      const { status, amount } = truth;
      const heard = this.#documents.get(number);
      if (heard === undefined) {
        if (status !== "Deleted") problems.push(`${number} (${status}) was not announced`);
        continue;
      }
      heard.first ??= truth;
      problems.push(...amountProblems(number, { ...heard, first: heard.first.amount }, amount));
      const told = this.#statuses.get(`${heard.thread} ${nameOf(number, truth)}`)?.at(-1)?.[1];
      const last = told ?? (heard.first.record === truth.record ? heard.first.status : status);
      if (letters(last) !== letters(status)) problems.push(`${number} is ${status}, its thread says ${last}`);
    }
    return problems;
  }

  #shown(number: string): string {
    const posts = this.#slack.posts.filter(({ blocks }) => JSON.stringify(blocks).includes(number));
    return posts.map(({ ts, threadTs, text }) => `\n    ${ts} ${threadTs ?? ""} ${text}`).join("");
  }

  #listen(): void {
    for (const post of this.#slack.posts.slice(this.#read)) this.#hear(post);
    this.#read = this.#slack.posts.length;
  }

  #hear(post: PostedMessage): void {
    const thread = `${post.channelName} ${post.threadTs ?? post.ts}`;
    for (const block of post.blocks) {
      const text = JSON.stringify(block);
      const id = typeof block["block_id"] === "string" ? block["block_id"] : "";
      if (id.startsWith("update-")) this.#hearUpdate(text, thread);
      else if (/^(?:rows|record)/.test(id)) {
        for (const number of new Set(text.match(/DOC\d+\./g))) this.#hearAnnouncement(number, thread);
        for (const [, entry = "", number = ""] of text.matchAll(/(\d{6}-\d+) (DOC\d+\.)/g)) {
          this.#entries.set(entry, number);
        }
      }
    }
  }

  #hearAnnouncement(number: string, thread: string): void {
    const heard = this.#documents.get(number) ?? { announced: 0, thread, amounts: [] };
    heard.announced += 1;
    this.#documents.set(number, heard);
  }

  #hearUpdate(text: string, thread: string): void {
    const [title = "", ...lines] = [...text.matchAll(/"text":"([^"]*)"/g)].map(([, line = ""]) => line);
    const record = title.split(" ").at(-1) ?? "";
    for (const line of lines) {
      this.#hearDocument(line);
      const [, before, after] = /^status (.+) → (.+)$/.exec(line) ?? [];
      if (before !== undefined) this.#noteStatus(`${thread} ${record}`, [before, after ?? ""]);
      const [, unfinished] = /^completed \(was (.+)\)$/.exec(line) ?? [];
      if (unfinished !== undefined) this.#noteStatus(`${thread} ${record}`, [unfinished, "Completed"]);
    }
  }

  #hearDocument(line: string): void {
    const [, copy, original = ""] = /^(\S+): document (\S+) → /.exec(line) ?? [];
    if (copy !== undefined) this.#entries.set(copy, this.#entries.get(original) ?? "");
    const [, subject, from = "", to = ""] = /^(\S+): amount (.+) → (.+)$/.exec(line) ?? [];
    if (subject !== undefined) this.#noteAmount(subject, [from, to]);
  }

  #noteAmount(subject: string, change: [string, string]): void {
    this.#changes += 1;
    this.#documents.get(this.#entries.get(subject) ?? subject)?.amounts.push(change);
  }

  #noteStatus(place: string, change: [string, string]): void {
    this.#changes += 1;
    this.#statuses.set(place, [...(this.#statuses.get(place) ?? []), change]);
  }
}

/** What the title of an update calls the record: a batch by its key, an order by its number. */
function nameOf(number: string, { source, record }: Truth): string {
  return source === "purchase-orders" ? number : record;
}

/** Each change must begin where the one before ended, and the last must end at the truth. */
function amountProblems(
  number: string,
  { amounts, first }: { amounts: readonly [string, string][]; first: string },
  truth: string,
): string[] {
  const problems: string[] = [];
  for (const [index, [from]] of amounts.entries()) {
    const before = amounts[index - 1]?.[1];
    if (before !== undefined && before !== from)
      problems.push(`${number}: told ${before}, then a change from ${from}`);
  }
  const last = amounts.at(-1)?.[1].replaceAll(/[^\d.]/g, "") ?? first;
  if (Number(last) !== Number(truth)) problems.push(`${number} is ${truth}, its thread says ${last}`);
  return problems;
}

function letters(words: string): string {
  return words.toLowerCase().replaceAll(/[^a-z]/g, "");
}
