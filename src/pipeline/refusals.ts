import { createHmac } from "node:crypto";

import type { SageCredentials } from "../config/secrets.ts";
import { AppError } from "../errors.ts";
import type { Company, Ports } from "./ports.ts";

/**
 * Credentials that Sage refused are not tried again until they change: a schedule must not lock an account. Companies
 * may have credentials of their own, so the state keeps a hash for each, separated by spaces.
 *
 * @throws AppError `auth` when those of this company are among them
 */
export function checkRefusals({ store }: Ports, company: Company): void {
  if (!refusedOf(store.state.refusedCredentials).includes(company.credentials)) return;
  throw new AppError(
    "auth",
    `Sage refused the user and password for ${company.id} before; they have not changed`,
    {
      hint: 'Not tried again, because it can lock the account. Run "sage-slack login sage" with the right ones, or "sage-slack test" once the server takes these.',
    },
  );
}

/** Keeps in the state whether this company's credentials were refused, and from whoever else would use them. */
export async function noteRefusal({ store, sage }: Ports, company: Company): Promise<void> {
  for (const { client, credentials } of sage) {
    if (credentials === company.credentials) client.refusal ??= company.client.refusal;
  }
  const before = refusedOf(store.state.refusedCredentials);
  const used = new Set(sage.map(({ credentials }) => credentials));
  const others = before.filter((hash) => used.has(hash) && hash !== company.credentials);
  const after = company.client.refusal === null ? others : [...others, company.credentials];
  const hashes = after.length === 0 ? null : after.join(" ");
  if (hashes === store.state.refusedCredentials) return;
  await store.commit((state) => ({ ...state, refusedCredentials: hashes }));
}

/** What is kept of refused credentials: enough to know them again, and nothing to guess them by. */
export function credentialsHash(salt: string, url: string, { user, password }: SageCredentials): string {
  return createHmac("sha256", salt)
    .update(JSON.stringify([url, user, password.reveal()]))
    .digest("hex");
}

/** The remembered refusals with what was found out since; hashes of {@link credentialsHash}. */
export function withRefusals(
  before: string | null,
  found: { readonly refused: readonly string[]; readonly accepted: readonly string[] },
): string | null {
  const kept = refusedOf(before).filter((hash) => !found.accepted.includes(hash));
  const after = [...new Set([...kept, ...found.refused])];
  return after.length === 0 ? null : after.join(" ");
}

function refusedOf(hashes: string | null): string[] {
  return hashes === null ? [] : hashes.split(" ");
}
