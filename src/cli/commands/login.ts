import { Argument, Command, Option } from "@commander-js/extra-typings";

import type { Config } from "../../config/config.ts";
import { surroundings, whoCanRead } from "../../config/keychain-advice.ts";
import { keychainOnDemand, openKeychain } from "../../config/keychain.ts";
import { loadConfig } from "../../config/load-config.ts";
import { proxySecrets } from "../../config/proxy.ts";
import { AppError } from "../../errors.ts";
import { loginSage, loginSigning, loginSlack } from "../../pipeline/login.ts";
import { secretStatus, type SecretKind } from "../../pipeline/secret-status.ts";
import { exitCodeOf } from "../exit-code.ts";
import type { Context } from "../program.ts";
import { askHidden, readPiped } from "../prompt.ts";
import { say } from "../render/say.ts";
import { secretLines } from "../render/secrets.ts";

interface LoginOptions {
  readonly config?: string | undefined;
  readonly user?: string | undefined;
  readonly company?: string | undefined;
  readonly passwordStdin?: true | undefined;
  readonly tokenStdin?: true | undefined;
}

export function loginCommand(context: Context) {
  return new Command("login")
    .addArgument(new Argument("[what]", "whose credentials").choices(["sage", "slack", "signing"] as const))
    .option("--config <file>", "configuration file (else SAGE_SLACK_CONFIG, else ./sage-slack.json)")
    .option("--status", "tell where each secret is that a run needs; never the secret")
    .option("--user <user>", "Sage 300 user")
    .option("--company <company>", "only this company (default: all of the configuration)")
    .addOption(new Option("--password-stdin", "read the password from standard input"))
    .addOption(new Option("--token-stdin", "read the token or signing secret from standard input"))
    .addHelpText("after", examples)
    .action(async (what, { status, ...options }) => {
      if (status === true) return showStatus(context, what, options.config);
      return store(context, what ?? nothingNamed(), options);
    });
}

async function showStatus(
  context: Context,
  kind: SecretKind | undefined,
  explicitPath: string | undefined,
): Promise<void> {
  const { host, secrets: known } = context;
  const { config } = await loadConfig({ explicitPath, env: host.env, cwd: host.cwd() });
  for (const secret of proxySecrets(config)) known.add(secret);
  const secrets = await secretStatus(
    { config, env: host.env, keychain: keychainOnDemand(), kind },
    (secret) => void known.add(secret),
  );
  if (secrets.some(({ problem }) => problem !== null)) context.exitCode = exitCodeOf.secrets;
  say(
    context,
    { exitCode: context.exitCode, secrets },
    secretLines(secrets, { isQuiet: host.argv.includes("--quiet"), whoCanRead: whoCanRead(surroundings()) }),
  );
}

async function store(context: Context, what: SecretKind, options: LoginOptions): Promise<void> {
  const { host } = context;
  const { config, stateDirectory } = await loadConfig({
    explicitPath: options.config,
    env: host.env,
    cwd: host.cwd(),
  });
  for (const known of proxySecrets(config)) context.secrets.add(known);
  const { stored, lines, ...more } = await stores[what]({ context, config, stateDirectory, options });
  say(context, { stored, ...more }, [
    ...lines,
    ...stored.map((account) => `Stored in the keychain as ${account}.`),
    whoCanRead(surroundings()),
    ...comesFirst(what, host.env),
    ...nextSteps[what],
  ]);
}

const check = 'Next: "sage-slack test" checks everything that a scheduled run needs.';
const nextSteps: Readonly<Record<SecretKind, readonly string[]>> = {
  sage: ['Next: "sage-slack login slack", unless that is done; then "sage-slack test" checks everything.'],
  slack: [check],
  signing: [check],
};

interface Login {
  readonly context: Context;
  readonly config: Config;
  readonly stateDirectory: string;
  readonly options: LoginOptions;
}

interface Stored {
  readonly stored: readonly string[];
  readonly lines: readonly string[];
  readonly workspace?: string;
}

const stores: Readonly<Record<SecretKind, (login: Login) => Promise<Stored>>> = {
  sage: async ({ context, config, stateDirectory, options }) => {
    const user = options.user ?? missingUser();
    const password = await secretFrom(context, options, `Password of ${user}: `);
    context.secrets.add(`${user.toUpperCase()}:${password}`);
    const keychain = await openKeychain();
    const { company } = options;
    const stored = await loginSage({ config, keychain, stateDirectory, user, password, company });
    return { stored, lines: [`Sage accepts ${user}.`] };
  },
  slack: async ({ context, config, options }) => {
    const token = await tokenFrom(context, options, "Bot token: ");
    const { account, workspace } = await loginSlack({ config, keychain: await openKeychain(), token });
    return { stored: [account], workspace, lines: [`Slack accepts the token for ${workspace}`] };
  },
  signing: async ({ context, config, options }) => {
    const secret = await tokenFrom(context, options, "Signing secret: ");
    return { stored: [await loginSigning({ config, keychain: await openKeychain(), secret })], lines: [] };
  },
};

async function secretFrom(context: Context, options: LoginOptions, label: string): Promise<string> {
  const isPiped = options.passwordStdin === true || options.tokenStdin === true;
  const value = isPiped ? await readPiped(context.host) : await askHidden(context.host, label);
  context.secrets.add(value);
  return value;
}

/** None holds a space, but `echo TOKEN | sage-slack ...` of cmd adds one. */
async function tokenFrom(context: Context, options: LoginOptions, label: string): Promise<string> {
  const token = (await secretFrom(context, options, label)).trim();
  context.secrets.add(token);
  return token;
}

const variables: Readonly<Record<SecretKind, readonly string[]>> = {
  sage: ["SAGE_SLACK_SAGE_USER", "SAGE_SLACK_SAGE_PASSWORD"],
  slack: ["SAGE_SLACK_SLACK_TOKEN"],
  signing: ["SAGE_SLACK_SIGNING_SECRET"],
};

/** Whoever stores a new secret while an old one stands in the environment would wonder. */
function comesFirst(what: SecretKind, env: Context["host"]["env"]): string[] {
  const names = variables[what].flatMap((name) => [name, `${name}_FILE`]);
  const set = names.filter((name) => (env[name] ?? "") !== "");
  if (set.length === 0) return [];
  return [`${set.join(" and ")} of this environment come before the keychain: a run from here uses those.`];
}

function missingUser(): never {
  throw new AppError("usage", "login sage needs the Sage 300 user", {
    hint: "sage-slack login sage --user WEBAPI",
  });
}

function nothingNamed(): never {
  throw new AppError("usage", "login needs to know whose credentials: sage, slack or signing", {
    hint: '"sage-slack login --status" tells which ones are there.',
  });
}

const examples = `
Run it as the user that the scheduler uses: the keychain belongs to a user.
--status exits 7 when a secret that a run needs is nowhere, or the keychain does
not give it.

Examples:
  sage-slack login sage --user WEBAPI
  sage-slack login slack
  type token.txt | sage-slack login slack --token-stdin
  sage-slack login --status`;
