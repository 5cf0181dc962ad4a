import { findDirectoryFile, saveDirectoryFile } from "../config/directory.ts";
import { AppError } from "../errors.ts";
import { daysSince1970 } from "../runtime/clock.ts";
import { exportDirectory, type Listed } from "../routing/directory-export.ts";
import type { DirectoryKind } from "../routing/directory.ts";
import type { MasterKind } from "../sage/master-resources.ts";
import { Workspace } from "../slack/workspace.ts";
import type { MasterFile } from "../state/master-file.ts";
import { assembleSync, type AssembleOptions } from "./assemble.ts";
import type { Ports } from "./ports.ts";
import { checkSage, checkSlack } from "./preflight.ts";
import { failureOf, type Failure } from "./report.ts";
import { syncCompany, type MasterReport } from "./sync-sage.ts";
import { syncSlack, type SlackReport, type Unresolved } from "./sync-slack.ts";
import { wantedNames } from "./wanted-names.ts";

export interface SyncReport {
  readonly sage: readonly MasterReport[];
  readonly slack: readonly SlackReport[];
  /** Of the configuration and the directory. */
  readonly unresolved: readonly Unresolved[];
  /** The directory spreadsheet, when one was asked for. */
  readonly exported: { readonly path: string; readonly rows: number; readonly added: number } | null;
  readonly failures: readonly Failure[];
}

export interface SyncOptions extends AssembleOptions {
  /** Where to write the directory spreadsheet; null for nowhere. */
  readonly exportPath: string | null;
}

/**
 * Reads the names of both sides into the cache, under the lock of a run, and writes the directory spreadsheet.
 *
 * @throws AppError `locked` during a run; `config` when there is a directory that cannot be read, before anything is
 * asked; `auth` when Slack refuses the token
 */
export async function syncMaster(options: SyncOptions): Promise<SyncReport> {
  const { exportPath } = options;
  if (exportPath !== null) await findDirectoryFile(exportPath);
  const run = await assembleSync({
    ...options,
    directory: exportPath === null ? "needed" : "may be missing",
  });
  try {
    const read = await readNames(run);
    const exported = exportPath === null ? null : await exportNames(run, exportPath);
    return { ...read, exported };
  } finally {
    await run.finish();
  }
}

interface Sync {
  readonly ports: Ports;
  readonly master: MasterFile;
}

async function readNames({ ports, master }: Sync): Promise<Omit<SyncReport, "exported">> {
  const slack = await checkSlack(ports);
  const { companies, failures } = await checkSage(ports);
  const sage: MasterReport[] = [];
  const unread: Failure[] = [...slack.failures, ...failures];
  for (const company of companies) {
    const synced = await syncCompany(ports, company);
    sage.push(...synced.reports);
    unread.push(...synced.failures);
    master.keep(company.id, company.master.known());
  }
  const people = slack.isReachable ? await readWorkspace({ ports, master }) : nobody;
  unread.push(...people.failures);
  // A cache, but here it is the work itself: what cannot be kept is a failure.
  await master.save();
  return { sage, slack: people.reports, unresolved: people.unresolved, failures: weighed(unread, sage) };
}

interface ReadWorkspace {
  readonly reports: readonly SlackReport[];
  readonly unresolved: readonly Unresolved[];
  readonly failures: readonly Failure[];
}

const nobody: ReadWorkspace = { reports: [], unresolved: [], failures: [] };

async function readWorkspace({ ports, master }: Sync): Promise<ReadWorkspace> {
  try {
    const read = await syncSlack({
      workspace: new Workspace(ports.sender, (seconds) => waitFor(seconds, ports)),
      cache: master,
      wanted: wantedNames(ports.config, ports.spreadsheet),
      today: daysSince1970(ports.clock.now()),
    });
    return { ...read, failures: [] };
  } catch (error) {
    return { ...nobody, failures: [failureOf("Slack", error)] };
  }
}

/** Nobody waits for this command's posts: there is time to keep to Slack's pace. */
async function waitFor(seconds: number, { clock, deadline, signal, logger }: Ports): Promise<boolean> {
  if (signal.aborted || clock.elapsed() + seconds * 1000 > deadline) return false;
  logger.info(`Slack asks to wait ${seconds} s`);
  return clock.sleep(seconds * 1000, signal).then(
    () => true,
    () => false, // asked to stop
  );
}

/** Rights that are missing in every module are no longer one module's affair. */
function weighed(failures: readonly Failure[], reports: readonly MasterReport[]): Failure[] {
  const tried = reports.filter(({ read }) => read !== "not installed");
  const forbidden = new Set(failures.filter(({ kind }) => kind === "forbidden").map(({ scope }) => scope));
  const isEverywhere =
    tried.length > 0 && tried.every(({ company, kind }) => forbidden.has(`${company} ${kind}`));
  return failures.map((failure) =>
    isEverywhere && failure.kind === "forbidden" ? { ...failure, kind: "auth" } : failure,
  );
}

/** Read again just before it is written: people may have saved it while Sage and Slack were read. */
async function exportNames({ ports }: Sync, path: string): Promise<SyncReport["exported"]> {
  const listed = ports.sage.flatMap(({ master }) => listedIn(master.known()));
  if (listed.length === 0)
    throw new AppError("temporary", "nothing was read of Sage, so there is nothing to export", {
      hint: "What failed stands above; try again when it is mended.",
    });
  const { text, rows, added } = exportDirectory(await findDirectoryFile(path), listed);
  await saveDirectoryFile(path, text);
  return { path, rows, added };
}

const kindOf = { vendors: "vendor", customers: "customer", accounts: "account" } as const satisfies Record<
  MasterKind,
  DirectoryKind
>;

function listedIn(
  known: Readonly<Record<MasterKind, Readonly<Record<string, { name: string; group: string }>>>>,
): Listed[] {
  return (["vendors", "customers", "accounts"] as const).flatMap((kind) =>
    Object.entries(known[kind])
      .filter(([code]) => code !== "")
      .map(([code, { name, group }]) => ({ kind: kindOf[kind], code, name, group })),
  );
}
