import { AppError } from "../errors.ts";
import { z } from "../runtime/zod.ts";
import { headerBlock } from "./blocks.ts";
import { limits } from "./limits.ts";
import { escapeWithin, shorten } from "./mrkdwn.ts";
import { SlackRefusal, type WebApiSender } from "./sender.ts";

export interface HeadingChange {
  readonly channelId: string;
  readonly ts: string;
  readonly headline: string;
  readonly sentence: string;
}

const found = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      blocks: z.array(z.looseObject({ block_id: z.string().optional() })).optional(),
      metadata: z
        .looseObject({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) })
        .optional(),
    }),
  ),
});

/**
 * Brings the header and the text of a message up to date: reads it back, changes these two, and sends the rest as it
 * came, metadata included. It may be repeated without harm.
 *
 * @returns `later` when trying again may help; `never` when the message is gone, was not ours, or may not be changed
 */
export async function changeHeading(
  sender: WebApiSender,
  change: HeadingChange,
): Promise<"done" | "later" | "never"> {
  const { channelId, ts, headline, sentence } = change;
  try {
    const answer = await sender.call("conversations.history", {
      channel: channelId,
      oldest: ts,
      latest: ts,
      inclusive: true,
      limit: 1,
      include_all_metadata: true,
    });
    const message = found.safeParse(answer).data?.messages.find((one) => one.ts === ts);
    const { blocks, metadata } = message ?? {};
    if (metadata === undefined || blocks?.some(isHeader) !== true) return "never";
    await sender.call("chat.update", {
      channel: channelId,
      ts,
      text: escapeWithin(sentence, limits.text),
      blocks: blocks.map((block) =>
        isHeader(block) ? headerBlock(shorten(headline, limits.header)) : block,
      ),
      metadata,
      parse: "none",
      link_names: false,
    });
    return "done";
  } catch (error) {
    if (error instanceof SlackRefusal) return "never";
    if (error instanceof AppError) return "later";
    throw error;
  }
}

function isHeader({ block_id }: { block_id?: string | undefined }): boolean {
  return block_id === "header";
}
