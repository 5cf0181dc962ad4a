import { describe, expect, test } from "vitest";

import { keyOf } from "../../src/sandbox/sage/company-books.ts";
import {
  expectNoSecret,
  expectOutcome,
  lasting,
  password,
  startWatchedWorld,
  surviveFault,
  timesPosted,
  type Expected,
  type LastingFault,
} from "../support/faulty-sage.ts";
import { answer, startRawServer } from "../support/raw-server.ts";
import { shownIn, startWorld, type World } from "../support/world.ts";

/** One invoice's life around an answer of the simulator's that is wrong as often as it is asked for. */
async function survive(fault: LastingFault, expected: Expected): Promise<World> {
  const world = await startWatchedWorld();
  await surviveFault(world, lasting(world, fault), expected);
  return world;
}

function refusal(status: number, code: string, message: string): Extract<LastingFault, { kind: "status" }> {
  const body = JSON.stringify({ error: { code, message: { lang: "en-US", value: message } } });
  return { kind: "status", status, body, contentType: "application/json; odata.metadata=minimal" };
}

function page(title: string): string {
  return `<!DOCTYPE html><html><head><title>${title}</title><style>b{color:red}</style></head><body><h2>${title}</h2></body></html>`;
}

describe("credentials that Sage refuses", () => {
  test("G01 are sent once, however often the schedule calls, and go on when they are right", async () => {
    await using world = await startWatchedWorld();
    world.env["SAGE_SLACK_SAGE_PASSWORD"] = `${password}-wrong`;

    const runs = [];
    for (let run = 0; run < 10; run += 1) runs.push(await world.run("poll", "--verbose"));

    expect(runs.map(({ code }) => code)).toEqual(Array.from({ length: 10 }, () => 4));
    expect(world.sage.requests.length).toBe(1);
    expect(world.sage.isLocked("READER")).toBe(false);
    expect(runs[0]?.stderr).toMatch(/user and password were refused for AP\/APInvoiceBatches of SAMINC/);
    expect(runs[0]?.stderr).toMatch(/lock the account.*upper case/);
    expect(runs[9]?.stderr).toMatch(/refused the user and password for SAMINC before/);
    await expectNoSecret(world, ...runs);

    world.env["SAGE_SLACK_SAGE_PASSWORD"] = password;
    expect(await world.run("poll")).toMatchObject({ code: 0 });
  });

  test("G01 are tried once by each preview, which writes nothing, and by none after a run was refused", async () => {
    await using world = await startWatchedWorld();
    world.env["SAGE_SLACK_SAGE_PASSWORD"] = `${password}-wrong`;

    const codes = [];
    for (const command of ["dry-run", "dry-run", "poll", "dry-run"])
      codes.push((await world.run(command)).code);

    expect(codes).toEqual([4, 4, 4, 4]);
    expect(world.sage.requests.length).toBe(3);
  });

  test("G01 keep two companies with the same ones to one request", async () => {
    await using world = await startWorld({ sage: { companies: ["SAMINC", "SAMLTD"] } });
    world.env["SAGE_SLACK_SAGE_PASSWORD"] = "wrong-password";

    const first = await world.run("poll");
    const second = await world.run("poll");

    expect([first.code, second.code]).toEqual([4, 4]);
    expect(world.sage.requests.length).toBe(1);
  });

  test("G01 that are refused in the middle of a run end it for Sage, and the next one too", async () => {
    await using world = await startWorld();
    await world.run("poll");
    world.sage.queueFault({
      ...refusal(401, "Unauthorized", "Password change is required."),
      match: "APPaymentAndAdjustmentBatches",
      times: Number.POSITIVE_INFINITY,
    });
    const before = world.sage.requests.length;

    const refused = await world.run("poll", "--all");
    const asked = world.sage.requests.slice(before);
    const next = await world.run("poll", "--all");

    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain("Password change is required.");
    expect(asked.filter(({ status }) => status === 401).length).toBe(1);
    expect(asked.at(-1)?.status).toBe(401);
    expect(next.code).toBe(4);
    expect(world.sage.requests.length).toBe(before + asked.length);
  });

  test("G02 by a server that does not offer Basic: the way out is in IIS", async () => {
    await using world = await startWatchedWorld();
    world.sage.queueFault({
      kind: "status",
      status: 401,
      headers: { "www-authenticate": "Negotiate, NTLM" },
      contentType: "text/html",
      body: page("401 - Unauthorized: Access is denied due to invalid credentials."),
      times: Number.POSITIVE_INFINITY,
    });

    const runs = [await world.run("poll"), await world.run("poll")];

    expect(runs.map(({ code }) => code)).toEqual([4, 4]);
    expect(world.sage.requests.length).toBe(1);
    expect(runs[0]?.stderr).toMatch(/does not offer authentication of the kind "Basic".*IIS/);
    await expectNoSecret(world, ...runs);
  });
});

describe("rights that are missing", () => {
  test.each([
    { modules: ["AR", "GL", "PO"], forbidden: ["ap-invoices", "ap-payments"], module: "AP" },
    { modules: ["AP", "GL", "PO"], forbidden: ["ar-receipts"], module: "AR" },
  ])("G03 in module $module leave the others running", async ({ modules, forbidden, module }) => {
    await using world = await startWorld();
    world.sage.addUser({ id: "LIMITED", password: "LIMITED", modules });
    world.env["SAGE_SLACK_SAGE_USER"] = "LIMITED";
    world.env["SAGE_SLACK_SAGE_PASSWORD"] = "LIMITED";

    const limited = await world.run("poll");
    world.sage.addUser({ id: "LIMITED", password: "LIMITED" });
    const full = await world.run("poll", "--all");

    expectOutcome(limited, {
      code: 3,
      says: [
        "Insufficient security rights for user.",
        `"Sage 300 Web API" in module ${module}`,
        ...forbidden.map((name) => `SAMINC/${name}`),
      ],
    });
    expect(limited.stdout).toContain(`Posted ${5 - forbidden.length} messages`);
    expect(full).toMatchObject({ code: 0, stderr: "" });
    expect(world.slack.posts.length).toBe(5);
  });

  test("G03 in every module are a matter of the user altogether", async () => {
    await using world = await startWorld();
    world.sage.addUser({ id: "ADMIN", password, isAdmin: true });
    world.env["SAGE_SLACK_SAGE_USER"] = "ADMIN";
    world.env["SAGE_SLACK_SAGE_PASSWORD"] = password;

    const refused = await world.run("poll");
    world.sage.switches.adminAllowed = true;
    const allowed = await world.run("poll");

    expectOutcome(refused, { code: 4, says: ["Insufficient security rights", "ADMIN has none by default"] });
    expect(allowed).toMatchObject({ code: 0, stderr: "" });
  });

  test("G03 says that the web server refuses where it was not Sage", async () => {
    await using world = await survive(
      { kind: "status", status: 403, contentType: "text/html", body: page("403.4 - SSL required") },
      { code: 4, says: ["SSL required", "web server or a proxy says no, not Sage"] },
    );
    expect(world.sage.requests.length).toBeGreaterThan(0);
  });
});

describe("an address that is wrong", () => {
  test("G04 in its company is told with the company and the address", async () => {
    await using world = await startWorld({ sage: { companies: ["NOSUCH"] } });

    const { code, stderr } = await world.run("poll");

    expect(code).toBe(2);
    expect(stderr).toContain("no company NOSUCH");
    expect(stderr).toContain(world.sage.url);
    expect(stderr.match(/NOSUCH:/g)?.length).toBe(1);
  });

  test.each(["html-404", "500-DBLinkError"] as const)(
    "G04 in its company, answered as %s",
    async (answered) => {
      await using world = await startWorld({ sage: { companies: ["NOSUCH"] } });
      world.sage.switches.unknownCompany = answered;

      const { code, stderr } = await world.run("poll");

      expect(code).toBe(answered === "html-404" ? 2 : 5);
      expect(stderr).toContain('Is the company "NOSUCH" right');
      expect(stderr.match(/NOSUCH:/g)?.length).toBe(1);
    },
  );

  test("G04 in its virtual directory is told once for all companies", async () => {
    await using world = await startWorld();
    const url = world.sage.url.replace("Sage300WebApi", "Sage300WebAPI2");
    await world.configure({ sage: { url, companies: ["SAMINC", "SAMLTD"] } });

    const { code, stderr } = await world.run("poll");

    expect(code).toBe(2);
    expect(stderr.match(/^\S.*: cannot read/gm)).toEqual(["SAMINC, SAMLTD: cannot read"]);
    expect(stderr).toContain("404, an HTML error page");
    expect(stderr).toContain(url);
    expect(world.sage.requests.length).toBe(2);
    await world.configure({});
    expect(await world.run("poll")).toMatchObject({ code: 0, stderr: "" });
  });

  test("G04 in one of two companies leaves the other running", async () => {
    await using world = await startWorld({ sage: { companies: ["NOSUCH", "SAMINC"] } });

    const { code, stderr, stdout } = await world.run("poll");

    expect(code).toBe(2);
    expect(stderr).toContain("no company NOSUCH");
    expect(stdout).toContain("Posted 5 messages");
  });

  test.each([
    ["PO", ["purchase-orders"]],
    ["AP", ["ap-invoices", "ap-payments"]],
  ])("G04 does not include a module %s that is not installed", async (module, missing) => {
    await using world = await startWorld();
    world.sage.queueFault({
      ...refusal(404, "ResourceNotFound", "The resource does not exist."),
      match: `/SAMINC/${module}/`,
      times: Number.POSITIVE_INFINITY,
    });

    const { code, stderr, stdout } = await world.run("poll");

    expect(code).toBe(3);
    for (const name of missing) expect(stderr).toContain(`SAMINC/${name}`);
    expect(stderr).toContain(`Is the module ${module} installed and activated in SAMINC?`);
    expect(stdout).toContain(`Posted ${5 - missing.length} messages`);
    world.sage.clearFaults();
    expect(await world.run("poll", "--all")).toMatchObject({ code: 0, stderr: "" });
    expect(world.slack.posts.length).toBe(5);
  });

  test("G04 does not include a module of which the framework, not Sage, says so", async () => {
    await using world = await startWorld();
    world.sage.queueFault({
      kind: "status",
      status: 404,
      contentType: "application/json",
      body: '{"Message":"No HTTP resource was found that matches the request URI."}',
      match: "/SAMINC/AP/",
      times: Number.POSITIVE_INFINITY,
    });

    const { code, stdout } = await world.run("poll");

    expect(code).toBe(3);
    expect(stdout).toContain("Posted 3 messages");
  });
});

describe("an answer that says no", () => {
  test("G05 about a watched record lets go of it", async () => {
    await using world = await startWorld();
    await world.run("poll");
    const books = world.sage.company("SAMINC");
    const order = books.addPurchaseOrder({
      number: "PO-GONE",
      vendor: "1400",
      lines: [{ item: "A1-103/0", quantity: "1", unitCost: "1.00" }],
    });
    await world.run("poll", "--all");
    books.vanish("purchase-orders", keyOf("purchase-orders", order));

    const gone = await world.run("poll", "--all");
    const later = await world.run("poll", "--all");

    expect([gone.code, later.code]).toEqual([0, 0]);
    expect(shownIn(world.slack, "procurement").match(/"PO-GONE, /g)?.length).toBe(1);
  });

  test("G05 packed by the web server is understood all the same", async () => {
    await using world = await startWorld();
    world.sage.switches.compression = "gzip";
    await world.run("poll");
    const books = world.sage.company("SAMINC");
    const batch = books.addInvoiceBatch({ invoices: [{ vendor: "1200", amount: "1.00" }] });
    world.sage.onRequest = ({ path }) => {
      if (path.includes("APInvoiceBatches(")) books.vanish("ap-invoices", keyOf("ap-invoices", batch));
    };

    expect(await world.run("poll", "--only", "ap-invoices")).toMatchObject({ code: 0, stderr: "" });
  });

  test("G06 to so many rows at a time names the setting", async () => {
    const top =
      "The limit of '50' for Top query has been exceeded. The value from the incoming request is '100'.";
    await using world = await survive(
      { ...refusal(400, "", top), match: "$top=100" },
      { code: 3, says: ["Top query has been exceeded", 'lower "sage.pageSize"'] },
    );
    await world.configure({ sage: { pageSize: 50 } });
    expect(await world.run("poll")).toMatchObject({ code: 0, stderr: "" });
  });

  test("G06 to whatever is asked by a filter is worked around by reading everything", async () => {
    await using world = await survive(
      {
        ...refusal(400, "InvalidParameters", "Could not find a property named 'BatchStatus' on type 'X'."),
        match: "$filter",
      },
      { code: 0, delivers: true },
    );
    expect(world.slack.posts.length).toBe(2);
  });

  test.each([
    '{"error":{"code":"","message":"Could not find a property named \'BatchTotal\' on type \'X\'."}}',
    '{"odata.error":{"code":"","message":{"lang":"en","value":"The query is not valid: BatchTotal."}}}',
    '{"Message":"The query is not valid: BatchTotal."}',
  ])("G06 to the selection alone, in the framework's own words %s, is worked around", async (body) => {
    await using world = await survive(
      { kind: "status", status: 400, contentType: "application/json", body, match: "BatchTotal" },
      { code: 0, delivers: true },
    );
    expect(world.sage.requests.filter(({ status }) => status === 400).length).toBeGreaterThan(0);
  });

  test("G06 by the web server is not taken for a word of Sage's", async () => {
    await using world = await survive(
      { kind: "status", status: 400, contentType: "text/html", body: page("Bad Request - Request Too Long") },
      { code: 3, says: ["400, an HTML error page", "Request Too Long", "not Sage"] },
    );
    expect(world.slack.posts.length).toBe(2);
  });

  test.each([409, 423, 429])("G07 because it is busy (%i) is a matter of waiting", async (status) => {
    await using world = await survive(
      {
        ...refusal(status, "TooManyRequests", "Server was flooded with too many concurrent requests."),
        headers: { "retry-after": "45" },
      },
      {
        code: 5,
        says: [`${status} TooManyRequests`, "flooded", "busy", "left alone for 45 s"],
      },
    );
    // Longer than a run waits: not asked again in it.
    expect(world.sage.requests.filter((request) => request.status === status).length).toBe(1);
  });

  test("G07 for a second is waited out", async () => {
    await using world = await startWatchedWorld();
    await surviveFault(
      world,
      {
        begin: () =>
          world.sage.queueFault({
            ...refusal(429, "TooManyRequests", "Server was flooded."),
            headers: { "retry-after": "1" },
          }),
        end: () => undefined,
      },
      { code: 0, delivers: true },
    );
    expect(world.sage.requests.filter(({ status }) => status === 429).length).toBe(1);
  });

  test("G08 with Sage's envelope shows Sage's own code", async () => {
    await using world = await survive(
      refusal(500, "InternalServerError", "An error has occurred.\u001b[2J"),
      { code: 5, says: ["500 InternalServerError", "An error has occurred."] },
    );
    expect(world.sage.requests.filter(({ status }) => status === 500).length).toBe(1);
  });

  test.each([
    ["500", refusal(500, "General", "Business layer error."), 5, "500 General"],
    ["400", refusal(400, "General", "Business layer error."), 3, "400 General"],
    ["more than anybody reads", { kind: "huge", bytes: 17_000_000 } as const, 5, "larger than 16 MB"],
  ])("G08 about one batch keeps no other from being announced: %s", async (_how, fault, code, says) => {
    await using world = await startWorld();
    await world.run("poll");
    const books = world.sage.company("SAMINC");
    const add = (documentNumber: string) =>
      keyOf(
        "ap-invoices",
        books.addInvoiceBatch({ invoices: [{ vendor: "1200", documentNumber, amount: "1" }] }),
      );
    const keys = ["INV-A", "INV-B", "INV-C"].map(add);
    for (const match of ["BatchNumber le", `APInvoiceBatches(${keys[1]})`])
      world.sage.queueFault({ match, times: Number.POSITIVE_INFINITY, ...fault });
    const broken = await world.run("poll");
    const told = shownIn(world.slack, "accounts-payable");
    world.sage.clearFaults();
    const mended = await world.run("poll");

    expect(broken.code).toBe(code);
    expect(broken.stderr).toContain(`A/P invoice batch ${keys[1]}: `);
    expect(broken.stderr).toContain(says);
    expect([told.includes("INV-A"), told.includes("INV-B"), told.includes("INV-C")]).toEqual([
      true,
      false,
      true,
    ]);
    expect(mended.code).toBe(0);
    expect(shownIn(world.slack, "accounts-payable").match(/INV-B/g)?.length).toBe(1);
  });

  test("G09 as a yellow page is told in one short line", async () => {
    await using world = await survive(
      {
        kind: "status",
        status: 500,
        contentType: "text/html; charset=utf-8",
        body: `${page("Server Error in '/Sage300WebApi' Application.")}${"Stack Trace: at Sage.CA ".repeat(2000)}`,
      },
      {
        code: 5,
        says: ["500, an HTML error page", "Server Error in '/Sage300WebApi' Application."],
        hides: [/color:red/, /.{700}/],
      },
    );
    expect(world.slack.posts.length).toBe(2);
  });

  test.each([502, 503, 504])(
    "G10 while the application pool restarts (%i) is asked once more",
    async (status) => {
      await using world = await startWatchedWorld();
      await surviveFault(
        world,
        {
          begin: () =>
            world.sage.queueFault({
              kind: "status",
              status,
              contentType: "text/html; charset=us-ascii",
              body: page("Service Unavailable"),
            }),
          end: () => undefined,
        },
        { code: 0, delivers: true },
      );
      expect(world.sage.requests.filter((request) => request.status === status).length).toBe(1);
    },
  );

  test("G11 for ever is given up after three tries, when Slack has got what it was owed", async () => {
    await using world = await startWatchedWorld();
    await world.run("poll");
    world.sage
      .company("SAMINC")
      .addInvoiceBatch({ invoices: [{ vendor: "1200", documentNumber: "ONCE-1", amount: "12.99" }] });
    await world.configure({
      sources: { "ap-invoices": { channel: "#accounts-payable" } },
      slack: { apiUrl: "http://127.0.0.1:9/api/" },
    });
    await world.run("poll");
    await world.configure({ sources: { "ap-invoices": { channel: "#accounts-payable" } } });
    world.sage.queueFault({ kind: "html503", times: Number.POSITIVE_INFINITY });
    const before = world.sage.requests.length;
    const start = performance.now();

    const dead = await world.run("poll");
    const took = performance.now() - start;

    expectOutcome(dead, { code: 5, says: ["503, an HTML error page", "Service Unavailable"] });
    expect(world.sage.requests.length - before).toBe(3);
    expect(took).toBeLessThan(40_000);
    expect(timesPosted(world)).toBe(1);
    world.sage.clearFaults();
    expect(await world.run("poll")).toMatchObject({ code: 0, stderr: "" });
    expect(timesPosted(world)).toBe(1);
  });
});

describe("an answer that is not what it should be", () => {
  test.each([
    ["a valid prefix and junk", (body: Buffer) => `${body.toString()}]}`],
    ["half of it", (body: Buffer) => body.subarray(0, body.length / 2)],
    ["a comma too many", (body: Buffer) => body.toString().replace(/\}\]\}$/, "},]}")],
    ["NaN where a number should be", (body: Buffer) => body.toString().replace("12.99", "NaN")],
    ["two documents", (body: Buffer) => `${body.toString()}${body.toString()}`],
  ])("G17 with %s is not JSON, and none of it is shown", async (_name, change) => {
    await using world = await survive(
      { kind: "rewrite", change, match: "BatchNumber gt" },
      { code: 3, says: ["did not answer with JSON", /\d+ characters/], hides: [/BatchTotal|12\.99/] },
    );
    expect(world.slack.posts.length).toBe(2);
  });

  test.each(["null", "[]", '"x"', "{}", "12", '{"value":{}}', '{"value":[1]}', '{"value":[null]}'])(
    "G18 that is %s has not the shape of a list",
    async (body) => {
      await using world = await survive(
        { kind: "rewrite", change: () => body },
        { code: 3, says: ["AP/APInvoiceBatches of SAMINC", "without a list of records"] },
      );
      expect(world.slack.posts.length).toBe(2);
    },
  );

  // A record without its fields is G42: it holds back no other.
  test.each(["null", "[]", '"x"', "12"])("G18 that is %s has not the shape of a record", async (body) => {
    await using world = await survive(
      { kind: "rewrite", change: () => body, match: "APInvoiceBatches(" },
      { code: 3, says: [/APInvoiceBatches of SAMINC .* without a record|A\/P invoice batch/] },
    );
    expect(world.slack.posts.length).toBe(2);
  });

  test.each(["text/html", "application/json"])("G19 but a page to sign in to (%s)", async (contentType) => {
    await using world = await survive(
      { kind: "status", status: 200, contentType, body: page("Sign in to the guest network") },
      { code: 3, says: ["Sign in to the guest network", "a proxy or a login page may be in between"] },
    );
    expect(world.slack.posts.length).toBe(2);
  });

  test("G19 but nothing at all", async () => {
    await using world = await survive(
      { kind: "empty" },
      { code: 3, says: ["did not answer with JSON but with nothing"] },
    );
    expect(world.slack.posts.length).toBe(2);
  });

  test.each(["text/plain; charset=utf-8", "application/octet-stream", ""])(
    "G20 by its content type %j alone is read all the same",
    async (type) => {
      await using world = await survive(
        { kind: "rewrite", change: (body) => body, headers: { "content-type": type } },
        { code: 0, delivers: true },
      );
      expect(world.slack.posts.length).toBe(2);
    },
  );

  test("G21 by a byte order mark alone is read all the same", async () => {
    await using world = await survive(
      { kind: "rewrite", change: (body) => `\uFEFF${body.toString()}` },
      { code: 0, delivers: true },
    );
    expect(world.slack.posts.length).toBe(2);
  });

  test.each([
    ["UTF-16 with its mark", (body: Buffer) => Buffer.from(`\uFEFF${body.toString()}`, "utf16le")],
    ["UTF-16 without one", (body: Buffer) => Buffer.from(body.toString(), "utf16le")],
    ["Latin-1", (body: Buffer) => Buffer.from(body.toString().replace('""', '"Zürich"'), "latin1")],
  ])("G21 in %s is refused, so that no name is wrong", async (_name, change) => {
    await using world = await survive(
      { kind: "rewrite", change },
      { code: 3, says: [/encoding other than UTF-8|did not answer with JSON/], hides: [/Z.?rich/] },
    );
    expect(world.slack.posts.length).toBe(2);
  });

  test("G21 keeps every letter of every script", async () => {
    const name = "Zürich Ąę 東京 🏦 العربية";
    await using world = await startWatchedWorld();
    await world.run("poll");
    world.sage.switches.compression = "gzip";
    world.sage.company("SAMINC").addInvoiceBatch({
      description: name,
      invoices: [{ vendor: "1200", documentNumber: "ONCE-1", amount: "1.00" }],
    });

    expect(await world.run("poll")).toMatchObject({ code: 0 });
    expect(shownIn(world.slack, "accounts-payable")).toContain(name);
  });
});

describe("a redirect", () => {
  test.each([
    ["G25", 301, "to the same host without TLS"],
    ["G25", 302, "to the same host without TLS"],
    ["G25", 307, "to the same host without TLS"],
    ["G25", 308, "to the same host without TLS"],
    ["G26", 302, "to another host"],
    ["G26", 307, "to another host"],
    ["G27", 302, "in a circle"],
  ])("%s (%i) %s is named and not followed", async (id, status) => {
    await using target = await startRawServer((socket) => void socket.end(answer("{}")));
    await using world = await startWatchedWorld();
    const targets: Record<string, string> = {
      G25: `http://127.0.0.1:${target.port}/Sage300WebApi/?ticket=SECRET-TICKET#SECRET-PART`,
      G26: `https://user:SECRET-WORD@localhost:${target.port}/x?ticket=SECRET-TICKET`,
      G27: `${world.sage.url}/v1.0/-/SAMINC/AP/APInvoiceBatches?again=SECRET-TICKET`,
    };
    const location = targets[id] ?? "";
    const requests = () => world.sage.requests.filter((request) => request.status === status).length;

    await surviveFault(world, lasting(world, { kind: "redirect", status, location }), {
      code: 2,
      says: ["redirects to http", "not followed", '"sage.url"'],
      hides: [/SECRET/],
    });

    expect(target.requests).toEqual([]);
    expect(requests()).toBe(1);
  });

  test("G26 without a target is named as well", async () => {
    await using world = await survive(
      { kind: "status", status: 302 },
      { code: 2, says: ["redirects to nowhere"] },
    );
    expect(world.slack.posts.length).toBe(2);
  });
});

describe("a link to the next page", () => {
  test.each([
    ["another host", "http://127.0.0.1:PORT/v1.0/-/SAMINC/AP/APInvoiceBatches?$skip=100"],
    ["another host with credentials", "http://user:pw@127.0.0.1:PORT/x?$skip=100"],
    ["another host without a scheme", "//127.0.0.1:PORT/x?$skip=100"],
    ["a file", "file:///etc/passwd"],
    ["a script", "javascript:alert(1)"],
    ["nothing that is an address", "http://["],
  ])("G28 to %s is never gone to, and nothing is missed", async (_name, link) => {
    await using target = await startRawServer((socket) => void socket.end(answer('{"value":[]}')));
    await using world = await startWatchedWorld();
    await world.run("poll");
    world.sage.switches.pageSize = 3;
    for (let batch = 0; batch < 10; batch += 1) {
      world.sage.company("SAMINC").addInvoiceBatch({
        invoices: [{ vendor: "1200", documentNumber: `DOC-${batch}`, amount: "1.00" }],
      });
    }
    world.sage.queueFault({
      kind: "rewrite",
      match: "$filter",
      change: (body) =>
        body
          .toString()
          .replace(
            /"@odata.nextLink":"[^"]*"/,
            `"@odata.nextLink":"${link.replace("PORT", String(target.port))}"`,
          ),
      times: Number.POSITIVE_INFINITY,
    });

    const { code } = await world.run("poll");

    expect(code).toBe(0);
    expect(target.requests).toEqual([]);
    for (let batch = 0; batch < 10; batch += 1) expect(timesPosted(world, `DOC-${batch}`)).toBe(1);
  });

  test("G29 to the page that was just read is seen through", async () => {
    await using world = await startWatchedWorld();
    await world.run("poll");
    world.sage.switches.pageSize = 3;
    for (let batch = 0; batch < 10; batch += 1) {
      world.sage.company("SAMINC").addInvoiceBatch({
        invoices: [{ vendor: "1200", documentNumber: `DOC-${batch}`, amount: "1.00" }],
      });
    }
    let first: Buffer | null = null;
    world.sage.queueFault({
      kind: "rewrite",
      match: "$filter",
      change: (body) => (first ??= body),
      times: Number.POSITIVE_INFINITY,
    });

    const stuck = await world.run("poll");
    world.sage.clearFaults();
    const next = await world.run("poll");
    await world.run("poll");

    expectOutcome(stuck, { code: 3, says: ["SAMINC/ap-invoices", "repeats a page"] });
    expect(next.code).toBe(0);
    expect(world.sage.requests.length).toBeLessThan(100);
    for (let batch = 0; batch < 10; batch += 1) expect(timesPosted(world, `DOC-${batch}`)).toBe(1);
  });

  test("G30 with more rows than were asked for is not believed", async () => {
    await using world = await startWatchedWorld({ sage: { pageSize: 5 } });
    const extra = Array.from({ length: 6 }, (_, index) => ({
      BatchNumber: 9000 + index,
      BatchStatus: "Open",
    }));
    await surviveFault(
      world,
      lasting(world, {
        kind: "rewrite",
        match: "$filter",
        change: () => JSON.stringify({ value: extra }),
      }),
      { code: 3, says: ["6 records where 5 were asked for"] },
    );
    expect(world.slack.posts.length).toBe(2);
  });

  test("G30 after no rows at all is not believed", async () => {
    await using world = await survive(
      {
        kind: "rewrite",
        match: "$filter",
        change: () =>
          '{"value":[],"@odata.nextLink":"https://erp/Sage300WebApi/v1.0/-/SAMINC/AP/X?$skip=100"}',
      },
      { code: 3, says: ["an empty page that others are to follow"] },
    );
    expect(world.slack.posts.length).toBe(2);
  });
});

describe("a record", () => {
  test("G41 that is deleted between the list and its own request is passed over", async () => {
    await using world = await startWatchedWorld();
    await world.run("poll");
    const books = world.sage.company("SAMINC");
    const gone = books.addInvoiceBatch({
      invoices: [{ vendor: "1200", documentNumber: "GONE", amount: "1.00" }],
    });
    books.addInvoiceBatch({ invoices: [{ vendor: "1200", documentNumber: "ONCE-1", amount: "1.00" }] });
    world.sage.onRequest = ({ query }) => {
      if (query["$filter"]?.includes("BatchNumber le") === true)
        books.vanish("ap-invoices", keyOf("ap-invoices", gone));
    };

    const run = await world.run("poll");
    const next = await world.run("poll");

    expect([run, next]).toMatchObject([
      { code: 0, stderr: "" },
      { code: 0, stderr: "" },
    ]);
    expect([timesPosted(world, "GONE"), timesPosted(world)]).toEqual([0, 1]);
  });

  test("G43 with fields and members nobody knows is shown as it is", async () => {
    await using world = await startWorld();
    await world.run("poll");
    world.sage.switches.extraFields = true;
    world.sage.company("SAMINC").addInvoiceBatch({
      invoices: [{ vendor: "1200", documentNumber: "ONCE-1", amount: "12.99" }],
    });
    world.sage.queueFault({
      kind: "rewrite",
      match: "APInvoiceBatches",
      change: (body) =>
        body.toString().replaceAll('"BatchStatus":"Open"', '"BatchStatus":"AwaitingSignature"'),
      times: Number.POSITIVE_INFINITY,
    });

    const run = await world.run("poll", "--all");
    const next = await world.run("poll", "--all");

    expect([run, next]).toMatchObject([
      { code: 0, stderr: "" },
      { code: 0, stderr: "" },
    ]);
    expect(timesPosted(world)).toBe(1);
    expect(shownIn(world.slack, "accounts-payable")).toMatch(/Awaiting ?Signature/i);
  });

  test.each(["__proto__", "constructor", "prototype", "toString"])(
    "G43 with a field called %s is nothing that Sage would send",
    async (key) => {
      await using world = await survive(
        {
          kind: "rewrite",
          match: "APInvoiceBatches(",
          change: (body) => body.toString().replace(/^\{/, `{"${key}":{"polluted":true},`),
        },
        { code: 3, says: ["no Sage server would send"] },
      );
      expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
      expect(world.slack.posts.length).toBe(2);
    },
  );
});

describe("an answer for another company", () => {
  test.each([["in a list", "$top=1"]])("G57 %s is refused", async (_name, match) => {
    await using world = await survive(
      { kind: "rewrite", match, change: (body) => body.toString().replace("/-/SAMINC/", "/-/OTHER/") },
      { code: 2, says: ["answered for the company OTHER", "sage.companies"] },
    );
    expect(world.slack.posts.length).toBe(2);
  });

  test("G57 in a single record is refused", async () => {
    await using world = await survive(
      {
        kind: "rewrite",
        match: "APInvoiceBatches(",
        change: (body) => body.toString().replace("/-/SAMINC/", "/-/OTHER/"),
      },
      { code: 2, says: ["answered for the company OTHER"] },
    );
    expect(world.slack.posts.length).toBe(2);
  });

  test("G57 is not what another spelling of the same company is", async () => {
    await using world = await survive(
      { kind: "rewrite", change: (body) => body.toString().replace("/-/SAMINC/", "/-/saminc/") },
      { code: 0, delivers: true },
    );
    expect(world.slack.posts.length).toBe(2);
  });
});
