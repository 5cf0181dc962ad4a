import { Argument, Command, Option } from "@commander-js/extra-typings";

import { openKeychain } from "../../config/keychain.ts";
import { loadConfig } from "../../config/load-config.ts";
import { proxySecrets } from "../../config/proxy.ts";
import { AppError } from "../../errors.ts";
import { loginSage, loginSlack } from "../../pipeline/login.ts";
import type { Host } from "../host.ts";
import type { Context } from "../program.ts";
import { askHidden, readPiped } from "../prompt.ts";
import { say } from "../render/say.ts";

export function loginCommand(context: Context) {
  const { host } = context;
  return new Command("login")
    .addArgument(new Argument("<what>", "whose credentials").choices(["sage", "slack", "signing"] as const))
    .option("--config <file>", "configuration file (else SAGE_SLACK_CONFIG, else ./sage-slack.json)")
    .option("--user <user>", "Sage 300 user")
    .option("--company <company>", "only this company (default: all of the configuration)")
    .addOption(new Option("--password-stdin", "read the password from standard input"))
    .addOption(new Option("--token-stdin", "read the token or signing secret from standard input"))
    .addHelpText("after", examples)
    .action(async (what, options) => {
      const { config, stateDirectory } = await loadConfig({
        explicitPath: options.config,
        env: host.env,
        cwd: host.cwd(),
      });
      for (const known of proxySecrets(config)) context.secrets.add(known);
      const keychain = await openKeychain();
      const isPiped = options.passwordStdin === true || options.tokenStdin === true;
      const secret = async (label: string) => {
        const value = isPiped ? await readPiped(host) : await askHidden(host, label);
        context.secrets.add(value);
        return value;
      };
      if (what === "sage") {
        const user = options.user ?? missingUser();
        const password = await secret(`Password of ${user}: `);
        context.secrets.add(`${user.toUpperCase()}:${password}`);
        const accounts = await loginSage({
          config,
          keychain,
          stateDirectory,
          user,
          password,
          company: options.company,
        });
        return say(context, { stored: accounts }, [
          `Sage accepts ${user}.`,
          ...stored(accounts),
          nextStep(host),
        ]);
      }
      if (what === "slack") {
        const { account, workspace } = await loginSlack({
          config,
          keychain,
          token: await secret("Bot token: "),
        });
        return say(context, { stored: [account], workspace }, [
          `Slack accepts the token for ${workspace}`,
          ...stored([account]),
          nextStep(host),
        ]);
      }
      const account = `signing:${new URL(config.slack.apiUrl).host}`;
      await keychain.set(account, await secret("Signing secret: "));
      return say(context, { stored: [account] }, stored([account]));
    });
}

function missingUser(): never {
  throw new AppError("usage", "login sage needs the Sage 300 user", {
    hint: "sage-slack login sage --user WEBAPI",
  });
}

function stored(accounts: readonly string[]): string[] {
  return accounts.map((account) => `Stored in the keychain as ${account}.`);
}

function nextStep(_host: Host): string {
  return 'Next: "sage-slack test" checks everything that a scheduled run needs.';
}

const examples = `
Run it as the user that the scheduler uses: the keychain belongs to a user.

Examples:
  sage-slack login sage --user WEBAPI
  sage-slack login slack
  type token.txt | sage-slack login slack --token-stdin`;
