import { formatMoney } from "../transactions/money.ts";
import type { RecordStatus, Transaction } from "../transactions/transaction.ts";
import { isOneOf, type Table } from "./source.ts";

/** A batch's status as Sage names it; an unknown one is not final. */
export function batchStatus(name: string, finalNames: readonly string[]): RecordStatus {
  return { name, isFinal: isOneOf(name, finalNames) };
}

/** `Chloride Systems (1200)`, or the code alone while the name is not known. */
export function partyCell({ counterparty }: Transaction): string | null {
  if (counterparty === null || counterparty.code === "") return counterparty?.name ?? null;
  return counterparty.name === "" ? counterparty.code : `${counterparty.name} (${counterparty.code})`;
}

/** `CN-1 (credit note)`: what a document is, where it is not the usual. */
export function documentCell({ documentNumber, documentKind }: Transaction, usual: string): string | null {
  if (documentKind === usual) return documentNumber === "" ? null : documentNumber;
  return documentNumber === "" ? documentKind : `${documentNumber} (${documentKind})`;
}

/** The general ledger accounts of a transaction, each once: `1300 Inventory; 6110 Office supplies`. */
export function accountCell({ accounts }: Transaction): string {
  return [...new Set(accounts.map(({ account, description }) => `${account} ${description}`.trim()))].join(
    "; ",
  );
}

/** The accounts of a transaction, one a row. */
export const accountParts: Table = {
  columns: [
    { title: "Account", align: "left" },
    { title: "Amount", align: "right" },
  ],
  rows: ({ accounts }) =>
    accounts.map(({ account, description, amount }) => [`${account} ${description}`.trim(), amount]),
};

/** The documents that a payment or a receipt was applied to, one a row. */
export const appliedParts: Table = {
  columns: [
    { title: "Document", align: "left" },
    { title: "Amount", align: "right" },
  ],
  rows: ({ appliedTo }) => appliedTo.map(({ documentNumber, amount }) => [documentNumber, amount]),
};

/** The documents a payment or receipt was applied to: `IN0001`, or `IN0001 (USD 120.00), IN0002 (USD 80.00)`. */
export function appliedCell({ appliedTo }: Transaction): string {
  const [only] = appliedTo;
  if (appliedTo.length === 1 && only !== undefined) return only.documentNumber;
  return appliedTo
    .map(({ documentNumber, amount }) => `${documentNumber} (${formatMoney(amount)})`)
    .join(", ");
}
