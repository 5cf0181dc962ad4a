import type { Config } from "../config/config.ts";
import { AppError } from "../errors.ts";
import type { ODataClient } from "../sage/odata-client.ts";
import { isMissing } from "../sage/odata-failure.ts";
import type { Source } from "../sage/source.ts";
import { sources } from "../sage/sources/index.ts";
import type { Company, Ports } from "./ports.ts";
import { checkRefusals, noteRefusal } from "./refusals.ts";
import { failureOf, type Failure } from "./report.ts";

/**
 * One cheap request to Slack, so that a wrong token is named before anything is read.
 *
 * @throws AppError when the token or the address is wrong; Slack being away is a failure the run survives
 */
export async function checkSlack(ports: Ports): Promise<{ isReachable: boolean; failures: Failure[] }> {
  try {
    const { teamId, botId } = await ports.sender.authTest();
    ports.logger.step(`Slack takes the token: bot ${botId} of workspace ${teamId}`);
    await bindWorkspace(ports, teamId, botId);
    return { isReachable: true, failures: [] };
  } catch (error) {
    if (!(error instanceof AppError) || error.kind === "auth" || error.kind === "config") throw error;
    return { isReachable: false, failures: [{ ...failureOf("Slack", error), kind: "temporary" }] };
  }
}

async function bindWorkspace({ store, sender }: Ports, teamId: string, botId: string): Promise<void> {
  const { bind, outbox } = store.state;
  if (bind.teamId === teamId && bind.botId === botId) return;
  if (bind.teamId !== null && bind.teamId !== teamId) {
    throw new AppError(
      "config",
      `the Slack token belongs to workspace ${teamId}, the state to ${bind.teamId}`,
      {
        hint: "Use the token of the first workspace, or a state folder of its own (stateDir) for the new one.",
      },
    );
  }
  // The app was made anew: what its predecessor may have sent is still ours to find.
  if (bind.botId !== null) sender.botIds.add(bind.botId);
  if (bind.botId !== null && outbox.some(({ status }) => status === "inflight")) return;
  await store.commit((state) => ({ ...state, bind: { ...state.bind, teamId, botId } }));
}

/** One cheap request for each company. Credentials that were refused once are not tried again until they change. */
export async function checkSage(ports: Ports): Promise<{ companies: Company[]; failures: Failure[] }> {
  const companies: Company[] = [];
  const failures: Failure[] = [];
  for (const company of ports.sage) {
    try {
      checkRefusals(ports, company);
      await checkCompany(ports, company);
      companies.push(company);
    } catch (error) {
      failures.push(failureOf(company.id, error));
    }
  }
  return { companies, failures: companies.length === 0 ? namedOnce(failures) : failures };
}

async function checkCompany(ports: Ports, company: Company): Promise<void> {
  try {
    await probe(company.client, ports.config);
    ports.logger.step(`Sage takes user and password for ${company.id}`);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // Rights are given module by module: the sources tell for themselves.
    if (error.kind !== "forbidden" && error.kind !== "unreadable") throw error;
  } finally {
    await noteRefusal(ports, company);
  }
}

/**
 * Asks for one record of one source. Where its module is not installed, the next is asked: that says nothing about
 * the company.
 *
 * @throws AppError `config` when the company has none of the modules
 */
export async function probe(client: ODataClient, { sources: settings, sage }: Config): Promise<void> {
  const modules = new Map<string, Source>();
  for (const source of sources.filter(({ name }) => settings[name]?.enabled === true)) {
    const [module = ""] = source.resource.split("/");
    if (!modules.has(module)) modules.set(module, source);
  }
  for (const { resource, number } of modules.values()) {
    try {
      await client.page({ resource, select: [number.property], top: 1 });
      return;
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  if (modules.size === 0) return;
  const asked = [...modules.keys()].join(", ");
  throw new AppError("config", `Sage has no company ${client.company}, or none with ${asked}`, {
    hint: `Is the company "${client.company}" right ("sage.companies"), and "sage.url" (${sage.url})?`,
  });
}

/** A wrong address or certificate is one mistake, for however many companies it shows. */
function namedOnce(failures: readonly Failure[]): Failure[] {
  const [first] = failures;
  if (first === undefined || failures.some(({ kind }) => kind !== "config")) return [...failures];
  return [{ ...first, scope: failures.map(({ scope }) => scope).join(", ") }];
}
