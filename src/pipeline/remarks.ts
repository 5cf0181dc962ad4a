import { formatMoney, negate, totalsOf } from "../transactions/money.ts";
import type { Flag, SageRecord, Transaction } from "../transactions/transaction.ts";

/** Something unusual about a transaction. */
interface Remark {
  /** Of one transaction: `out of balance by USD 10.00`. */
  readonly words: string;
  /** Of several, after their number: `out of balance`. */
  readonly inShort: string;
  /** It needs somebody; otherwise it is good to know. */
  readonly isException: boolean;
}

type Finding = (transaction: Transaction) => Remark | null;

/** In the order in which people want to hear of them. */
const findings: readonly Finding[] = [
  (one) =>
    ifFlag(one, "out-of-balance", {
      words: balanceWords(one),
      inShort: "out of balance",
      isException: true,
    }),
  (one) =>
    ifFlag(one, "has-errors", { words: failureWords(one), inShort: "failed to post", isException: true }),
  ({ counterparty }) =>
    counterparty?.isMissing === true
      ? exception(`not in the ${counterparty.kind} master`, `not in the ${counterparty.kind} master`)
      : null,
  ({ priorPeriod }) =>
    priorPeriod === undefined ? null : exception(`prior period ${priorPeriod}`, "in a prior period"),
  (one) =>
    one.counterparty?.isMissing === true
      ? null
      : ifFlag(one, "new-vendor", exception("new vendor", "of a new vendor")),
  // An order on hold says so by its status.
  (one) => (one.entry === "0" ? null : ifFlag(one, "on-hold", exception("on hold", "on hold"))),
  (one) => ifFlag(one, "back-dated", badge("back-dated")),
  (one) => ifFlag(one, "future-dated", badge("future-dated")),
];

function exception(words: string, inShort: string): Remark {
  return { words, inShort, isException: true };
}

function badge(words: string): Remark {
  return { words, inShort: words, isException: false };
}

function ifFlag({ flags }: Transaction, flag: Flag, remark: Remark): Remark | null {
  return flags.includes(flag) ? remark : null;
}

function balanceWords({ amount, credits }: Transaction): string {
  const [difference] = credits === undefined ? [] : totalsOf([amount, negate(credits)]);
  if (difference === undefined || Number(difference.amount) === 0) return "out of balance";
  const size = { ...difference, amount: difference.amount.replace("-", "") };
  return `out of balance by ${formatMoney(size)}`;
}

function failureWords({ errorBatch }: Transaction): string {
  return errorBatch === undefined
    ? "failed to post"
    : `failed to post, now entry ${errorBatch.entry} of error batch ${errorBatch.batch}`;
}

function remarksOf(transaction: Transaction): Remark[] {
  return findings.map((find) => find(transaction)).filter((remark) => remark !== null);
}

/** `out of balance by USD 10.00, back-dated`; empty where nothing is unusual. */
export function noteOf(transaction: Transaction): string {
  return remarksOf(transaction)
    .map(({ words }) => words)
    .join(", ");
}

/** Whether a transaction needs somebody. */
function isException(transaction: Transaction): boolean {
  return remarksOf(transaction).some((remark) => remark.isException);
}

/** `2 out of balance`, `1 of a new vendor`, the worst first; of a single transaction in full. */
export function remarkCounts(transactions: readonly Transaction[]): string[] {
  const [only] = transactions;
  if (transactions.length === 1 && only !== undefined) return remarksOf(only).map(({ words }) => words);
  return findings.flatMap((find) => {
    const found = transactions.map(find).filter((remark) => remark !== null);
    const [first] = found;
    return first === undefined ? [] : [`${found.length} ${first.inShort}`];
  });
}

/** Orders what needs somebody first, the worst before the rest. */
export function byUrgency(left: Transaction, right: Transaction): number {
  return urgencyOf(left) - urgencyOf(right);
}

function urgencyOf(transaction: Transaction): number {
  const index = findings.findIndex((find) => find(transaction)?.isException === true);
  return index === -1 ? findings.length : index;
}

const mostAttention = 10;

/** Each transaction that needs somebody, by name; the first ten and how many there are besides. */
export function attentionTo(records: readonly SageRecord[], transactions: readonly Transaction[]): string[] {
  const exceptions = transactions.filter(isException);
  const lines = exceptions.slice(0, mostAttention).map((one) => `${nameIn(records, one)}: ${noteOf(one)}`);
  const others = exceptions.length - lines.length;
  return others > 0 ? [...lines, `and ${others} more`] : lines;
}

/** By its number, or by the place where it stands; with its description, or whose it is. */
function nameIn(records: readonly SageRecord[], transaction: Transaction): string {
  const { documentNumber, entry, description, counterparty } = transaction;
  const record = records.find(({ transactions }) => transactions.includes(transaction));
  const number = documentNumber === "" ? `entry ${entry} of ${record?.number ?? "—"}` : documentNumber;
  const about = counterparty === null ? description : counterparty.name || counterparty.code;
  return [number, about].filter((part) => part !== "").join(" ");
}
