import { join } from "node:path";

import { describe, expect, test } from "vitest";

import type { RouteTestResult } from "../../src/pipeline/route-tests.ts";
import { startWorld } from "../support/world.ts";

const routes = [
  {
    name: "large invoices",
    when: { source: "ap-invoices", amount: { atLeast: "25000", currency: "USD" } },
    channel: "#ap-approvals",
    mention: ["cfo@example.com"],
  },
  {
    name: "unbalanced",
    when: { flag: "out-of-balance" },
    channel: "#controllers",
    mention: ["@controllers"],
    copy: true,
  },
  { name: "retail", when: { customerGroup: "RTL", text: "rent" }, channel: "#collections" },
];

const good = [
  {
    given: { source: "ap-invoices", vendor: "1200", amount: "31400.00", currency: "USD" },
    expect: { channel: "#ap-approvals", mention: ["CFO@example.com"] },
  },
  {
    given: { source: "ap-invoices", vendor: "1200", amount: "-31400.00", currency: "usd" },
    expect: { channel: "#ap-approvals", mention: "cfo@example.com" },
  },
  {
    given: { vendor: "1200", amount: "24999.99", currency: "USD" },
    expect: { channel: "#accounts-payable", mention: [] },
  },
  {
    given: { source: "gl-journals", flag: ["out-of-balance", "has-errors"], account: ["4000", "6110"] },
    expect: { channel: "#controllers", mention: ["@controllers"] },
  },
  { given: { source: "gl-journals", flag: "out-of-balance" }, expect: { channel: "#accounting-leadership" } },
  {
    given: { customer: "1500", customerGroup: "rtl", text: "Rent, May" },
    expect: { channel: "#collections" },
  },
];

describe("dry-run --route-tests", () => {
  test("goes by the rows of the directory, as a run does; so does test", async () => {
    await using world = await startWorld({
      directory: "vendor,1200,,,#ap-approvals,cfo@example.com\nvendor,1350,,,#no-such-channel,",
      routeTests: [
        {
          given: { source: "ap-invoices", vendor: "1200", amount: "1.00", currency: "USD" },
          expect: { channel: "#ap-approvals", mention: ["cfo@example.com"] },
        },
      ],
    });

    const tried = await world.run("dry-run", "--route-tests");
    const tested = await world.run("test");

    expect(tried).toMatchObject({ code: 0, stderr: "" });
    expect(tested.code).toBe(9);
    expect(tested.stdout).toMatch(/passed +route test 1/);
    expect(tested.stdout).toMatch(/FAILED +channel #no-such-channel: /);
  });

  test("routes a whole batch where a run would: a summary goes by no amount", async () => {
    await using world = await startWorld({
      sources: { "ap-invoices": { channel: "#accounts-payable", post: "summary" } },
      routes,
      routeTests: [
        {
          given: { source: "ap-invoices", vendor: "1200", amount: "31400.00", currency: "USD" },
          expect: { channel: "#accounts-payable", mention: [] },
        },
      ],
    });

    expect(await world.run("dry-run", "--route-tests")).toMatchObject({ code: 0 });
  });

  test("passes what the routes do, and asks nobody (0)", async () => {
    await using world = await startWorld({ routes, routeTests: good });
    for (const name of Object.keys(world.env)) delete world.env[name];

    const run = await world.run("dry-run", "--route-tests");
    const json = await world.run("dry-run", "--route-tests", "--json");

    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).toContain(
      "  given     source ap-invoices, vendor 1200, amount 31400.00, currency USD\n" +
        "  expected  #ap-approvals with CFO@example.com\n" +
        '  got       #ap-approvals with cfo@example.com by route "large invoices"\n',
    );
    expect(run.stdout).toContain(
      '  got       #controllers with @controllers by route "unbalanced"; ' +
        "#accounting-leadership without a mention by channel of gl-journals\n",
    );
    expect(run.stdout).toContain("6 route tests: 6 passed, 0 failed.");
    const { routeTests } = JSON.parse(json.stdout) as { routeTests: RouteTestResult[] };
    expect(routeTests.map(({ isPassed }) => isPassed)).toEqual(good.map(() => true));
    expect(world.sage.requests).toEqual([]);
    expect(world.slack.requests).toEqual([]);
  });

  test.each<[string, object, string]>([
    [
      "another channel",
      { given: { vendor: "1200" }, expect: { channel: "#treasury" } },
      "by channel of ap-invoices",
    ],
    [
      "another mention",
      { given: { amount: "30000", currency: "USD" }, expect: { channel: "#ap-approvals", mention: [] } },
      "cfo@example.com",
    ],
    [
      "another currency",
      { given: { amount: "30000", currency: "CAD" }, expect: { channel: "#ap-approvals" } },
      "#accounts-payable",
    ],
  ])("fails where %s is expected (9)", async (_name, wrong, got) => {
    await using world = await startWorld({ routes, routeTests: [...good, wrong] });

    const { code, stdout } = await world.run("dry-run", "--route-tests");

    expect(code).toBe(9);
    expect(stdout).toMatch(/^FAILED {2}route test 7$/m);
    expect(stdout).toMatch(new RegExp(`^  got .*${got}`, "m"));
    expect(stdout).toContain("7 route tests: 6 passed, 1 failed.");
  });

  test("passes the tests of the example", async () => {
    await using world = await startWorld();
    const example = join(import.meta.dirname, "../../examples/sage-slack.json");

    const { code, stdout } = await world.run("dry-run", "--route-tests", "--config", example);

    expect(code).toBe(0);
    expect(stdout).toContain("3 passed, 0 failed.");
  });

  test("fails for a source that is off (9)", async () => {
    await using world = await startWorld({
      sources: { "ap-invoices": {} },
      routeTests: [{ given: { source: "ap-payments" }, expect: { channel: "#finance" } }],
    });

    const { code, stdout } = await world.run("dry-run", "--route-tests");

    expect(code).toBe(9);
    expect(stdout).toContain("got       nothing: the source is off");
  });

  test("names a key that no route can go by, and what was probably meant (2)", async () => {
    await using world = await startWorld({
      routeTests: [{ given: { vendr: "1200", amount: 5 }, expect: { chanel: "#a" } }],
    });

    const { code, stderr } = await world.run("dry-run", "--route-tests");

    expect(code).toBe(2);
    expect(stderr).toContain('routeTests.0.given.vendr: is not known; did you mean "vendor"?');
    expect(stderr).toContain("routeTests.0.given.amount");
    expect(stderr).toContain('did you mean "channel"?');
  });
});
