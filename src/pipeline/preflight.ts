import { AppError } from "../errors.ts";
import { sources } from "../sage/sources/index.ts";
import type { Company, Ports } from "./ports.ts";
import { failureOf, type Failure } from "./report.ts";

/**
 * One cheap request to Slack, so that a wrong token is named before anything is read.
 *
 * @throws AppError when the token or the address is wrong; Slack being away is a failure the run survives
 */
export async function checkSlack(ports: Ports): Promise<{ isReachable: boolean; failures: Failure[] }> {
  try {
    const { teamId, botId } = await ports.sender.authTest();
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
      await checkCompany(ports, company);
      companies.push(company);
    } catch (error) {
      failures.push(failureOf(company.id, error));
    }
  }
  return { companies, failures };
}

async function checkCompany(ports: Ports, company: Company): Promise<void> {
  const { store } = ports;
  if (store.state.refusedCredentials === company.credentials) {
    throw new AppError(
      "auth",
      `Sage refused the user and password for ${company.id} before; they have not changed`,
      {
        hint: 'Not tried again, because it can lock the account. Run "sage-slack login sage" with the right ones.',
      },
    );
  }
  const source = sources.find(({ name }) => ports.config.sources[name]?.enabled === true);
  if (source === undefined) return;
  try {
    await company.client.page({ resource: source.resource, select: [source.number.property], top: 1 });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.kind === "auth") {
      await store.commit((state) => ({ ...state, refusedCredentials: company.credentials }));
    }
    // Rights are given module by module: the sources tell for themselves.
    if (error.kind !== "forbidden" && error.kind !== "unreadable") throw error;
  }
  if (store.state.refusedCredentials !== null) {
    await store.commit((state) => ({ ...state, refusedCredentials: null }));
  }
}
