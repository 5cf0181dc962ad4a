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
  /** Due dates told since. */
  readonly dues: [from: string, to: string][];
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
      const { status, amount, due } = truth;
      const heard = this.#documents.get(number);
      if (heard === undefined) {
        if (status !== "Deleted") problems.push(`${number} (${status}) was not announced`);
        continue;
      }
      heard.first ??= truth;
      const { first, amounts, dues } = heard;
      problems.push(
        ...chainProblems(number, { told: amounts, first: first.amount, isSame: isSameAmount }, amount),
      );
      problems.push(...chainProblems(number, { told: dues, first: first.due, isSame: isSameText }, due));
      const told = this.#statuses.get(`${heard.thread} ${nameOf(number, truth)}`)?.at(-1)?.[1];
      const last = told ?? (first.record === truth.record ? first.status : status);
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
    const heard = this.#documents.get(number) ?? { announced: 0, thread, amounts: [], dues: [] };
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
      // What it was before is not known any more, long after it was final.
      const [, now] = /^status: (.+)$/.exec(line) ?? [];
      if (now !== undefined) this.#noteStatus(`${thread} ${record}`, ["", now]);
      const [, unfinished] = /^completed \(was (.+)\)$/.exec(line) ?? [];
      if (unfinished !== undefined) this.#noteStatus(`${thread} ${record}`, [unfinished, "Completed"]);
    }
  }

  #hearDocument(line: string): void {
    // The number of a journal entry moves with it into the error batch.
    const [, copy, entry, batch] =
      /^(\d+-\d+): posting failed, .*\(was entry (\d+) of (\d+)\)/.exec(line) ?? [];
    if (copy !== undefined) this.#entries.set(copy, this.#entries.get(`${batch}-${entry}`) ?? "");
    const [, subject, label, from = "", to = ""] = /^(\S+): (amount|due) (.+) → (.+)$/.exec(line) ?? [];
    if (subject !== undefined) this.#noteChange(subject, label === "due" ? "dues" : "amounts", [from, to]);
  }

  #noteChange(subject: string, of: "amounts" | "dues", change: [string, string]): void {
    this.#changes += 1;
    this.#documents.get(this.#entries.get(subject) ?? subject)?.[of].push(change);
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
function chainProblems(
  number: string,
  { told, first, isSame }: { told: readonly [string, string][]; first: string; isSame: typeof isSameText },
  truth: string,
): string[] {
  const problems: string[] = [];
  for (const [index, [from]] of told.entries()) {
    const before = told[index - 1]?.[1];
    if (before !== undefined && before !== from)
      problems.push(`${number}: told ${before}, then a change from ${from}`);
  }
  const last = told.at(-1)?.[1] ?? first;
  if (!isSame(last, truth)) problems.push(`${number} is ${truth}, its thread says ${last}`);
  return problems;
}

function isSameText(shown: string, truth: string): boolean {
  return shown === truth;
}

function isSameAmount(shown: string, truth: string): boolean {
  return Number(shown.replaceAll(/[^\d.]/g, "")) === Number(truth);
}

function letters(words: string): string {
  return words.toLowerCase().replaceAll(/[^a-z]/g, "");
}
