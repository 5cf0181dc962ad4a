import { rm } from "node:fs/promises";
import { join } from "node:path";

import * as fc from "fast-check";
import { expect, test } from "vitest";

import {
  callsOf,
  copiesIn,
  oweInvoice,
  owePayment,
  startFaultWorld,
  undelivered,
} from "../support/slack-faults.ts";

const methods = [
  "auth.test",
  "conversations.list",
  "conversations.info",
  "conversations.history",
  "users.lookupByEmail",
  "users.list",
  "usergroups.list",
  "chat.postMessage",
];

const anyBody = fc.oneof(
  fc.json(),
  fc.constantFrom(
    "",
    "null",
    "[]",
    '"ok"',
    '{"ok":true}',
    '{"ok":false}',
    '{"ok":false,"error":{}}',
    '{"ok":true,"channels":{},"channel":[],"messages":{},"members":7,"usergroups":"","user":null}',
    '{"ok":true,"channels":[{}],"channel":{},"messages":[{}],"members":[null],"usergroups":[[]],"user":{}}',
    '{"ok":true,"__proto__":{"a":1},"response_metadata":null}',
    '{"ok":true,"team_id":7,"user_id":{},"ts":[],"channel":"C1"}',
  ),
);

test.each(methods)(
  "K15 whatever %s answers, it is no bug, and nothing is lost or repeated",
  async (method) => {
    await using world = await startFaultWorld({
      slack: { quarantineSeconds: 0 },
      routes: [
        {
          name: "all",
          when: { source: "ap-invoices" },
          channel: "#ap-approvals",
          mention: ["cfo@example.com", "@controllers", "@buyer"],
        },
      ],
    });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(anyBody, async (text) => {
        round += 1;
        oweInvoice(world, `INV-${round}.`);
        owePayment(world, `CHK-${round}.`);
        await rm(join(world.directory, "sage-slack.master.json"), { force: true }); // so that Slack is asked
        const before = callsOf(world, method);
        world.slack.queueFault({ method, kind: "body", text, times: 3 });

        const met = await world.run("poll");
        world.slack.clearFaults();
        const asked = callsOf(world, method) - before;
        let settled = await world.run("poll");
        if (settled.code !== 0) settled = await world.run("poll");

        expect(asked).toBeGreaterThan(0);
        expect([0, 3, 4, 5]).toContain(met.code);
        expect(met.stderr).not.toContain("bug");
        expect(settled.code).toBe(0);
        expect(await undelivered(world)).toEqual([]);
        expect(copiesIn(world, "ap-approvals", `"INV-${round}."`)).toBe(1);
        expect(copiesIn(world, "treasury", `"CHK-${round}."`)).toBe(1);
      }),
      { numRuns: 15, endOnFailure: true },
    );
  },
);
