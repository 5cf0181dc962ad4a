import { checkBlocks } from "./block-kit.ts";
import { cellCharactersOf, charactersOf, tablesOf } from "./block-measure.ts";
import type { CallContext } from "./call-context.ts";
import { isList, isObject, listOf, stringOf, type Json, type JsonObject } from "./json.ts";
import { SlackRefusal } from "./refusal.ts";

/** Over all cells of the one table that a message may have. */
const maxCellCharacters: Readonly<Record<string, number>> = { table: 10_000, data_table: 20_000 };
const maxAttachments = 100;
const maxMarkdown = 12_000;

export interface MessageContent {
  readonly text: string;
  /** Whether `text` came as `markdown_text`, which has a limit of its own. */
  readonly isMarkdown: boolean;
  readonly blocks: readonly JsonObject[] | undefined;
  readonly attachments: readonly Json[] | undefined;
  readonly metadata: JsonObject | undefined;
}

/** The content arguments that chat.postMessage and chat.update share, or the refusal they deserve. */
export function readContent(context: CallContext): MessageContent {
  const { args } = context;
  const markdown = args.string("markdown_text");
  const text = args.string("text");
  const blocks = readBlocks(context);
  if (markdown !== undefined && (text !== undefined || blocks !== undefined)) {
    throw new SlackRefusal("markdown_text_conflict");
  }
  if (markdown !== undefined && markdown.length > maxMarkdown) throw new SlackRefusal("msg_too_long");
  const attachments = readAttachments(context);
  refuseTooMuch(context, { blocks: blocks ?? [], attached: (attachments ?? []).flatMap(blocksOf) });
  return {
    text: text ?? markdown ?? "",
    isMarkdown: markdown !== undefined,
    blocks,
    attachments,
    metadata: readMetadata(context),
  };
}

/** The body of a refusal about blocks, with JSON pointers into the arguments. */
function blockRefusal(code: string, findings: readonly string[]): SlackRefusal {
  return new SlackRefusal(code, {
    errors: findings,
    response_metadata: { messages: findings.map((finding) => `[ERROR] ${finding}`) },
  });
}

function readBlocks(context: CallContext): readonly JsonObject[] | undefined {
  const blocks = context.args.structure("blocks", "invalid_blocks_format");
  if (blocks === undefined) return undefined;
  if (!isList(blocks)) throw new SlackRefusal("invalid_blocks_format");
  refuseBadBlocks(blocks, "/blocks");
  return blocks.filter(isObject);
}

function refuseBadBlocks(blocks: readonly Json[], at: string): void {
  const issues = checkBlocks(blocks);
  if (issues.length === 0) return;
  throw blockRefusal(
    "invalid_blocks",
    issues.map(({ message, pointer }) => `${message} [json-pointer:${at}${pointer}]`),
  );
}

interface MessageBlocks {
  readonly blocks: readonly Json[];
  /** The blocks of all attachments. */
  readonly attached: readonly Json[];
}

/** What holds for the message as a whole: blocks and attachments together. */
function refuseTooMuch({ switches }: CallContext, { blocks, attached }: MessageBlocks): void {
  const tables = tablesOf([...blocks, ...attached]);
  const pointer = `[json-pointer:${tablesOf(attached).length > 0 ? "/attachments" : "/blocks"}]`;
  if (tables.length > 1) throw blockRefusal(switches.secondTable, [`only_one_table_allowed ${pointer}`]);
  for (const table of tables) {
    const max = maxCellCharacters[stringOf(table["type"])] ?? Infinity;
    if (cellCharactersOf(table) <= max) continue;
    throw blockRefusal("invalid_blocks", [
      `table cells must be less than ${max + 1} characters in total ${pointer}`,
    ]);
  }
  if (charactersOf([...blocks, ...attached]) > switches.blocksMaxCharacters) {
    throw new SlackRefusal("msg_blocks_too_long");
  }
}

function readAttachments(context: CallContext): readonly Json[] | undefined {
  const attachments = context.args.structure("attachments", "invalid_attachments");
  if (attachments === undefined) return undefined;
  if (!isList(attachments)) throw new SlackRefusal("invalid_attachments");
  if (attachments.length > maxAttachments) throw new SlackRefusal("too_many_attachments");
  attachments.forEach((attachment, index) => {
    refuseBadBlocks(blocksOf(attachment), `/attachments/${index}/blocks`);
  });
  return attachments;
}

function blocksOf(attachment: Json): readonly Json[] {
  return isObject(attachment) ? listOf(attachment["blocks"]) : [];
}

/** https://docs.slack.dev/messaging/message-metadata/ */
function readMetadata(context: CallContext): JsonObject | undefined {
  const metadata = context.args.structure("metadata", "invalid_metadata_format");
  if (metadata === undefined) return undefined;
  if (!isObject(metadata)) throw new SlackRefusal("invalid_metadata_format");
  if (Object.keys(metadata).length === 0) return metadata;
  if (stringOf(metadata["event_type"]) === "" || !isObject(metadata["event_payload"])) {
    throw new SlackRefusal("invalid_metadata_schema");
  }
  if (Buffer.byteLength(JSON.stringify(metadata)) > context.switches.metadataMaxBytes) {
    throw new SlackRefusal("metadata_too_large");
  }
  return metadata;
}
