import type { Installation } from "./installation.ts";

export interface Verdict {
  readonly documents: number;
  /** Documents that no message in their channel names. */
  readonly lost: readonly string[];
  /** Messages too many, over all documents. */
  readonly duplicates: number;
  /** Those of them that do not say that they may be a repeat. */
  readonly unmarked: number;
}

/** Compares what was keyed into Sage with every message that Slack ever accepted. */
export function judge({ documents, slack }: Installation): Verdict {
  const posts = new Map<string, { all: number; marked: number }>();
  for (const post of slack.posts) {
    const text = `${post.text}\n${JSON.stringify(post.blocks)}`;
    const isMarked = text.includes("Possible repeat");
    for (const number of new Set(text.match(/DOC-\d+\./g))) {
      const place = `${number} ${post.channelName}`;
      const count = posts.get(place) ?? { all: 0, marked: 0 };
      posts.set(place, { all: count.all + 1, marked: count.marked + (isMarked ? 1 : 0) });
    }
  }
  const lost: string[] = [];
  let duplicates = 0;
  let unmarked = 0;
  for (const [number, channel] of documents) {
    const { all, marked } = posts.get(`${number} ${channel}`) ?? { all: 0, marked: 0 };
    if (all === 0) lost.push(number);
    duplicates += Math.max(0, all - 1);
    unmarked += Math.max(0, all - marked - 1);
  }
  return { documents: documents.size, lost, duplicates, unmarked };
}
