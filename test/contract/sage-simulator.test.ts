import { request as httpRequest } from "node:http";

import { describe, expect, test } from "vitest";

import { SageSimulator } from "../../src/sandbox/sage/sage-simulator.ts";
import { basic, startEmpty, type Body } from "../support/sage-requests.ts";

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Body;
}

interface Ask extends RequestInit {
  readonly user?: string;
  readonly password?: string;
}

/** The path is below the company. */
async function get(sage: SageSimulator, path: string, ask: Ask = {}): Promise<Answer> {
  const { user = "WEBAPI", password = user, ...init } = ask;
  return fetched(`${sage.url}/v1.0/-/SAMINC/${path}`, {
    headers: { authorization: basic(`${user}:${password}`), "content-type": "application/json" },
    ...init,
  });
}

async function fetched(url: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  const body = (text.startsWith("{") ? JSON.parse(text) : { value: [] }) as Body;
  return { status: response.status, headers: response.headers, text, body };
}

describe("a login at the Sage simulator", () => {
  test.each([
    ["no credentials", undefined],
    ["another scheme", "Bearer WEBAPI"],
    ["no colon", basic("WEBAPI")],
    ["an unknown user", basic("NOBODY:NOBODY")],
    ["a wrong password", basic("WEBAPI:WRONG")],
  ])("is challenged for %s", async (_, authorization) => {
    await using sage = await startEmpty();

    const answer = await get(sage, "AP/APVendors", { headers: authorization ? { authorization } : {} });

    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe('Basic realm="Sage300WebApi"');
    expect(answer.body.error?.code).toBe("Unauthorized");
  });

  test.each([
    ["upper-required", "webapi", "WEBAPI", 401],
    ["upper-required", "WEBAPI", "webapi", 401],
    ["server-forces-upper", "webapi", "webapi", 200],
    ["upper-required", "CLERK", "Webuser@123", 200],
    ["server-forces-upper", "clerk", "Webuser@123", 200],
    ["server-forces-upper", "CLERK", "WEBUSER@123", 401],
  ] as const)("with %s takes %s / %s as %i", async (caseRule, user, password, status) => {
    await using sage = await startEmpty();
    sage.switches.caseRule = caseRule;
    sage.addUser({ id: "CLERK", password: "Webuser@123", complexPassword: true });

    expect((await get(sage, "AP/APVendors", { user, password })).status).toBe(status);
  });

  test("is locked out by wrong passwords, even with the right one, until somebody unlocks it", async () => {
    await using sage = await startEmpty();
    const statusWith = async (password: string) => (await get(sage, "AP/APVendors", { password })).status;

    expect(await statusWith("WRONG")).toBe(401);
    expect(await statusWith("WEBAPI")).toBe(200);
    for (let time = 0; time < 3; time += 1) expect(await statusWith("WRONG")).toBe(401);
    expect(sage.isLocked("WEBAPI")).toBe(true);
    expect(await statusWith("WEBAPI")).toBe(401);
    sage.unlock("WEBAPI");
    expect(await statusWith("WEBAPI")).toBe(200);
  });

  test("as ADMIN is refused in Sage's own words, unless the server was changed to allow it", async () => {
    await using sage = await startEmpty();

    const refused = await get(sage, "AP/APVendors", { user: "ADMIN" });
    sage.switches.adminAllowed = true;
    const allowed = await get(sage, "AP/APVendors", { user: "ADMIN" });

    expect(refused.status).toBe(403);
    expect(refused.body.error).toEqual({
      code: "Forbidden",
      message: { lang: "en-US", value: "Insufficient security rights for user." },
    });
    expect(allowed.status).toBe(200);
  });

  test("has rights by module", async () => {
    await using sage = await startEmpty();
    sage.addUser({ id: "CLERK", password: "CLERK", modules: ["AP", "PO"] });
    const statusOf = async (path: string) => (await get(sage, path, { user: "CLERK" })).status;

    expect(await statusOf("AP/APVendors")).toBe(200);
    expect(await statusOf("PO/POPurchaseOrders")).toBe(200);
    expect(await statusOf("AR/ARCustomers")).toBe(403);
    expect(await statusOf("GL/$metadata")).toBe(403);
  });

  test.each([
    ["429", [200, 429]],
    ["409", [200, 409]],
    ["serve", [200, 200]],
  ] as const)("has one request at a time where the server is set to %s", async (concurrency, statuses) => {
    await using sage = await SageSimulator.start({
      history: "empty",
      latencyMs: 100,
      switches: { concurrency },
    });

    const answers = await Promise.all([get(sage, "AP/APVendors"), get(sage, "AP/APVendors")]);
    const afterwards = await get(sage, "AP/APVendors");

    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual(statuses);
    expect(afterwards.status).toBe(200);
  });

  test("may leave out Content-Type, unless the server asks for it on reads too", async () => {
    await using sage = await startEmpty();
    const headers = { authorization: basic("WEBAPI:WEBAPI") };

    const tolerated = await get(sage, "AP/APVendors", { headers });
    sage.switches.contentTypeRequired = true;
    const refused = await get(sage, "AP/APVendors", { headers });

    expect(tolerated.status).toBe(200);
    expect(refused).toMatchObject({ status: 500, body: { error: { code: "InternalServerError" } } });
    expect((await get(sage, "AP/APVendors")).status).toBe(200);
  });
});

describe("an address at the Sage simulator", () => {
  test("answers with the headers of a real server", async () => {
    await using sage = await startEmpty();

    const { headers, text } = await get(sage, "AP/APVendors");

    expect(Object.fromEntries(headers)).toMatchObject({
      "api-supported-versions": "1.0",
      "cache-control": "no-cache",
      "content-length": String(Buffer.byteLength(text)),
      "content-type": "application/json; odata.metadata=minimal",
      date: "Tue, 24 Nov 2026 18:00:00 GMT",
      expires: "-1",
      "odata-version": "4.0",
      pragma: "no-cache",
      server: "Microsoft-IIS/10.0",
      "x-aspnet-version": "4.0.30319",
      "x-powered-by": "ASP.NET",
    });
  });

  test("is a landing page at the virtual directory, in any case and without a login", async () => {
    await using sage = await startEmpty();

    const page = await fetched(sage.url.replace("Sage300WebApi", "sage300webapi"));

    expect(page).toMatchObject({ status: 200 });
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(page.text).toContain("<title>Sage 300</title>");
    expect(page.text).toContain("The defaulted company for these operations is SAMLTD.");
  });

  test("outside of the virtual directory is a page of IIS", async () => {
    await using sage = await startEmpty();

    const page = await fetched(sage.url.replace("Sage300WebApi", "Sage300"));

    expect(page.status).toBe(404);
    expect(page.headers.get("content-type")).toContain("text/html");
  });

  test.each([
    ["404", 404, "ResourceNotFound"],
    ["500-DBLinkError", 500, "DBLinkError"],
    ["html-404", 404, undefined],
  ] as const)("of an unknown company is answered as %s", async (unknownCompany, status, code) => {
    await using sage = await startEmpty();
    sage.switches.unknownCompany = unknownCompany;

    const answer = await get(sage, "../NOPE/AP/APVendors");

    expect(answer.status).toBe(status);
    expect(answer.body.error?.code).toBe(code);
  });

  test.each(["AP/Vendors", "AP/apvendors", "AR/APVendors", "AP", "../../../v2.0/-/SAMINC/AP/APVendors"])(
    "that Sage does not have is not found: %s",
    async (path) => {
      await using sage = await startEmpty();

      expect(await get(sage, path)).toMatchObject({
        status: 404,
        body: { error: { code: "ResourceNotFound" } },
      });
    },
  );

  test.each(["POST", "PUT", "PATCH", "DELETE"])("takes no %s", async (method) => {
    await using sage = await startEmpty();

    for (const path of ["AP/APInvoiceBatches", "AP/APInvoiceBatches(1)", "AP/$metadata"]) {
      expect(await get(sage, path, { method })).toMatchObject({
        status: 405,
        body: { error: { code: "MethodNotAllowed" } },
      });
    }
  });

  test("may have so many characters of query, counted as they were sent", async () => {
    await using sage = await startEmpty();
    const query = "$filter=VendorNumber%20eq%20'1200'";
    sage.switches.maxQueryLength = query.length;

    const fits = await rawGet(sage, `AP/APVendors?${query}`);
    const tooLong = await rawGet(sage, `AP/APVendors?${query}&`);

    expect(fits.status).toBe(200);
    expect(tooLong).toMatchObject({ status: 404 });
    expect(tooLong.text).toContain("HTTP Error 404.15 - Not Found");
  });

  test.each(["//", "//x/y", "/%", "/Sage300WebApi/v1.0/-/SAMINC/AP/APVendors('%')"])(
    "that is odd is answered and does not stop the server: %s",
    async (path) => {
      await using sage = await startEmpty();

      const odd = await rawGet(sage, path);

      expect([400, 404]).toContain(odd.status);
      expect((await get(sage, "AP/APVendors")).status).toBe(200);
    },
  );

  test("of $metadata describes a module's types, each that is used once", async () => {
    await using sage = await startEmpty();

    const { headers, text } = await get(sage, "AP/$metadata");

    const namespace = "Sage.CA.SBS.ERP.Sage300.AP.WebApi.Models";
    const defined = [...text.matchAll(/<(?:Entity|Complex|Enum)Type Name="(\w+)"/g)].map(([, name]) => name);
    const used = [...text.matchAll(/Type="(?:Collection\()?([\w.]+)\)?"/g)]
      .map(([, name = ""]) => name)
      .filter((name) => !name.startsWith("Edm."));
    expect(headers.get("content-type")).toContain("xml");
    expect(text).toContain('<edmx:Edmx Version="4.0"');
    expect(text).toContain(`<Schema Namespace="${namespace}"`);
    expect(text).toContain('<PropertyRef Name="BatchSelector"/><PropertyRef Name="BatchNumber"/>');
    expect(text).toContain(`<Property Name="Invoices" Type="Collection(${namespace}.Invoice)"/>`);
    expect(text).toContain('<Property Name="BatchTotal" Type="Edm.Decimal"/>');
    expect(text).toContain(`<EntitySet Name="APVendors" EntityType="${namespace}.Vendor"/>`);
    expect(text).toContain('<Member Name="ReadyToPost"');
    expect(text).not.toContain("NavigationProperty");
    expect(new Set(defined).size).toBe(defined.length);
    expect(new Set(used.map((name) => name.replace(`${namespace}.`, "")))).toEqual(new Set(defined));
  });

  test("is answered packed where IIS does that and the client accepts it", async () => {
    await using sage = await startEmpty();
    sage.switches.compression = "gzip";

    const packed = await get(sage, "AP/APVendors");
    const plain = await rawGet(sage, "AP/APVendors");

    expect(packed.headers.get("content-encoding")).toBe("gzip");
    expect(packed.body.value.length).toBeGreaterThan(0);
    expect(plain.text).toMatch(/^\{"@odata\.context"/);
  });
});

describe("a key at the Sage simulator", () => {
  test.each([
    ["AP/APInvoiceBatches(1)", "BatchNumber", 1],
    ["AP/APInvoiceBatches(BatchNumber = 1)", "BatchNumber", 1],
    ["AP/APVendors('1200')", "VendorNumber", "1200"],
    ["AP/APVendors(1200)", "VendorNumber", "1200"],
    ["AP/APVendors(VendorNumber='1200')", "VendorNumber", "1200"],
    ["AP/APVendors('O''HARA')", "VendorName", "O'Hara & Sons"],
    ["AP/APVendors('A%2F1%20%23%26%2B')", "VendorName", "Odd code"],
    ["GL/GLJournalBatches('000001')", "BatchNumber", "000001"],
    ["AP/APPaymentAndAdjustmentBatches(BatchSelector='PY',BatchNumber=1)", "BatchSelector", "PY"],
    ["AP/APPaymentAndAdjustmentBatches(BatchNumber = 1, BatchSelector = 'AD')", "BatchSelector", "AD"],
    ["AP/APPaymentAndAdjustmentBatches('AD', 1)", "BatchSelector", "AD"],
    ["AR/ARReceiptAndAdjustmentBatches(CA,1)", "BatchRecordType", "CA"],
    ["PO/POPurchaseOrders(1)", "PurchaseOrderSequenceKey", 1],
  ])("finds %s", async (path, field, value) => {
    await using sage = await startEmpty();
    const books = sage.company("SAMINC");
    books.addVendor({ VendorNumber: "O'HARA", VendorName: "O'Hara & Sons" });
    books.addVendor({ VendorNumber: "A/1 #&+", VendorName: "Odd code" });
    books.addInvoiceBatch({ invoices: [] });
    books.addPaymentBatch({ payments: [] });
    books.addPaymentBatch({ selector: "AD", payments: [] });
    books.addReceiptBatch({ receipts: [] });
    books.addJournalBatch({ entries: [] });
    books.addPurchaseOrder({ vendor: "1200", lines: [] });

    const { status, body } = await get(sage, path);

    expect(status).toBe(200);
    expect(body[field]).toBe(value);
  });

  test.each([
    "AP/APInvoiceBatches('1')",
    "AP/APInvoiceBatches(one)",
    "AP/APInvoiceBatches(1,234)",
    "AP/APInvoiceBatches(1,)",
    "AP/APInvoiceBatches(Number=1)",
    "AP/APVendors('1200)",
    "AP/APVendors(Chloride Systems)",
    "AP/APPaymentAndAdjustmentBatches(1)",
    "AP/APPaymentAndAdjustmentBatches(BatchNumber=1)",
    "AP/APPaymentAndAdjustmentBatches(BatchNumber=1,BatchNumber=1)",
    "AP/APPaymentAndAdjustmentBatches(1,'PY')",
  ])("is refused when malformed: %s", async (path) => {
    await using sage = await startEmpty();

    expect(await get(sage, path)).toMatchObject({
      status: 400,
      body: { error: { code: "InvalidEntityKey" } },
    });
  });

  test.each([
    "AP/APInvoiceBatches(99)",
    "GL/GLJournalBatches(1)",
    "GL/GLJournalBatches('1')",
    "AP/APVendors('1')",
  ])("without a record says so in Sage's own words: %s", async (path) => {
    await using sage = await startEmpty();
    sage.company("SAMINC").addJournalBatch({ entries: [] });

    const { status, text } = await get(sage, path);

    expect(status).toBe(404);
    expect(JSON.parse(text)).toEqual({
      error: {
        code: "RecordNotFound",
        message: { lang: "en-US", value: "A Record cannot be found for the specified entity key" },
      },
    });
  });

  test("gives a flat record with its context, all of it or what is selected", async () => {
    await using sage = await startEmpty();
    sage
      .company("SAMINC")
      .addInvoiceBatch({ lastEdited: "2026-11-20", invoices: [{ vendor: "1200", amount: "12.99" }] });
    const context = `${sage.url}/v1.0/-/SAMINC/AP/$metadata#APInvoiceBatches`;

    const whole = await get(sage, "AP/APInvoiceBatches(1)");
    const part = await get(sage, "AP/APInvoiceBatches(1)?$select=BatchNumber,Invoices");

    expect(whole.body).toMatchObject({
      "@odata.context": `${context}/$entity`,
      BatchNumber: 1,
      BatchDate: "2026-11-24T00:00:00Z",
      BatchStatus: "Open",
      DateLastEdited: "2026-11-20T00:00:00Z",
      Invoices: [{ EntryNumber: 1, InvoiceDetails: [{ LineNumber: 20, UpdateOperation: "Unspecified" }] }],
      UpdateOperation: "Unspecified",
    });
    expect(whole.body).not.toHaveProperty("value");
    expect(Object.keys(part.body)).toEqual(["@odata.context", "BatchNumber", "Invoices"]);
    expect(part.body["@odata.context"]).toBe(`${context}(BatchNumber,Invoices)/$entity`);
  });
});

/** Sends a path as it stands, which `fetch` would tidy up first. */
async function rawGet(sage: SageSimulator, path: string): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(sage.url);
  const absolute = path.startsWith("/") ? path : `/Sage300WebApi/v1.0/-/SAMINC/${path}`;
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      { hostname, port, path: absolute, headers: { authorization: basic("WEBAPI:WEBAPI") } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
        });
      },
    );
    sent.on("error", reject).end();
  });
}
