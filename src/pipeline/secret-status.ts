import type { Config } from "../config/config.ts";
import {
  sageCredentials,
  signingSecretOf,
  slackTokenOf,
  type FoundSecret,
  type Secret,
  type SecretsOptions,
} from "../config/secrets.ts";
import { AppError } from "../errors.ts";

/** Whose credentials, as `login` and `logout` name them. */
export type SecretKind = "sage" | "slack" | "signing";

/** Public with `login --status --json`: where a run finds one secret. */
export interface SecretStatus {
  /** `SAMINC user and password` */
  readonly name: string;
  /** Under which `login` keeps it in the keychain. */
  readonly account: string;
  /** A run does without the others. */
  readonly isNeeded: boolean;
  /** Where it is, in words: `the environment`, `the file PATH (VARIABLE)`, `the keychain (ACCOUNT)`; null where it is nowhere. */
  readonly origin: string | null;
  /** Why a run would not get it. */
  readonly problem: string | null;
  readonly hint: string | null;
}

/** The keychain accounts of a configuration. */
export function accountsOf({ sage, slack }: Config): Readonly<Record<SecretKind, string[]>> {
  const [sageHost, slackHost] = [new URL(sage.url).host, new URL(slack.apiUrl).host];
  return {
    sage: sage.companies.map((company) => `sage:${sageHost}/${company}`),
    slack: [`slack:${slackHost}`],
    signing: [`signing:${slackHost}`],
  };
}

/**
 * Looks for each secret where a run would; asks neither Sage nor Slack.
 *
 * @param remember is told each secret, so that no text can show it
 */
export async function secretStatus(
  options: SecretsOptions & { readonly kind?: SecretKind | undefined },
  remember: (secret: string) => void,
): Promise<SecretStatus[]> {
  const found: SecretStatus[] = [];
  for (const { find, ...wanted } of wantedSecrets(options)) {
    if (options.kind !== undefined && wanted.kind !== options.kind) continue;
    const { name, account, isNeeded } = wanted;
    found.push({ name, account, isNeeded, ...(await look(find, remember)) });
  }
  return found;
}

interface Wanted {
  readonly kind: SecretKind;
  readonly name: string;
  readonly account: string;
  readonly isNeeded: boolean;
  readonly find: () => Promise<{ readonly origin: string; readonly secrets: readonly Secret[] } | null>;
}

function wantedSecrets(options: SecretsOptions): Wanted[] {
  const accounts = accountsOf(options.config);
  const ofSage = options.config.sage.companies.map((company, index) => ({
    kind: "sage" as const,
    name: `${company} user and password`,
    account: accounts.sage[index] ?? "",
    isNeeded: true,
    find: async () => {
      const { origin, password, spellings } = await sageCredentials(options, company);
      return { origin, secrets: [password, ...spellings] };
    },
  }));
  return [
    ...ofSage,
    {
      kind: "slack",
      name: "Slack token",
      account: accounts.slack.join(),
      isNeeded: true,
      find: async () => alone(await slackTokenOf(options)),
    },
    {
      kind: "signing",
      name: "signing secret",
      account: accounts.signing.join(),
      isNeeded: false,
      find: async () => alone(await signingSecretOf(options)),
    },
  ];
}

function alone(found: FoundSecret | null) {
  return found === null ? null : { origin: found.origin, secrets: [found.secret] };
}

async function look(find: Wanted["find"], remember: (secret: string) => void) {
  try {
    const found = await find();
    for (const secret of found?.secrets ?? []) remember(secret.reveal());
    return { origin: found?.origin ?? null, problem: null, hint: null };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { origin: null, problem: error.message, hint: error.hint ?? null };
  }
}
