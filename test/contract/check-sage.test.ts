import { writeFile } from "node:fs/promises";
import { request, type RequestListener } from "node:http";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { acquireRunLock } from "../../src/state/run-lock.ts";
import { readStateFile } from "../../src/state/state-file.ts";
import { tested } from "../support/checks.ts";
import { selfSigned, startTlsServer } from "../support/tls-server.ts";
import { startWorld, type World } from "../support/world.ts";

const resources = [
  "AP/APInvoiceBatches",
  "AP/APPaymentAndAdjustmentBatches",
  "GL/GLJournalBatches",
  "AR/ARReceiptAndAdjustmentBatches",
  "PO/POPurchaseOrders",
  "AP/APVendors",
  "AR/ARCustomers",
  "GL/GLAccounts",
];

function askedOf({ sage }: World): string[] {
  return sage.requests.map(({ path }) => path.split("/-/SAMINC/")[1] ?? path);
}

describe("test, of Sage", () => {
  test("asks for one record of each source and of each kind of master data (0)", async () => {
    await using world = await startWorld();

    const { code, checks, failed } = await tested(world);

    expect({ code, failed }).toEqual({ code: 0, failed: [] });
    expect(askedOf(world)).toEqual(resources);
    expect(world.sage.requests.every(({ query, method }) => query["$top"] === "1" && method === "GET")).toBe(
      true,
    );
    expect(checks).toContainEqual({
      name: "SAMINC ap-invoices",
      outcome: "passed",
      detail: "AP/APInvoiceBatches can be read",
      hint: null,
    });
    expect(checks.find(({ name }) => name === "clock and Sage")?.outcome).toBe("passed");
  });

  test("leaves out what no enabled source needs", async () => {
    await using world = await startWorld({
      sources: { "ar-receipts": {}, "ap-invoices": { enabled: false } },
    });

    await tested(world);

    expect(askedOf(world)).toEqual(["AR/ARReceiptAndAdjustmentBatches", "AR/ARCustomers"]);
  });

  test("tells a wrong address by the page that is not there (9)", async () => {
    await using world = await startWorld();
    await world.configure({ sage: { url: world.sage.url.replace("Sage300WebApi", "Sage300") } });

    const { code, failed } = await tested(world);

    expect(code).toBe(9);
    expect(failed).toMatchObject([
      { name: "Sage SAMINC", hint: expect.stringContaining('and "sage.url"?') as string },
    ]);
  });

  test("tells an address where nothing answers, and asks it once (9)", async () => {
    await using world = await startWorld();
    await world.configure({ sage: { url: "http://127.0.0.1:9/Sage300WebApi", companies: ["SAMINC"] } });

    const { code, failed } = await tested(world);

    expect(code).toBe(9);
    expect(failed).toMatchObject([
      { name: "Sage SAMINC", detail: expect.stringContaining("ECONNREFUSED") as string },
    ]);
    expect(failed[0]?.hint).toContain('Is "sage.url" right (http://127.0.0.1:9/Sage300WebApi)');
    expect(failed[0]?.hint).not.toContain("next run");
  });

  test("tells a company that is not there, and goes on with the next (9)", async () => {
    await using world = await startWorld({ sage: { companies: ["NOSUCH", "SAMINC"] } });

    const { code, checks, failed } = await tested(world);

    expect(code).toBe(9);
    expect(failed).toMatchObject([
      { name: "Sage NOSUCH", detail: expect.stringContaining("no company NOSUCH") as string },
    ]);
    expect(failed[0]?.hint).toContain('"sage.companies"');
    expect(checks.find(({ name }) => name === "Sage SAMINC")?.outcome).toBe("passed");
  });

  test("tells ADMIN that he has no right of the Web API (9)", async () => {
    await using world = await startWorld();
    world.sage.addUser({ id: "ADMIN", password: "HUNTER22", isAdmin: true });
    Object.assign(world.env, { SAGE_SLACK_SAGE_USER: "ADMIN", SAGE_SLACK_SAGE_PASSWORD: "HUNTER22" });

    const { code, failed, warned } = await tested(world);

    expect(code).toBe(9);
    expect(failed.map(({ name }) => name)).toEqual([
      "SAMINC ap-invoices",
      "SAMINC ap-payments",
      "SAMINC gl-journals",
      "SAMINC ar-receipts",
      "SAMINC purchase-orders",
    ]);
    for (const { hint } of failed) expect(hint).toContain("ADMIN has none by default");
    expect(warned.map(({ name }) => name).slice(0, 3)).toEqual([
      "SAMINC vendors",
      "SAMINC customers",
      "SAMINC accounts",
    ]);
  });

  test("tells the one module whose right is missing, and what the others lose by it (9)", async () => {
    await using world = await startWorld();
    world.sage.addUser({ id: "WEBAPI", password: "WEBAPI", modules: ["AP", "AR", "PO"] });

    const { code, failed, warned } = await tested(world);

    expect(code).toBe(9);
    expect(failed).toMatchObject([
      {
        name: "SAMINC gl-journals",
        hint: expect.stringContaining('"Sage 300 Web API" in module GL') as string,
      },
    ]);
    expect(warned).toContainEqual(
      expect.objectContaining({
        name: "SAMINC accounts",
        hint: expect.stringContaining("Accounts may appear without their descriptions") as string,
      }),
    );
  });

  test("tells a module that is not installed (9)", async () => {
    await using world = await startWorld({ sources: { "ap-invoices": {}, "purchase-orders": {} } });
    const body = JSON.stringify({ error: { code: "ResourceNotFound", message: { value: "no" } } });
    world.sage.queueFault({
      kind: "status",
      status: 404,
      body,
      contentType: "application/json",
      match: "/PO/",
    });

    const { code, failed } = await tested(world);

    expect(code).toBe(9);
    expect(failed).toMatchObject([
      { name: "SAMINC purchase-orders", hint: expect.stringContaining("module PO installed") as string },
    ]);
  });

  test("passes a server that gives whole records alone (0)", async () => {
    await using world = await startWorld({ sources: { "purchase-orders": {} } });
    const body = JSON.stringify({ error: { code: "InvalidParameters", message: { value: "no" } } });
    const refusal = { kind: "status", status: 400, body, contentType: "application/json" } as const;
    world.sage.queueFault({ ...refusal, match: "$select" });

    expect(await tested(world)).toMatchObject({ code: 0, failed: [] });
  });

  test("asks once with a wrong password, whatever the number of companies (9)", async () => {
    await using world = await startWorld({ sage: { companies: ["SAMINC", "SAMLTD"] } });
    world.env["SAGE_SLACK_SAGE_PASSWORD"] = "wrong-one";

    const { code, failed } = await tested(world);

    expect(code).toBe(9);
    expect(world.sage.requests.length).toBe(1);
    expect(failed).toMatchObject([
      { name: "Sage SAMINC", hint: expect.stringContaining('"sage-slack login sage"') as string },
      { name: "Sage SAMLTD", detail: expect.stringContaining("not asked") as string },
    ]);
    expect(JSON.stringify(failed)).not.toContain("WRONG-ONE");
  });

  test("asks nothing more when Sage refuses in the middle, as for an account that was just locked (9)", async () => {
    await using world = await startWorld();
    world.sage.queueFault({ kind: "status", status: 401, match: "/GL/", times: Infinity });

    const { code, failed } = await tested(world);

    expect(code).toBe(9);
    expect(failed.map(({ name }) => name)).toEqual(["Sage SAMINC"]);
    expect(world.sage.requests.length).toBe(3);
  });

  test("remembers refused credentials for the runs, and lifts that when Sage takes them", async () => {
    await using world = await startWorld({ sources: { "ap-invoices": {} } });
    await world.run("poll");
    world.sage.addUser({ id: "WEBAPI", password: "changed" });
    await tested(world);
    const asked = world.sage.requests.length;

    const kept = await world.run("poll");
    world.sage.addUser({ id: "WEBAPI", password: "WEBAPI" });
    const stillKept = await world.run("poll");
    const lock = await acquireRunLock({ directory: world.directory });
    const during = await tested(world);
    await lock.release();
    const lifted = await tested(world);
    const after = await world.run("poll");

    expect([kept.code, stillKept.code]).toEqual([4, 4]);
    expect(world.sage.requests.slice(asked).some(({ status }) => status === 401)).toBe(false);
    expect(during.code).toBe(0);
    expect(during.warned).toContainEqual(
      expect.objectContaining({ name: "refused credentials", hint: "Run the test again after that." }),
    );
    expect(lifted.code).toBe(0);
    expect(lifted.checks).toContainEqual(
      expect.objectContaining({ name: "refused credentials", outcome: "passed" }),
    );
    expect((await readStateFile({ directory: world.directory }))?.refusedCredentials).toBeNull();
    expect(after).toMatchObject({ code: 0, stderr: "" });
  });

  test("tells a certificate whose authority is not trusted, and trusts the one of sage.caFile", async () => {
    await using world = await startWorld();
    const certificate = selfSigned();
    await using server = await startTlsServer(certificate, passedOn(world.sage.url));
    const url = `${server.url}/Sage300WebApi`;
    await world.configure({ sage: { url } });

    const untrusted = await tested(world);
    const asked = world.sage.requests.length;
    await writeFile(join(world.directory, "corp-ca.pem"), certificate.cert, { mode: 0o600 });
    await world.configure({ sage: { url, caFile: "corp-ca.pem" } });
    const trusted = await tested(world);

    expect(untrusted.code).toBe(9);
    expect(asked).toBe(0);
    expect(untrusted.failed).toMatchObject([
      { name: "Sage SAMINC", hint: expect.stringContaining('"sage.caFile"') as string },
    ]);
    expect(trusted).toMatchObject({ code: 0, failed: [] });
    expect(trusted.checks.find(({ name }) => name === "Sage SAMINC")?.detail).toContain(
      "its certificate is trusted by an authority of corp-ca.pem",
    );
  });

  test("notices a clock that is wrong", async () => {
    await using world = await startWorld();
    world.sage.now.today = "2026-11-20";

    const { warned } = await tested(world);

    expect(warned).toContainEqual(
      expect.objectContaining({
        name: "clock and Sage",
        detail: expect.stringContaining("ahead of") as string,
      }),
    );
  });
});

/** A server in front of another, which it hands every request. */
function passedOn(to: string): RequestListener {
  return (incoming, outgoing) => {
    const { method, url = "/", headers } = incoming;
    const behind = request(new URL(url, to), { method: method ?? "GET", headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(behind);
  };
}
