import type { PostedMessage } from "../../src/sandbox/slack/records.ts";
import { opsChannel } from "./installation.ts";

type Post = Pick<PostedMessage, "channelName" | "blocks" | "metadata">;

/** The lines of each message in the operators' channel, one that was sent again once. */
export function opsLinesIn(posts: readonly Post[]): string[] {
  const messages = posts.filter(({ channelName }) => channelName === opsChannel);
  const unique = new Map(
    messages.toReversed().map((post) => [JSON.stringify(post.metadata?.["event_payload"]), post]),
  );
  return [...unique.values()]
    .toReversed()
    .flatMap(({ blocks }) =>
      (blocks as { block_id?: string; text?: { text: string } }[])
        .filter(({ block_id: id = "" }) => id.startsWith("line-"))
        .map(({ text }) => text?.text ?? ""),
    );
}

/** Of each subject the operators hear by turns that it fails and that it is over, and in the end that it is over. */
export function wronglyTold(posts: readonly Post[]): string[] {
  const latest = new Map<string, boolean>();
  const problems: string[] = [];
  for (const line of opsLinesIn(posts)) {
    const [, subjects = "", words = ""] = /^([^:]+): (.*)$/.exec(line) ?? [];
    const isOver = words.startsWith("in order again");
    // What has the same to tell shares a line: `#treasury, purchase-orders of SAMINC: in order again`.
    for (const subject of subjects.split(", ").filter((one) => /^\S+ of \S+$/.test(one))) {
      if ((latest.get(subject) ?? true) === isOver) problems.push(`told out of turn: ${line}`);
      latest.set(subject, isOver);
    }
  }
  const open = [...latest]
    .filter(([, isOver]) => !isOver)
    .map(([subject]) => `never told to be over: ${subject}`);
  return [...problems, ...open];
}
