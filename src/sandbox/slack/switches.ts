/** What Slack does not document, or documents in two ways. Every switch may be changed while the simulator runs. */
export interface SlackSwitches {
  /** `text` over 4,040 characters without blocks: several messages of 4,000 each, or `msg_too_long`. */
  longText: "split" | "reject";
  /** The answer to a `thread_ts` that names no message of the channel. */
  missingThread: "cannot_reply_to_message" | "thread_not_found" | "post-anyway";
  /** Whether a private channel may be named instead of given by id. */
  privateByName: boolean;
  /** `client_msg_id`: ignored, a second post with the same one dropped, or refused as a stray duplicate. */
  clientMessageId: "ignore" | "deduplicate" | "reject";
  /** Whether `auth.test` names the app (`app_id`, `app_name`). */
  authTestNamesApp: boolean;
  /** Whether a page of a list holds about half of what `limit` allows, as Slack reserves for itself. */
  shortPages: boolean;
  /** The error of a second table in one message. */
  secondTable: "invalid_attachments" | "invalid_blocks";
  /** Whether `verbatim: true` keeps raw `@here`, `#channel` and URLs of a text object literal. */
  verbatimStopsParsing: boolean;
  /** Whether mentions in `text` notify although the message has blocks. */
  fallbackTextMentions: boolean;
  /** Whether mention markup in a `markdown` block notifies. */
  markdownBlockMentions: boolean;
  /** Whether a `chat.update` without `metadata` leaves the earlier metadata in place. */
  updateKeepsMetadata: boolean;
  /** Whether people can write to the app, which posting to a user needs. */
  messagesTab: boolean;
  /** Whether history and replies leave out `event_payload` even when asked for all metadata. */
  historyWithholdsPayload: boolean;
  /** History and replies as newly distributed apps get them: 15 objects, one request a minute. */
  historyLimit15: boolean;
  /** After so many pages history says `has_more` without a cursor; `undefined` for no such end. */
  historyMaxPages: number | undefined;
  /** How many posts one channel takes at once before the pace of one a second holds. */
  burst: number;
  /** Posts a minute over all channels of the workspace. */
  postsPerMinute: number;
  /** How many times a method's published tier is really allowed in a minute. */
  tierAllowance: number;
  /** Whether a 429 says how long to wait. */
  retryAfterHeader: "present" | "absent";
  /** Largest metadata accepted, in bytes of JSON. */
  metadataMaxBytes: number;
  /** Largest number of characters over all blocks of a message. */
  blocksMaxCharacters: number;
}

export const defaultSwitches: Readonly<SlackSwitches> = {
  longText: "split",
  missingThread: "cannot_reply_to_message",
  privateByName: false,
  clientMessageId: "ignore",
  authTestNamesApp: false,
  shortPages: true,
  secondTable: "invalid_attachments",
  verbatimStopsParsing: true,
  fallbackTextMentions: true,
  markdownBlockMentions: true,
  updateKeepsMetadata: true,
  messagesTab: true,
  historyWithholdsPayload: false,
  historyLimit15: false,
  historyMaxPages: undefined,
  burst: 1,
  postsPerMinute: 300,
  tierAllowance: 2,
  retryAfterHeader: "present",
  metadataMaxBytes: 8_192,
  blocksMaxCharacters: 13_200,
};
