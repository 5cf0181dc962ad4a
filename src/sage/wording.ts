import { formatMoney } from "../transactions/money.ts";
import type { RecordStatus, Transaction } from "../transactions/transaction.ts";
import { isOneOf } from "./source.ts";

/** A batch's status as Sage names it; an unknown one is not final. */
export function batchStatus(name: string, finalNames: readonly string[]): RecordStatus {
  return { name, isFinal: isOneOf(name, finalNames) };
}

/** `Chloride Systems (1200)`, or the code alone while the name is not known. */
export function partyCell({ counterparty }: Transaction): string | null {
  if (counterparty === null || counterparty.code === "") return counterparty?.name ?? null;
  return counterparty.name === "" ? counterparty.code : `${counterparty.name} (${counterparty.code})`;
}

/** The general ledger accounts of a transaction, each once: `1300 Inventory; 6110 Office supplies`. */
export function accountCell({ accounts }: Transaction): string {
  return [...new Set(accounts.map(({ account, description }) => `${account} ${description}`.trim()))].join(
    "; ",
  );
}

/** The documents a payment or receipt was applied to: `IN0001 (USD 120.00), IN0002 (USD 80.00)`. */
export function appliedCell({ appliedTo }: Transaction): string {
  return appliedTo
    .map(({ documentNumber, amount }) => `${documentNumber} (${formatMoney(amount)})`)
    .join(", ");
}
