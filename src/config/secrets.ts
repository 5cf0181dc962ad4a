import { readFile, stat } from "node:fs/promises";
import { inspect } from "node:util";

import { AppError } from "../errors.ts";
import { isForeign, mayOthersWrite } from "../runtime/durable-file.ts";
import { z } from "../runtime/zod.ts";
import type { Config } from "./config.ts";
import { decode } from "./guarded-file.ts";
import type { Keychain } from "./keychain.ts";

const hidden = "[secret]";

/** A value that cannot be printed, logged or serialised by accident. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return hidden;
  }

  toJSON(): string {
    return hidden;
  }

  [inspect.custom](): string {
    return hidden;
  }
}

export interface SageCredentials {
  /** Where they come from, in words: `the keychain (sage:erp.example.com/SAMINC)`. */
  readonly origin: string;
  readonly user: string;
  readonly password: Secret;
  /** In which else they are written: as somebody typed them, and as the header of a request has them. */
  readonly spellings: readonly Secret[];
}

export interface Secrets {
  readonly sage: (company: string) => SageCredentials;
  readonly slackToken: Secret;
  readonly signingSecret: Secret | null;
  /** Every secret there is, so that texts can be cleared of them. */
  readonly values: readonly Secret[];
}

export interface SecretsOptions {
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly keychain: () => Promise<Keychain>;
}

const stored = z.object({ user: z.string().min(1), password: z.string() });
const maxBytes = 4096;
/** More than any token, and than a user and password together. */
const longestSecret = 2048;

/**
 * The secrets of a run: environment, then files that the environment names, then the keychain.
 *
 * @throws AppError `secrets`, naming what is missing and what to do where the scheduler runs
 */
export async function loadSecrets(options: SecretsOptions): Promise<Secrets> {
  const { config } = options;
  const credentials = new Map<string, SageCredentials>();
  for (const company of config.sage.companies)
    credentials.set(company, await sageCredentials(options, company));
  const { secret: slackToken } = await slackTokenOf(options);
  const signing = (await signingSecretOf(options))?.secret ?? null;
  const passwords = [...credentials.values()].flatMap(({ password, spellings }) => [password, ...spellings]);
  return {
    sage: (company) => {
      const found = credentials.get(company);
      if (found === undefined) throw new Error(`no credentials for ${company}`);
      return found;
    },
    slackToken,
    signingSecret: signing,
    values: [...passwords, slackToken, ...(signing === null ? [] : [signing])],
  };
}

/** A secret and where it comes from, in words. */
export interface FoundSecret {
  readonly secret: Secret;
  readonly origin: string;
}

/** @throws AppError `secrets` */
export async function slackTokenOf(options: SecretsOptions): Promise<FoundSecret> {
  const { host } = new URL(options.config.slack.apiUrl);
  const found =
    (await given(options.env, "SAGE_SLACK_SLACK_TOKEN")) ?? (await fromKeychain(options, `slack:${host}`));
  if (found === null)
    throw await missing(options, {
      what: "the Slack token",
      variables: "SAGE_SLACK_SLACK_TOKEN",
      command: "slack",
    });
  if (!/^[\x21-\x7E]+$/.test(found.value)) {
    throw new AppError("secrets", "the Slack token holds a space or a letter that no token has", {
      hint: "Copy it anew from the app's page. It begins with xoxb-.",
    });
  }
  return { secret: new Secret(found.value), origin: found.origin };
}

/** @throws AppError `secrets` */
export async function sageCredentials(options: SecretsOptions, company: string): Promise<SageCredentials> {
  const { config, env } = options;
  const user = await given(env, "SAGE_SLACK_SAGE_USER");
  const password = await given(env, "SAGE_SLACK_SAGE_PASSWORD", { mayBeEmpty: true });
  if (user !== null && password !== null) {
    const origin = user.origin === password.origin ? user.origin : `${user.origin} and ${password.origin}`;
    return asSageWants(config, { user: user.value, password: password.value, origin });
  }
  if (user !== null || password !== null) {
    const name = user === null ? "SAGE_SLACK_SAGE_USER" : "SAGE_SLACK_SAGE_PASSWORD";
    throw new AppError("secrets", `${name} is missing while the other of user and password is set`, {
      hint: "Set both, or neither and use the keychain.",
    });
  }
  const account = `sage:${new URL(config.sage.url).host}/${company}`;
  const found = await fromKeychain(options, account);
  if (found === null)
    throw await missing(options, {
      what: `user and password of Sage for ${company}`,
      variables: "SAGE_SLACK_SAGE_USER and SAGE_SLACK_SAGE_PASSWORD",
      command: "sage --user WEBAPI",
    });
  const read = stored.safeParse(parsed(found.value));
  if (!read.success) {
    throw new AppError("secrets", `the keychain entry ${account} is not one of this program`, {
      hint: 'Store it anew: "sage-slack login sage".',
    });
  }
  return asSageWants(config, { ...read.data, origin: found.origin });
}

/** Sage keeps user ids, and passwords without complexity rules, in upper case. */
function asSageWants(
  { sage }: Config,
  { user, password, origin }: { user: string; password: string; origin: string },
): SageCredentials {
  const spelled = sage.passwordCase === "upper" ? password.toUpperCase() : password;
  const pair = `${user.toUpperCase()}:${spelled}`;
  return {
    origin,
    user: user.toUpperCase(),
    password: new Secret(spelled),
    spellings: [new Secret(password), new Secret(pair)],
  };
}

/**
 * The signing secret, which is optional.
 *
 * @throws AppError `secrets`
 */
export async function signingSecretOf(options: SecretsOptions): Promise<FoundSecret | null> {
  const { env, config } = options;
  const found = await given(env, "SAGE_SLACK_SIGNING_SECRET");
  if (found !== null) return { secret: new Secret(found.value), origin: found.origin };
  // Everything else came from the environment: the keychain may not even be there, and the signature is optional.
  const isHeadless =
    (await given(env, "SAGE_SLACK_SLACK_TOKEN")) !== null && config.sage.companies.length > 0;
  if (isHeadless) return null;
  const kept = await fromKeychain(options, `signing:${new URL(config.slack.apiUrl).host}`);
  return kept === null ? null : { secret: new Secret(kept.value), origin: kept.origin };
}

interface Given {
  readonly value: string;
  readonly origin: string;
}

/** The variable, or the file that `<name>_FILE` names; null when neither is set. */
async function given(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  { mayBeEmpty = false }: { mayBeEmpty?: boolean } = {},
): Promise<Given | null> {
  const path = env[`${name}_FILE`];
  const isFile = env[name] === undefined && path !== undefined && path !== "";
  const value = env[name] ?? (isFile ? await readSecretFile(path, name) : null);
  if (value === null) return null;
  if (!(value === "" && mayBeEmpty)) check(value, name);
  return { value, origin: isFile ? `the file ${path} (${name}_FILE)` : "the environment" };
}

async function fromKeychain({ keychain }: SecretsOptions, account: string): Promise<Given | null> {
  const value = await (await keychain()).get(account);
  if (value === null) return null;
  check(value, `the keychain entry ${account}`);
  return { value, origin: `the keychain (${account})` };
}

/** Why this cannot be a secret, in words that go on after its name; null when it can be one. */
export function problemOf(value: string): string | null {
  if (value === "") return "is empty";
  if (value.length > longestSecret) return `is longer than ${longestSecret} characters`;
  const hasControls = /[\u0000-\u001F\u007F]/.test(value);
  return hasControls ? "holds a line break or another control character" : null;
}

/** What cannot be a secret is named before a server is asked with it; its value never is. */
function check(value: string, name: string): void {
  const problem = problemOf(value);
  if (problem === null) return;
  throw new AppError("secrets", `${name} ${problem}`, {
    hint: "Store the value alone, without anything before or after it.",
  });
}

async function readSecretFile(path: string, name: string): Promise<string> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new AppError("secrets", `${name}_FILE does not name a file: ${path}`);
    if (mayOthersWrite(found)) {
      throw new AppError("secrets", `others may write to the file of ${name}: ${path}`, {
        hint: `chmod go-w "${path}"`,
      });
    }
    if (isForeign(found.uid)) {
      throw new AppError("secrets", `the file of ${name} belongs to another user (${found.uid}): ${path}`, {
        hint: "It must belong to the user of the run, or to root.",
      });
    }
    if (found.size > maxBytes)
      throw new AppError("secrets", `the file of ${name} is larger than 4 KB: ${path}`);
    // Sage would take letters of another encoding for a wrong password, and lock the account.
    return decode(await readFile(path), `the file of ${name}`).replace(/\r?\n$/, "");
  } catch (error) {
    if (error instanceof AppError) {
      const { message, hint } = error;
      throw new AppError("secrets", message, hint === undefined ? {} : { hint });
    }
    throw new AppError("secrets", `cannot read the file of ${name}: ${path}`, { cause: error });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** A locked keychain has nothing to show either; that is said first. */
async function missing(
  { keychain }: SecretsOptions,
  { what, variables, command }: { what: string; variables: string; command: string },
): Promise<AppError> {
  await (await keychain()).ensureUnlocked();
  return new AppError("secrets", `not stored for this user: ${what}`, {
    hint: `Run "sage-slack login ${command}" as the user that the scheduler uses, or set ${variables} (or the same with _FILE).`,
  });
}
