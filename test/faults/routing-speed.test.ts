import { expect, test } from "vitest";

import { Directory, type DirectoryRow } from "../../src/routing/directory.ts";
import { destinationsOf, type Route } from "../../src/routing/route.ts";
import type { When } from "../../src/routing/rule.ts";
import type { Transaction } from "../../src/transactions/transaction.ts";
import { record, transaction } from "../support/transactions.ts";

/** Of every kind, and none that matches: each is looked at for each transaction. */
const conditions: readonly ((index: number) => When)[] = [
  (index) => ({ vendor: `Z${index}` }),
  (index) => ({ vendor: [`Z${index}*`, `90000${index}-90009${index}`] }),
  (index) => ({ vendorGroup: `G${index}`, amount: { atLeast: "25000" } }),
  (index) => ({ amount: { atLeast: String(1_000_000 + index), currency: "USD" } }),
  (index) => ({ account: [`99${index}*`, `9${index}`] }),
  (index) => ({ text: `never said ${index}` }),
  () => ({ flag: "on-hold", status: "Posted" }),
  (index) => ({ company: `X${index}`, source: "ap-invoices" }),
];

const routes: Route[] = Array.from({ length: 200 }, (_, index) => ({
  name: `route ${index}`,
  when: conditions[index % conditions.length]?.(index) ?? {},
  channel: `#routed-${index}`,
  mention: [],
  copy: index % 10 === 0,
}));

/** Nine in ten are codes, the others patterns. */
const rows: DirectoryRow[] = Array.from({ length: 5000 }, (_, index) => ({
  row: index + 2,
  kind: index % 5 === 4 ? "account" : "vendor",
  code:
    index % 10 === 9 ? `${index}*` : index % 10 === 8 ? `${10_000 + index}-${10_004 + index}` : `V${index}`,
  group: "",
  channel: `#directory-${index}`,
  mention: [],
}));

const transactions: Transaction[] = Array.from({ length: 100_000 }, (_, index) =>
  transaction({
    id: `v1:SAMINC:ap-invoices:28:${index}`,
    counterparty: { kind: "vendor", code: `V${index % 7000}`, name: `Vendor ${index}`, group: "INV" },
    amount: { amount: `${index}.37`, currency: "USD" },
    accounts: [
      { account: `4000-${index % 900}`, description: "", amount: { amount: "5", currency: "USD" } },
      { account: `6000-${index % 900}`, description: "", amount: { amount: "-5", currency: "USD" } },
    ],
  }),
);

test("100,000 transactions over 200 routes and 5,000 directory rows are routed in a second or so", () => {
  const routing = { routes, directory: new Directory(rows), channel: "#finance" };
  const one = record();
  const before = process.cpuUsage();

  let byDirectory = 0;
  for (const each of transactions) {
    const [destination] = destinationsOf(each, one, routing);
    if (destination?.channel.startsWith("#directory-") === true) byDirectory += 1;
  }

  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1_000_000;
  process.stdout.write(
    `routed 100,000 transactions in ${seconds.toFixed(2)} s, ${byDirectory} by the directory\n`,
  );
  expect(byDirectory).toBeGreaterThan(40_000);
  // Under a second on a quiet machine; looking at every row would take minutes.
  expect(seconds).toBeLessThan(5);
});
