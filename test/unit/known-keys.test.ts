import { expect, test } from "vitest";

import { knownKeysAt } from "../../src/config/known-keys.ts";

test.each([
  { path: [], first: "$schema", has: ["sage", "slack", "sources", "routes", "monitor"] },
  { path: ["slack"], first: "channel", has: ["opsChannel", "onUncertain"] },
  { path: ["sources"], first: "ap-invoices", has: ["purchase-orders"] },
  { path: ["sources", "gl-journals"], first: "enabled", has: ["lookbackDays"] },
  { path: ["routes", 3, "when", "amount"], first: "atLeast", has: ["below"] },
  { path: ["routeTests", 0, "given"], first: "source", has: ["vendorGroup"] },
  { path: ["nowhere"], first: "$schema", has: ["sage", "pingUrl", "atLeast", "expect", "ar-receipts"] },
])("below $path the keys that belong there come first, then all others", ({ path, first, has }) => {
  const keys = knownKeysAt(path);

  expect(keys[0]).toBe(first);
  expect(keys).toEqual(expect.arrayContaining([...has, "url", "pingUrl", "flag"]));
});
