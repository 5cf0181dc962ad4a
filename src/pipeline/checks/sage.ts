import type { Config } from "../../config/config.ts";
import type { SageCredentials } from "../../config/secrets.ts";
import { AppError } from "../../errors.ts";
import { masterResources, type MasterKind } from "../../sage/master-resources.ts";
import type { ODataClient } from "../../sage/odata-client.ts";
import { goesOn, isMissing, isRefusedQuery } from "../../sage/odata-failure.ts";
import type { Source } from "../../sage/source.ts";
import { sources } from "../../sage/sources/index.ts";
import { sageClient } from "../sage-client.ts";
import { failed, failedBy, passed, warning, type Check } from "./check.ts";
import { clockCheck } from "./clock.ts";

export interface SageChecks {
  readonly checks: readonly Check[];
  /** Credentials that Sage has refused, and those that it took. */
  readonly refused: readonly SageCredentials[];
  readonly accepted: readonly SageCredentials[];
}

interface Asked {
  readonly config: Config;
  readonly credentials: ReadonlyMap<string, SageCredentials>;
  readonly signal: AbortSignal;
}

/**
 * Asks each company for one record of each source and of each kind of master data: rights are given module by module.
 * One request at a time, and none with credentials that were refused a moment ago.
 */
export async function checkSage({ config, credentials, signal }: Asked): Promise<SageChecks> {
  const checks: Check[] = [];
  const refused: SageCredentials[] = [];
  const accepted: SageCredentials[] = [];
  for (const [company, login] of credentials) {
    const earlier = refused.find((one) => isSame(one, login));
    if (earlier !== undefined) {
      checks.push(failed(`Sage ${company}`, "not asked: the same user and password were just refused", null));
      continue;
    }
    const { user, password } = login;
    const client = sageClient(config, company, { user, password: password.reveal(), signal });
    try {
      const found = await checkCompany(client, config);
      checks.push(...found.checks, ...clockOf(client, checks));
      if (client.refusal !== null) refused.push(login);
      else if (found.hasAnswered) accepted.push(login);
    } finally {
      client.close();
    }
  }
  return { checks, refused, accepted };
}

function isSame(one: SageCredentials, other: SageCredentials): boolean {
  return one.user === other.user && one.password.reveal() === other.password.reveal();
}

/** One server has one clock, however many companies it keeps. */
function clockOf({ serverTime }: ODataClient, checks: readonly Check[]): Check[] {
  if (serverTime === null || checks.some(({ name }) => name === "clock and Sage")) return [];
  return [clockCheck("clock and Sage", serverTime)];
}

interface CompanyChecks {
  readonly checks: readonly Check[];
  /** Sage took the credentials. */
  readonly hasAnswered: boolean;
}

async function checkCompany(client: ODataClient, config: Config): Promise<CompanyChecks> {
  const parts: Check[] = [];
  const missing: Part[] = [];
  let hasAnswered = false;
  const all = partsOf(config);
  for (const part of all) {
    try {
      await ask(client, part);
      hasAnswered = true;
      parts.push(passed(`${client.company} ${part.name}`, `${part.resource} can be read`));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const says = answerIn(error);
      if (says === "no Sage" && !hasAnswered) return stopped(client, config, error);
      if (client.refusal !== null) return stopped(client, config, error);
      hasAnswered ||= says === "Sage";
      if (isMissing(error)) missing.push(part);
      parts.push(partCheck(client, part, error));
    }
  }
  if (missing.length > 0 && missing.length === all.length)
    return { checks: [noCompany(client, config, all)], hasAnswered };
  return { checks: [connection(client, config), ...parts], hasAnswered };
}

/** A server that does not know the property gives whole records; a run finds that out as well. */
async function ask(client: ODataClient, { resource, key }: Part): Promise<void> {
  try {
    await client.page({ resource, select: [key], top: 1 });
  } catch (error) {
    if (!isRefusedQuery(error)) throw error;
    await client.page({ resource, top: 1 });
  }
}

/** Whether an error is an answer of the Web API: it looks at rights, and for resources, after the login. */
function answerIn({ kind }: AppError): "Sage" | "no Sage" {
  return kind === "forbidden" || kind === "unreadable" ? "Sage" : "no Sage";
}

interface Part {
  /** `ap-invoices`, `vendors`. */
  readonly name: string;
  readonly resource: string;
  readonly key: string;
  /** What is lost without it; null for a source, which is lost altogether. */
  readonly loss: string | null;
}

function partsOf(config: Config): Part[] {
  const on = sources.filter(({ name }) => config.sources[name]?.enabled === true);
  const ofSources = on.map(({ name, resource, number }) => ({
    name,
    resource,
    key: number.property,
    loss: null,
  }));
  const kinds = masterKinds.filter(([, isNeededBy]) => on.some(isNeededBy));
  const ofMaster = kinds.map(([kind, , loss]) => ({ name: kind, ...masterResources[kind], loss }));
  return [...ofSources, ...ofMaster];
}

const masterKinds: readonly (readonly [MasterKind, (source: Source) => boolean, string])[] = [
  [
    "vendors",
    ({ has }) => has.counterparty === "vendor",
    "Vendors appear by code alone, and no route by vendorGroup matches",
  ],
  [
    "customers",
    ({ has }) => has.counterparty === "customer",
    "Customers appear by code alone, and no route by customerGroup matches",
  ],
  ["accounts", ({ has }) => has.accounts, "Accounts may appear without their descriptions"],
];

function partCheck({ company }: ODataClient, { name, loss }: Part, error: AppError): Check {
  const check = failedBy(`${company} ${name}`, error);
  if (loss === null) return check;
  return warning(check.name, check.detail, `${loss}. ${check.hint ?? ""}`.trim());
}

function connection({ company }: ODataClient, { sage }: Config): Check {
  const authority = sage.caFile === undefined ? "" : ` by an authority of ${sage.caFile}`;
  const transport = sage.url.startsWith("https:") ? `its certificate is trusted${authority}` : "without TLS";
  return passed(`Sage ${company}`, `${sage.url} accepts user and password; ${transport}`);
}

/** Nothing more is asked: every other request would end in the same way. */
function stopped({ company }: ODataClient, { sage }: Config, error: AppError): CompanyChecks {
  const { name, detail, hint } = failedBy(`Sage ${company}`, error);
  const address = `Is "sage.url" right (${sage.url}), and does a firewall or a proxy let this machine through?`;
  const cure =
    error.kind === "temporary" ? [hint?.replace(goesOn, "").trim(), address].filter(Boolean).join(" ") : hint;
  return { checks: [failed(name, detail, cure)], hasAnswered: false };
}

function noCompany({ company }: ODataClient, { sage }: Config, all: readonly Part[]): Check {
  const modules = [...new Set(all.map(({ resource }) => resource.split("/")[0]))].join(", ");
  return failed(
    `Sage ${company}`,
    `Sage has no company ${company}, or none with ${modules}`,
    `Is the company "${company}" right ("sage.companies"), and "sage.url" (${sage.url})?`,
  );
}
