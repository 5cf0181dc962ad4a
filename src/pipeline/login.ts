import type { Config } from "../config/config.ts";
import type { Keychain } from "../config/keychain.ts";
import { AppError } from "../errors.ts";
import { WebApiSender } from "../slack/sender.ts";
import { acquireRunLock } from "../state/run-lock.ts";
import { openStateFile, readStateFile } from "../state/state-file.ts";
import { accountsOf } from "./secret-status.ts";
import { probe } from "./preflight.ts";
import { sageClient } from "./sage-client.ts";

export interface SageLogin {
  readonly config: Config;
  readonly keychain: Keychain;
  readonly stateDirectory: string;
  readonly user: string;
  readonly password: string;
  /** Only this company; all of the configuration's when absent. */
  readonly company?: string | undefined;
}

/**
 * Checks user and password with one request for each company, then stores them.
 *
 * @returns the keychain accounts that were written
 * @throws AppError `auth` when Sage refuses them; nothing is stored then
 */
export async function loginSage(login: SageLogin): Promise<string[]> {
  const { config, keychain, company } = login;
  const companies = config.sage.companies.filter(
    (id) => company === undefined || id === company.toUpperCase(),
  );
  if (companies.length === 0) {
    throw new AppError("usage", `${company} is not one of the companies in the configuration`, {
      hint: `They are: ${config.sage.companies.join(", ")}.`,
    });
  }
  for (const id of companies) await verifySage(login, id);
  // Before storing: where there is no keychain, the environment's credentials are to be tried again all the same.
  await forgetRefusal(login.stateDirectory);
  const host = new URL(config.sage.url).host;
  const accounts = companies.map((id) => `sage:${host}/${id}`);
  for (const account of accounts) {
    await keychain.set(account, JSON.stringify({ user: login.user, password: login.password }));
  }
  return accounts;
}

async function verifySage({ config, user, password }: SageLogin, company: string): Promise<void> {
  const client = sageClient(config, company, {
    user: user.toUpperCase(),
    password: config.sage.passwordCase === "upper" ? password.toUpperCase() : password,
  });
  try {
    await probe(client, config);
  } finally {
    client.close();
  }
}

/** The same credentials may be right now: a password can be reset in Sage. */
async function forgetRefusal(directory: string): Promise<void> {
  if ((await readStateFile({ directory }))?.refusedCredentials == null) return;
  const lock = await acquireRunLock({ directory });
  try {
    const store = await openStateFile({ directory, lock });
    await store.commit((state) => ({ ...state, refusedCredentials: null }));
  } finally {
    await lock.release();
  }
}

/**
 * Checks the bot token with `auth.test`, then stores it.
 *
 * @returns the keychain account that was written, and the workspace the token belongs to
 */
export async function loginSlack(login: {
  readonly config: Config;
  readonly keychain: Keychain;
  readonly token: string;
}): Promise<{ account: string; workspace: string }> {
  const { config, keychain, token } = login;
  const sender = new WebApiSender({
    token,
    apiUrl: config.slack.apiUrl,
    macKey: "",
    proxyUrl: config.slack.proxy,
  });
  const { url } = await sender.authTest();
  const account = accountsOf(config).slack.join();
  await keychain.set(account, token);
  return { account, workspace: url };
}

/**
 * Stores the signing secret. Nobody can tell whether it is right but who checks the signatures.
 *
 * @returns the keychain account that was written
 */
export async function loginSigning(login: {
  readonly config: Config;
  readonly keychain: Keychain;
  readonly secret: string;
}): Promise<string> {
  const account = accountsOf(login.config).signing.join();
  await login.keychain.set(account, login.secret);
  return account;
}
