import { describe, expect, test } from "vitest";

import { SageSimulator } from "../../src/sandbox/sage/sage-simulator.ts";
import { request, startEmpty } from "../support/sage-requests.ts";

/** An answer as it comes, no redirect followed. */
async function ask(sage: SageSimulator, path = "AP/APVendors", init: RequestInit = {}): Promise<Response> {
  return request(sage, path, { redirect: "manual", ...init });
}

async function statusesOf(sage: SageSimulator, ...paths: string[]): Promise<number[]> {
  const statuses: number[] = [];
  for (const path of paths) {
    const response = await ask(sage, path);
    await response.arrayBuffer();
    statuses.push(response.status);
  }
  return statuses;
}

/** What arrives before the connection ends in whatever way. */
async function bytesBeforeTheEnd(response: Response): Promise<{ bytes: number; isWhole: boolean }> {
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) bytes += (chunk as Uint8Array).length;
    return { bytes, isWhole: true };
  } catch {
    return { bytes, isWhole: false };
  }
}

describe("a fault of the Sage simulator", () => {
  test("can be any status with any body and headers", async () => {
    await using sage = await startEmpty();
    sage.queueFault({ kind: "status", status: 401, headers: { "www-authenticate": "Negotiate" } });
    sage.queueFault({ kind: "status", status: 409, body: '{"error":{}}', contentType: "application/json" });

    const bare = await ask(sage);
    const full = await ask(sage);

    expect([bare.status, bare.headers.get("www-authenticate"), await bare.text()]).toEqual([
      401,
      "Negotiate",
      "",
    ]);
    expect([full.status, full.headers.get("content-type"), await full.text()]).toEqual([
      409,
      "application/json",
      '{"error":{}}',
    ]);
  });

  test.each([
    ["html503", 503, "text/html; charset=us-ascii", "<h2>Service Unavailable</h2>"],
    ["text500", 500, "text/plain", "The operation has timed out."],
    ["not-json", 200, "application/json; odata.metadata=minimal", "<title>Sign in</title>"],
    ["empty", 200, "application/json; odata.metadata=minimal", ""],
  ] as const)("can be %s", async (kind, status, type, content) => {
    await using sage = await startEmpty();
    sage.queueFault({ kind });

    const response = await ask(sage);

    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe(type);
    const text = await response.text();
    expect(text.includes(content) && (content !== "" || text === "")).toBe(true);
  });

  test("can be the right answer with something changed in it", async () => {
    await using sage = await startEmpty();
    sage.queueFault({
      kind: "rewrite",
      headers: { "content-type": "text/plain" },
      change: (body) => body.toString().replace("1200", "9999"),
    });

    const response = await ask(sage, "AP/APVendors('1200')?%24select=VendorNumber");

    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/plain"]);
    expect(await response.json()).toMatchObject({ VendorNumber: "9999" });
  });

  test("can be a redirect", async () => {
    await using sage = await startEmpty();
    sage.queueFault({ kind: "redirect", status: 307, location: "https://elsewhere.example/x?y=z" });

    const response = await ask(sage);

    expect(response.status).toBe(307);
    expect(response.headers.get("location")).toBe("https://elsewhere.example/x?y=z");
  });

  test("can be silence until the client gives up", async () => {
    await using sage = await startEmpty();
    sage.queueFault({ kind: "hang" });

    const patience = new AbortController();
    const outcome = ask(sage, "AP/APVendors", { signal: patience.signal });
    await expect.poll(() => sage.requests.length).toBe(1);
    patience.abort();

    await expect(outcome).rejects.toThrow(/abort/i);
    expect(sage.requests).toMatchObject([{ status: 0 }]);
    expect(await statusesOf(sage, "AP/APVendors")).toEqual([200]);
  });

  test("can be a connection that is reset", async () => {
    await using sage = await startEmpty();
    sage.queueFault({ kind: "reset" });

    await expect(ask(sage)).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
    expect(sage.requests).toMatchObject([{ status: 0 }]);
  });

  test("can be an answer that ends early, against what it promised", async () => {
    await using sage = await startEmpty();
    sage.queueFault({ kind: "truncate", afterBytes: 50 });

    const response = await ask(sage);

    expect(Number(response.headers.get("content-length"))).toBeGreaterThan(1000);
    expect(await bytesBeforeTheEnd(response)).toEqual({ bytes: 50, isWhole: false });
  });

  test("can be an answer in drips, complete for those who wait", async () => {
    await using sage = await startEmpty();
    const good = await (await ask(sage, "AP/APVendors('NOBODY')")).text();
    sage.queueFault({ kind: "drip", everyMs: 1 });
    sage.queueFault({ kind: "drip", everyMs: 20 });

    const patient = await ask(sage, "AP/APVendors('NOBODY')");
    const text = await patient.text();
    const impatient = await ask(sage, "AP/APVendors", { signal: AbortSignal.timeout(150) });
    const { bytes, isWhole } = await bytesBeforeTheEnd(impatient);

    expect([patient.status, text]).toEqual([404, good]);
    expect(isWhole).toBe(false);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(9);
  });

  test("can be a delay", async () => {
    await using sage = await startEmpty();
    sage.queueFault({ kind: "delay", ms: 60 });
    const start = performance.now();

    expect(await statusesOf(sage, "AP/APVendors")).toEqual([200]);
    expect(performance.now() - start).toBeGreaterThan(55);
  });

  test.each(["huge", "gzip-bomb"] as const)("can be a %s of JSON, of exactly so many bytes", async (kind) => {
    await using sage = await startEmpty();
    sage.queueFault({ kind, bytes: 3_000_001 });

    const response = await ask(sage);
    const text = await response.text();

    expect(response.headers.get("content-encoding")).toBe(kind === "huge" ? null : "gzip");
    expect(text).toHaveLength(3_000_001);
    expect(JSON.parse(text)).toHaveProperty("value.0.Description");
  });

  test("costs a client that hangs up nothing more, however much was left to send", async () => {
    await using sage = await startEmpty();
    sage.queueFault({ kind: "huge", bytes: 50_000_000_000 });

    const response = await ask(sage);
    await response.body?.cancel();

    expect(await statusesOf(sage, "AP/APVendors('1200')")).toEqual([200]);
  });

  test("hits the requests it is meant for, in the order in which faults were queued", async () => {
    await using sage = await startEmpty();
    sage.queueFault({ kind: "status", status: 502, match: "ARCustomers" });
    sage.queueFault({ kind: "status", status: 503, match: "$filter=VendorNumber eq '1350'", times: 2 });
    sage.queueFault({ kind: "status", status: 504, match: "AP/", skip: 3 });

    const filtered = "AP/APVendors?%24filter=VendorNumber+eq+%271350%27";
    expect(await statusesOf(sage, "AP/APVendors", filtered, filtered, filtered, "AR/ARCustomers")).toEqual([
      200, 503, 503, 200, 502,
    ]);
    expect(await statusesOf(sage, "AP/APVendors", "AP/APVendors", "AP/APVendors", "AR/ARCustomers")).toEqual([
      200, 504, 200, 200,
    ]);
  });

  test("may last until it is cleared", async () => {
    await using sage = await startEmpty();
    sage.queueFault({ kind: "html503", times: Infinity });

    expect(await statusesOf(sage, "AP/APVendors", "AP/APVendors", "GL/GLAccounts")).toEqual([503, 503, 503]);
    sage.clearFaults();
    expect(await statusesOf(sage, "AP/APVendors")).toEqual([200]);
  });
});

describe("the Sage simulator's record of requests", () => {
  test("has what was asked, by whom and how it was answered", async () => {
    await using sage = await startEmpty();

    await statusesOf(
      sage,
      "AP/APVendors('1200')?%24select=VendorNumber%2CVendorName",
      "AP/APVendors(%271%27)",
    );

    expect(sage.requests).toMatchObject([
      {
        method: "GET",
        path: "/Sage300WebApi/v1.0/-/SAMINC/AP/APVendors('1200')",
        query: { $select: "VendorNumber,VendorName" },
        user: "WEBAPI",
        status: 200,
      },
      { url: "/Sage300WebApi/v1.0/-/SAMINC/AP/APVendors(%271%27)", status: 404 },
    ]);
  });

  test("shows how long every answer takes", async () => {
    await using sage = await SageSimulator.start({ history: "empty", latencyMs: 40 });

    await statusesOf(sage, "AP/APVendors", "AP/APVendors");

    const [first, second] = sage.requests;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(38);
  });
});
