import { Argument, Command } from "@commander-js/extra-typings";

import { AppError } from "../../errors.ts";
import { changeOutbox, dropBackfills, listOutbox, type Undelivered } from "../../pipeline/outbox.ts";
import type { Context } from "../program.ts";
import { loggerFor } from "../render/log-lines.ts";
import { say } from "../render/say.ts";

export function outboxCommand(context: Context) {
  const { host } = context;
  return new Command("outbox")
    .addArgument(new Argument("[change]", "what to do with one message").choices(["retry", "drop"] as const))
    .argument(
      "[id]",
      "key of the message, or enough of its beginning; COMPANY/SOURCE drops the rest of its history (poll --since)",
    )
    .option("--channel <name>", "with retry: where it goes instead of its own channel")
    .option("--config <file>", "configuration file (else SAGE_SLACK_CONFIG, else ./sage-slack.json)")
    .addHelpText("after", examples)
    .action(async (change, id, options) => {
      const installation = { env: host.env, cwd: host.cwd(), explicitPath: options.config };
      if (change === undefined) {
        const { messages, note } = await listOutbox(installation);
        if (note !== null) loggerFor(context).warn(note);
        return say(context, { messages }, linesOf(messages));
      }
      if (id === undefined) {
        throw new AppError("usage", `outbox ${change} needs the key of a message`, {
          hint: '"sage-slack outbox" lists them.',
        });
      }
      if (change === "drop" && id.includes("/")) {
        const { backfills, note } = await dropBackfills(installation, id);
        if (note !== null) loggerFor(context).warn(note);
        return say(context, { backfills }, [`History of ${id}: no more of it is read.`]);
      }
      const { channel } = options;
      if (channel !== undefined && change === "drop") {
        throw new AppError("usage", "outbox drop takes no --channel: nothing is sent");
      }
      const { message, note } = await changeOutbox(installation, { change, id, channel });
      if (note !== null) loggerFor(context).warn(note);
      const where = channel === undefined ? "" : ` to ${channel}`;
      return say(context, { message }, [`${message.key.slice(0, 12)}: ${outcomes[change]}${where}.`]);
    });
}

const outcomes = { retry: "the next run sends it", drop: "it will not be sent" } as const;

const words = { pending: "waiting", inflight: "uncertain", dead: "dead letter" } as const;

function linesOf(messages: readonly Undelivered[]): string[] {
  if (messages.length === 0) return ["Everything is delivered."];
  return messages.flatMap(({ key, channel, status, reason, text, next }) => {
    const id = key.slice(0, 12);
    const { retry, move, drop } = next.commands;
    return [
      `${id}  ${channel}  ${words[status]}${reason === null ? "" : ` (${reason})`}`,
      `  ${text}`,
      `  ${next.happens}`,
      ...(retry === null ? [] : [`  sage-slack outbox retry ${id}   ${retry}`]),
      ...(move === null ? [] : [`  sage-slack outbox retry ${id} --channel "#NAME"   ${move}`]),
      `  sage-slack outbox drop ${id}    ${drop}`,
    ];
  });
}

const examples = `
A retried message that may already have arrived is marked as a possible repeat.

Examples:
  sage-slack outbox
  sage-slack outbox retry 5f0c2a91
  sage-slack outbox retry 5f0c2a91 --channel "#accounts-payable"
  sage-slack outbox drop 5f0c2a91
  sage-slack outbox drop SAMINC/ap-invoices    reads no more of that history`;
