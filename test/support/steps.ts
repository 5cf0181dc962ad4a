import { expect } from "vitest";

/** What `poll --verbose` tells of a run that finds one new invoice and nothing else. */
export const stepsOfOneInvoice = [
  expect.stringMatching(/^Slack takes the token: bot \w+ of workspace \w+$/) as string,
  "Sage takes user and password for SAMINC",
  "reads SAMINC/ap-invoices",
  "SAMINC/ap-invoices: 1 new, 0 changed",
  "posted to #accounts-payable",
  "",
];
