import { surroundings, whoCanRead } from "../../config/keychain-advice.ts";
import {
  sageCredentials,
  signingSecretOf,
  slackTokenOf,
  type FoundSecret,
  type SageCredentials,
  type SecretsOptions,
} from "../../config/secrets.ts";
import { failedBy, passed, type Check } from "./check.ts";

export interface FoundSecrets {
  readonly checks: readonly Check[];
  /** By company; without those that are missing. */
  readonly sage: ReadonlyMap<string, SageCredentials>;
  readonly slackToken: FoundSecret | null;
  readonly signingSecret: FoundSecret | null;
}

/** Looks for each secret where a run would, and says where it was found; never the secret. */
export async function findSecrets(
  options: SecretsOptions,
  remember: (secret: string) => void,
): Promise<FoundSecrets> {
  const checks: Check[] = [];
  const look = async <Found extends { origin: string }>(name: string, find: () => Promise<Found | null>) => {
    try {
      const found = await find();
      if (found !== null) checks.push(passed(name, `from ${found.origin}`));
      return found;
    } catch (error) {
      checks.push(failedBy(name, error));
      return null;
    }
  };
  const sage = new Map<string, SageCredentials>();
  for (const company of options.config.sage.companies) {
    const found = await look(`${company} user and password`, () => sageCredentials(options, company));
    if (found === null) continue;
    sage.set(company, found);
    for (const secret of [found.password, ...found.spellings]) remember(secret.reveal());
  }
  const slackToken = await look("Slack token", () => slackTokenOf(options));
  const signingSecret = await look("signing secret", () => signingSecretOf(options));
  for (const found of [slackToken, signingSecret]) if (found !== null) remember(found.secret.reveal());
  if (isFromKeychain(checks)) checks.push(passed("keychain", whoCanRead(surroundings())));
  return { checks, sage, slackToken, signingSecret };
}

/** What is read here may not be readable where the scheduler runs. */
function isFromKeychain(checks: readonly Check[]): boolean {
  return checks.some(({ detail }) => detail.startsWith("from the keychain"));
}
