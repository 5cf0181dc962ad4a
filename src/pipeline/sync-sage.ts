import { AppError } from "../errors.ts";
import { daysSince1970 } from "../runtime/clock.ts";
import { masterKinds, type MasterEntry, type MasterKind, type MasterRow } from "../sage/master-resources.ts";
import { isMissing } from "../sage/odata-failure.ts";
import {
  countMaster,
  readAllMaster,
  readChangedMaster,
  type MasterQuery,
  type MasterRows,
} from "../sage/read-master.ts";
import { addDays, daysBetween, type IsoDate } from "../transactions/date.ts";
import { dayOfBooks } from "./circumstances.ts";
import type { Company, Ports } from "./ports.ts";
import { failureOf, type Failure } from "./report.ts";

/** A vendor, a customer or an account. */
export interface Named {
  readonly code: string;
  readonly name: string;
}

export interface ChangedMaster extends Named {
  readonly changes: readonly { readonly label: string; readonly from: string; readonly to: string }[];
}

/** What has become of the vendors, customers or accounts of a company since they were last read. */
export interface MasterReport {
  readonly company: string;
  readonly kind: MasterKind;
  /** `first`: nothing to compare with, so nothing is listed; `changes`: only what was changed was read. */
  readonly read: "first" | "all" | "changes" | "not installed" | "failed";
  /** How many there are now. */
  readonly count: number;
  readonly added: readonly Named[];
  readonly changed: readonly ChangedMaster[];
  /** Made inactive. */
  readonly inactive: readonly Named[];
  /** Deleted in Sage. */
  readonly gone: readonly Named[];
}

/** Brings the names of one company up to date. A kind that fails does not stop the others. */
export async function syncCompany(
  ports: Ports,
  company: Company,
): Promise<{ reports: MasterReport[]; failures: Failure[] }> {
  const reports: MasterReport[] = [];
  const failures: Failure[] = [];
  for (const kind of masterKinds) {
    try {
      const { report, unreadable } = await syncKind(ports, company, kind);
      reports.push(report);
      failures.push(...unreadable.map((error) => failureOf(`${company.id} ${kind}`, error)));
    } catch (error) {
      const isThere = !isMissing(error);
      const nothing = { added: [], changed: [], inactive: [], gone: [] };
      const count = Object.keys(company.master.known()[kind]).length;
      reports.push({
        company: company.id,
        kind,
        read: isThere ? "failed" : "not installed",
        count,
        ...nothing,
      });
      if (isThere) failures.push(failureOf(`${company.id} ${kind}`, error));
    }
  }
  return { reports, failures };
}

async function syncKind(
  { clock, config, signal }: Ports,
  company: Company,
  kind: MasterKind,
): Promise<{ report: MasterReport; unreadable: readonly AppError[] }> {
  if (signal.aborted) throw new AppError("temporary", "stopped before it was read");
  const { client, master } = company;
  const query = { client, kind, pageSize: config.sage.pageSize, dialect: master.dialectOf(kind) };
  const known = new Map(Object.entries(master.known()[kind]));
  const before = master.known().synced[kind] ?? null;
  const changes = before === null ? null : await readChanges(query, known, { before, clock, config });
  const rows = changes ?? (await readAllMaster(query));
  const day = dayOfBooks({ clock, config }, company);
  const after = entriesAfter(known, rows, {
    isWhole: changes === null,
    readOn: daysSince1970(clock.now()),
  });
  const wholeOn = changes === null || before === null ? day : before.wholeOn;
  master.replace(kind, after, { on: day, wholeOn });
  const read = before === null ? "first" : changes === null ? "all" : "changes";
  const report = {
    company: company.id,
    kind,
    read,
    count: after.size,
    ...comparison(known, after, read),
  } as const;
  return { report, unreadable: rows.unreadable };
}

/** Days are typed by people when they sign on to Sage, and some sign on with last week's. */
const marginDays = 7;
/** What was changed under an older day still is found, as often as this. */
const wholeEveryDays = 7;

/** Null when everything has to be read: it is time to, Sage keeps no stamps, or something was deleted. */
async function readChanges(
  query: MasterQuery,
  known: ReadonlyMap<string, MasterEntry>,
  { before, clock, config }: Pick<Ports, "clock" | "config"> & { before: { on: IsoDate; wholeOn: IsoDate } },
): Promise<MasterRows | null> {
  const today = dayOfBooks({ clock, config }, query);
  if (daysBetween(before.wholeOn, today) >= wholeEveryDays) return null;
  const rows = await readChangedMaster(query, addDays(before.on, -marginDays));
  if (rows === null) return null;
  const codes = new Set([...known.keys(), ...rows.entries.keys(), ...rows.unreadableCodes]);
  return (await countMaster(query)) === codes.size ? rows : null;
}

function entriesAfter(
  known: ReadonlyMap<string, MasterEntry>,
  { entries, unreadableCodes }: MasterRows,
  { isWhole, readOn }: { isWhole: boolean; readOn: number },
): Map<string, MasterEntry> {
  const after = new Map<string, MasterEntry>();
  for (const [code, entry] of known) {
    if (!isWhole || unreadableCodes.has(code)) after.set(code, { ...entry, readOn });
  }
  for (const [code, row] of entries) after.set(code, { ...row, readOn });
  return after;
}

function comparison(
  before: ReadonlyMap<string, MasterRow>,
  after: ReadonlyMap<string, MasterRow>,
  read: MasterReport["read"],
): Pick<MasterReport, "added" | "changed" | "inactive" | "gone"> {
  if (read === "first") return { added: [], changed: [], inactive: [], gone: [] };
  const changed: ChangedMaster[] = [];
  const [added, inactive, gone]: [Named[], Named[], Named[]] = [[], [], []];
  for (const [code, row] of after) {
    const old = before.get(code);
    const named = { code, name: row.name };
    if (old === undefined) added.push(named);
    else {
      const changes = changesOf(old, row);
      if (changes.length > 0) changed.push({ ...named, changes });
      if (row.isInactive && !old.isInactive) inactive.push(named);
    }
  }
  for (const [code, { name }] of before) if (!after.has(code)) gone.push({ code, name });
  return {
    added: added.toSorted(byCode),
    changed: changed.toSorted(byCode),
    inactive: inactive.toSorted(byCode),
    gone: gone.toSorted(byCode),
  };
}

function changesOf(old: MasterRow, row: MasterRow): ChangedMaster["changes"] {
  const shown = (one: MasterRow) => ({
    name: one.name,
    terms: one.terms,
    "on hold": one.onHold ? "yes" : "no",
    group: one.group,
    currency: one.currency,
    ...(old.isInactive && !row.isInactive ? { active: one.isInactive ? "no" : "yes" } : {}),
  });
  const now: Readonly<Record<string, string>> = shown(row);
  return Object.entries(shown(old))
    .map(([label, from]) => ({ label, from, to: now[label] ?? "" }))
    .filter(({ from, to }) => from !== to);
}

function byCode(left: Named, right: Named): number {
  return left.code < right.code ? -1 : 1;
}
