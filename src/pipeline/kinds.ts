import type { Announcement, Noun } from "../transactions/notice.ts";
import type { Transaction } from "../transactions/transaction.ts";

/** The kinds of documents that are counted by their own name; what else Sage may send is counted by its source's. */
const plurals: ReadonlyMap<string, string> = new Map([
  ["invoice", "invoices"],
  ["credit note", "credit notes"],
  ["debit note", "debit notes"],
  ["payment", "payments"],
  ["prepayment", "prepayments"],
  ["miscellaneous payment", "miscellaneous payments"],
  ["adjustment", "adjustments"],
  ["applied document", "applied documents"],
  ["receipt", "receipts"],
  ["receipt of unapplied cash", "receipts of unapplied cash"],
  ["miscellaneous receipt", "miscellaneous receipts"],
  ["write-off", "write-offs"],
  ["journal entry", "journal entries"],
  ["purchase order", "purchase orders"],
]);

/** How many transactions there are, by kind where there are several kinds: in the order in which they come. */
export function countsOf(
  transactions: readonly Transaction[],
  usual: Noun,
): Pick<Announcement, "count" | "noun" | "counts"> {
  const counts = new Map<string, Noun & { count: number }>();
  for (const { documentKind } of transactions) {
    const many = plurals.get(documentKind);
    const { one: name, many: names } = many === undefined ? usual : { one: documentKind, many };
    counts.set(name, { one: name, many: names, count: (counts.get(name)?.count ?? 0) + 1 });
  }
  const found = [...counts.values()].toSorted(
    (a, b) => Number(b.one === usual.one) - Number(a.one === usual.one),
  );
  const [first] = found;
  const count = transactions.length;
  if (found.length > 1) return { count, noun: usual, counts: found };
  return { count, noun: first === undefined ? usual : { one: first.one, many: first.many } };
}
