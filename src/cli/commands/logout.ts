import { Argument, Command } from "@commander-js/extra-typings";

import { openKeychain } from "../../config/keychain.ts";
import { loadConfig } from "../../config/load-config.ts";
import { accountsOf } from "../../pipeline/secret-status.ts";
import type { Context } from "../program.ts";
import { say } from "../render/say.ts";

export function logoutCommand(context: Context) {
  const { host } = context;
  return new Command("logout")
    .addArgument(
      new Argument("[what]", "whose; all when left out").choices(["sage", "slack", "signing"] as const),
    )
    .option("--config <file>", "configuration file (else SAGE_SLACK_CONFIG, else ./sage-slack.json)")
    .addHelpText("after", examples)
    .action(async (what, options) => {
      const { config } = await loadConfig({
        explicitPath: options.config,
        env: host.env,
        cwd: host.cwd(),
      });
      const keychain = await openKeychain();
      const accounts = accountsOf(config);
      const removed: string[] = [];
      for (const account of what === undefined ? Object.values(accounts).flat() : accounts[what]) {
        if (await keychain.delete(account)) removed.push(account);
      }
      say(
        context,
        { removed },
        removed.length === 0 ? ["Nothing was stored."] : removed.map((account) => `Removed ${account}.`),
      );
    });
}

const examples = `
Examples:
  sage-slack logout            everything that login has stored
  sage-slack logout slack      the token alone`;
