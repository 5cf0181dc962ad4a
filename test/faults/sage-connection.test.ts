import { readFile, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import type { TlsOptions } from "node:tls";
import { gzipSync } from "node:zlib";

import { describe, expect, test } from "vitest";

import { AppError } from "../../src/errors.ts";
import { ODataClient } from "../../src/sage/odata-client.ts";
import type { SageFault } from "../../src/sandbox/sage/faults.ts";
import { CertificateMaker } from "../support/certificates.ts";
import {
  expectNoSecret,
  expectOutcome,
  lasting,
  password,
  startWatchedWorld,
  surviveFault,
  timesPosted,
  type Expected,
} from "../support/faulty-sage.ts";
import { runProgram } from "../support/program.ts";
import { answer, startRawServer, type RawServer } from "../support/raw-server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import type { World } from "../support/world.ts";

const sources = { "ap-invoices": { channel: "#accounts-payable" } };

/** A page of two kilobytes. */
const goodBody = JSON.stringify({
  "@odata.context": "http://erp/Sage300WebApi/v1.0/-/SAMINC/AP/$metadata#APInvoiceBatches",
  value: [{ BatchNumber: 1, Description: "x".repeat(1_900) }],
});

/** One invoice's life around a server that is not Sage, at the configured address. */
async function surviveServer(
  serve: (socket: Socket, request: string) => void,
  expected: Expected & { readonly tls?: TlsOptions; readonly timeoutSeconds?: number },
): Promise<{ server: RawServer; tookMs: number }> {
  await using server = await startRawServer(serve, expected.tls);
  await using world = await startWatchedWorld();
  const scheme = expected.tls === undefined ? "http" : "https";
  const url = `${scheme}://127.0.0.1:${server.port}/Sage300WebApi`;
  let start = 0;
  await surviveFault(
    world,
    {
      begin: async () => {
        await world.configure({ sage: { url, timeoutSeconds: expected.timeoutSeconds ?? 5 }, sources });
        start = performance.now();
      },
      end: () => world.configure({ sources }),
    },
    expected,
  );
  return { server, tookMs: performance.now() - start };
}

function clientOf(port: number, differences: Partial<ConstructorParameters<typeof ODataClient>[0]> = {}) {
  return new ODataClient({
    url: `http://127.0.0.1:${port}/Sage300WebApi`,
    company: "SAMINC",
    user: "READER",
    password,
    timeoutSeconds: 2,
    longestBackoffMs: 0,
    ...differences,
  });
}

/** What reading one page comes to: its rows, or the failure. */
async function outcomeOf(client: ODataClient): Promise<AppError | number> {
  try {
    return (await client.page({ resource: "AP/APInvoiceBatches" })).rows.length;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  } finally {
    client.close();
  }
}

describe("a server that takes its time", () => {
  test("G12 accepts connections and never answers: given up after the time-out", async () => {
    const { server, tookMs } = await surviveServer(() => undefined, {
      timeoutSeconds: 1,
      code: 5,
      says: ["no complete answer within 1 s"],
    });

    expect(server.requests.length).toBe(1);
    expect(tookMs).toBeLessThan(8_000);
  });

  test("G12 hangs at one of many requests: the others are read", async () => {
    await using world = await startWatchedWorld({
      sage: { timeoutSeconds: 1 },
      sources: { ...sources, "ap-payments": { channel: "#treasury" } },
    });
    await world.run("poll");
    world.sage.company("SAMINC").addPaymentBatch({
      payments: [{ vendor: "1350", checkNumber: "CHK-9", amount: "5.00" }],
    });
    world.sage.queueFault({ kind: "hang", match: "$filter" });

    const run = await world.run("poll");

    expectOutcome(run, { code: 5, says: ["SAMINC/ap-invoices", "no complete answer within 1 s"] });
    expect(run.stdout).toContain("Posted 1 message");
  });

  test.each([
    ["headers and then a byte now and then", answer("", { "content-length": "5000" })],
    ["a status line and then a byte now and then", Buffer.from("HTTP/1.1 200 OK\r\nx-slow: ")],
    ["a packed body in drips", answer("", { "content-length": "5000", "content-encoding": "gzip" })],
  ])("G13 sends %s: the whole answer counts, not the pauses", async (_name, begin) => {
    const drips: NodeJS.Timeout[] = [];
    const { tookMs } = await surviveServer(
      (socket) => {
        socket.write(begin);
        drips.push(setInterval(() => socket.write("a"), 100));
      },
      { timeoutSeconds: 1, code: 5, says: ["no complete answer within 1 s"] },
    );
    for (const drip of drips) clearInterval(drip);

    expect(tookMs).toBeLessThan(8_000);
  });
});

describe("an answer that breaks off", () => {
  test("G14 at any byte of its two kilobytes is never taken for the whole", async () => {
    const whole = answer(goodBody);
    let cut = 0;
    await using server = await startRawServer((socket) => void socket.end(whole.subarray(0, cut)));
    const wrong: string[] = [];

    for (cut = 0; cut < whole.length; cut += 1) {
      const outcome = await outcomeOf(clientOf(server.port));
      if (!(outcome instanceof AppError) || outcome.kind !== "temporary")
        wrong.push(`${cut}: ${String(outcome)}`);
    }
    expect(wrong).toEqual([]);
    expect(await outcomeOf(clientOf(server.port))).toBe(1);
  });

  test("G14 at any byte of a packed body is never taken for the whole", async () => {
    const packed = gzipSync(goodBody);
    let cut = 0;
    await using server = await startRawServer(
      (socket) =>
        // The length is right for what is sent: only the packing can tell.
        void socket.end(answer(packed.subarray(0, cut), { "content-encoding": "gzip" })),
    );

    for (cut = 0; cut < packed.length; cut += 1) {
      expect(await outcomeOf(clientOf(server.port)), `cut at ${cut}`).toMatchObject({ kind: "temporary" });
    }
    expect(await outcomeOf(clientOf(server.port))).toBe(1);
  });

  test("G14 at any byte without a length is never taken for the whole", async () => {
    let cut = 0;
    await using server = await startRawServer(
      (socket) =>
        void socket.end(answer(goodBody.slice(0, cut), { "content-length": "", connection: "close" })),
    );

    for (cut = 0; cut < goodBody.length; cut += 7) {
      const outcome = await outcomeOf(clientOf(server.port));
      expect(outcome, `cut at ${cut}`).toBeInstanceOf(AppError);
      expect(outcome, `cut at ${cut}`).toMatchObject({ kind: "unreadable" });
    }
  });

  test.each([10, 1_000])("G14 after %i bytes leaves the run to be gone on with", async (bytes) => {
    const { server } = await surviveServer(
      (socket) => void socket.end(answer(goodBody).subarray(0, 100 + bytes)),
      {
        code: 5,
        says: ["closed before the answer was complete"],
      },
    );

    expect(server.requests.length).toBe(3);
  });

  test("G15 because its length promises more", async () => {
    const { server } = await surviveServer(
      (socket) => void socket.end(answer(goodBody, { "content-length": String(goodBody.length + 1) })),
      { code: 5, says: ["closed before the answer was complete"] },
    );

    expect(server.requests.length).toBe(3);
  });

  test("G15 because its length promises less", async () => {
    const { server } = await surviveServer(
      (socket) => void socket.end(answer(goodBody, { "content-length": String(goodBody.length - 1) })),
      { code: 5, says: ["not valid HTTP"] },
    );

    expect(server.requests.length).toBe(1);
  });

  test("G15 never lets what follows an answer pass for the next one", async () => {
    const smuggled = answer('{"value":[{"BatchNumber":666},{"BatchNumber":667}]}');
    let isFirst = true;
    await using server = await startRawServer((socket) => {
      socket.write(isFirst ? Buffer.concat([answer(goodBody), smuggled]) : answer(goodBody));
      isFirst = false;
    });
    const client = clientOf(server.port);

    const rows = [];
    for (let page = 0; page < 3; page += 1) {
      const read = await client.page({ resource: "AP/APInvoiceBatches" }).catch(() => null);
      rows.push(...(read?.rows ?? []));
    }
    client.close();

    expect(rows.map((row) => row["BatchNumber"])).not.toContain(666);
    expect(rows.length).toBeGreaterThanOrEqual(2);
  });

  test("G16 without its final chunk", async () => {
    const chunk = `${goodBody.length.toString(16)}\r\n${goodBody}\r\n`;
    const { server } = await surviveServer(
      (socket) => void socket.end(answer(chunk, { "content-length": "", "transfer-encoding": "chunked" })),
      { code: 5, says: ["closed before the answer was complete"] },
    );

    expect(server.requests.length).toBe(3);
  });

  test.each([20, 300])("G49 with a reset after %i bytes", async (bytes) => {
    const { server } = await surviveServer(
      (socket) => {
        socket.write(answer(goodBody).subarray(0, bytes));
        setTimeout(() => socket.resetAndDestroy(), 20);
      },
      { code: 5, says: ["closed before the answer was complete (ECONNRESET)"] },
    );

    expect(server.requests.length).toBe(3);
  });

  test("G49 once is asked for again in the same run", async () => {
    await using world = await startWatchedWorld();
    await surviveFault(
      world,
      { begin: () => world.sage.queueFault({ kind: "reset" }), end: () => undefined },
      { code: 0, delivers: true },
    );
    expect(world.sage.requests.filter(({ status }) => status === 0).length).toBe(1);
  });

  test("G49 because the server closed the connection it had kept open is asked for again", async () => {
    let answered = 0;
    await using server = await startRawServer((socket) => {
      answered += 1;
      socket.write(answer(goodBody));
      // As IIS does when its patience with an idle connection ends, the moment after it has answered.
      setTimeout(() => socket.destroy(), 5);
    });
    const client = clientOf(server.port);

    for (let page = 0; page < 20; page += 1) {
      expect((await client.page({ resource: "AP/APInvoiceBatches" })).rows.length).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, page % 3 === 0 ? 5 : 4));
    }
    client.close();
    expect(answered).toBeGreaterThanOrEqual(20);
  });
});

function withHeaders(lines: string): Buffer {
  return Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${goodBody.length}\r\n${lines}\r\n${goodBody}`);
}

describe("an answer that is not HTTP", () => {
  test.each([
    ["a header of 40 KB", withHeaders(`x-long: ${"a".repeat(40_960)}\r\n`), "HPE_HEADER_OVERFLOW"],
    [
      "1,000 headers of 40 bytes",
      withHeaders(`x-many: ${"a".repeat(30)}\r\n`.repeat(1_000)),
      "HPE_HEADER_OVERFLOW",
    ],
    ["a header that breaks the line", withHeaders("x-trick: a\n\rSet-Cookie: b\r\n"), "HPE_"],
    ["two lengths", withHeaders("content-length: 3\r\n"), "HPE_UNEXPECTED_CONTENT_LENGTH"],
    ["a length and chunks", withHeaders("transfer-encoding: chunked\r\n"), "HPE_INVALID_TRANSFER_ENCODING"],
    ["another protocol's greeting", Buffer.from("SSH-2.0-OpenSSH_9.6\r\n"), "HPE_INVALID_CONSTANT"],
    ["a NUL in a header", withHeaders("x-nul: a\0b\r\n"), "HPE_"],
  ])("G24 but %s", async (_name, bytes, code) => {
    const { server } = await surviveServer((socket) => void socket.write(bytes), {
      code: 5,
      says: ["not valid HTTP", code],
    });

    expect(server.requests.length).toBe(1);
  });

  test("G24 with 300 short headers is read", async () => {
    await using server = await startRawServer(
      (socket) => void socket.write(withHeaders("x-many: a\r\n".repeat(300))),
    );

    expect(await outcomeOf(clientOf(server.port))).toBe(1);
  });

  test("G24 but a change to another protocol ends, instead of nothing ever happening", async () => {
    const { server } = await surviveServer(
      (socket) =>
        void socket.write(
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        ),
      { code: 5, says: ["changes to another protocol"] },
    );

    expect(server.requests.length).toBe(1);
  });
});

describe("an answer that is too much", () => {
  const fault = { times: Number.POSITIVE_INFINITY, match: "APInvoiceBatches" };
  const megabyte = 1024 * 1024;
  const bombs: readonly [string, SageFault, number, string][] = [
    ["G22 200 MB", { kind: "huge", bytes: 200 * megabyte, ...fault }, 5, "larger than 16 MB"],
    [
      "G23 200 MB in a packing of 200 KB",
      { kind: "gzip-bomb", bytes: 200 * megabyte, ...fault },
      5,
      "cannot be unpacked within 16 MB",
    ],
    [
      "G23 five packings on top of each other",
      {
        kind: "rewrite",
        change: (body) => Array.from({ length: 5 }).reduce<Uint8Array>((inner) => gzipSync(inner), body),
        headers: { "content-encoding": "gzip, gzip, gzip, gzip, gzip" },
        ...fault,
      },
      3,
      'in the encoding "gzip, gzip, gzip, gzip, gzip"',
    ],
    [
      "G23 an unknown packing",
      { kind: "rewrite", change: (body) => body, headers: { "content-encoding": "zstd" }, ...fault },
      3,
      'in the encoding "zstd"',
    ],
    [
      "G23 a packing named like something of JavaScript's own",
      { kind: "rewrite", change: (body) => body, headers: { "content-encoding": "constructor" }, ...fault },
      3,
      'in the encoding "constructor"',
    ],
    [
      "G22 a tower of brackets",
      { kind: "rewrite", change: () => "[".repeat(15 * megabyte), ...fault },
      3,
      "no Sage server would send",
    ],
    [
      "G22 a heap of crumbs",
      { kind: "rewrite", change: () => `{"value":[${"{},".repeat(5 * megabyte)}{}]}`, ...fault },
      3,
      "no Sage server would send",
    ],
    [
      "G22 quotes that never end",
      {
        kind: "rewrite",
        change: () => `{"a":1234567890123456.5,"b":"${String.raw`\"`.repeat(3 * megabyte)}`,
        ...fault,
      },
      3,
      "did not answer with JSON",
    ],
  ];

  test.each(bombs)("%s cost less than 200 MB of memory and little time", async (_name, bomb, code, says) => {
    await using world = await startWatchedWorld();
    const { directory: cwd, env, sage } = world;
    await world.run("poll");
    const requested = sage.requests.length;
    sage.queueFault(bomb);
    const file = join(cwd, "peak");
    const preload = join(import.meta.dirname, "../support/peak-memory.cjs");
    const start = performance.now();

    const run = await runProgram(["poll"], {
      cwd,
      env: { ...env, NODE_OPTIONS: `--require ${preload}`, PEAK_MEMORY_FILE: file },
    });
    const took = performance.now() - start;
    const peakMegabytes = Number(await readFile(file, "utf8")) / 1024;

    expectOutcome(run, { code, says: [says] });
    expect(peakMegabytes).toBeGreaterThan(20);
    expect(peakMegabytes).toBeLessThan(200);
    expect(took).toBeLessThan(20_000);
    expect(sage.requests.length - requested).toBeLessThanOrEqual(3);
    sage.clearFaults();
    expect(await world.run("poll")).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("a host that cannot be reached", () => {
  test.each([
    ["G47", "http://nothing.invalid/Sage300WebApi", /host name is not known|name server does not answer/],
    ["G48", "http://127.0.0.1:9/Sage300WebApi", /nothing accepts connections there \(ECONNREFUSED\)/],
    ["G48", "http://255.255.255.255/Sage300WebApi", /no way to that network|E[A-Z]+/],
  ])("%s at %s is told in words, and gone on with later", async (_id, url, says) => {
    await using world = await startWatchedWorld();
    await surviveFault(
      world,
      {
        begin: () => world.configure({ sage: { url, allowInsecureHttp: true, timeoutSeconds: 5 }, sources }),
        end: () => world.configure({ sources }),
      },
      { code: 5, says: [says, "AP/APInvoiceBatches of SAMINC"] },
    );
    expect(world.slack.posts.length).toBe(2);
  });
});

describe("a server's TLS", () => {
  const distrust = /rejectUnauthorized|NODE_TLS_REJECT_UNAUTHORIZED|disable|switch.{0,20}off|insecure|skip/i;

  test.each([
    {
      name: "a certificate of its own making",
      make: async (maker: CertificateMaker) => {
        const server = await maker.selfSigned();
        return { server, ca: server.cert };
      },
      says: ["signed by the server itself", "DEPTH_ZERO_SELF_SIGNED_CERT", '"sage.caFile"'],
    },
    {
      name: "a certificate of an unknown authority",
      make: async (maker: CertificateMaker) => {
        const { server, authority } = await maker.signed();
        return { server, ca: authority.cert };
      },
      says: ["authority that is not trusted here", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", '"sage.caFile"'],
    },
    {
      name: "a certificate that comes with its unknown authority",
      make: async (maker: CertificateMaker) => {
        const { server, authority } = await maker.signed();
        return { server: { ...server, cert: server.cert + authority.cert }, ca: authority.cert };
      },
      says: ["authority that is not trusted here", "SELF_SIGNED_CERT_IN_CHAIN", '"sage.caFile"'],
    },
  ])("G50 $name is refused, and accepted once caFile names who vouches for it", async ({ make, says }) => {
    await using directory = await temporaryDirectory();
    const { server, ca } = await make(new CertificateMaker(directory.path));
    await using world = await startWatchedWorld();
    await using front = await startRawServer(forwardTo(world), server);
    const url = `https://127.0.0.1:${front.port}/Sage300WebApi`;

    await surviveFault(
      world,
      {
        begin: () => world.configure({ sage: { url }, sources }),
        end: async () => {
          await writeFile(join(world.directory, "ca.pem"), ca, { mode: 0o600 });
          await world.configure({ sage: { url, caFile: "ca.pem" }, sources });
        },
      },
      { code: 2, says, hides: [distrust] },
    );

    expect(front.requests.length).toBeGreaterThan(3);
  });

  test.each([
    {
      name: "that has expired",
      make: async (maker: CertificateMaker) => {
        const { server, authority } = await maker.signed({ days: -1 });
        return { tls: server, ca: authority.cert };
      },
      says: ["has expired", "CERT_HAS_EXPIRED", '"sage.caFile"', "Renew"],
    },
    {
      name: "for another name",
      make: async (maker: CertificateMaker) => {
        const { server, authority } = await maker.signed({ name: "DNS:erp.example.com" });
        return { tls: server, ca: authority.cert };
      },
      says: ["another host name", "ERR_TLS_CERT_ALTNAME_INVALID", '"sage.caFile" does not help'],
    },
    {
      name: "of another authority than caFile's",
      make: async (maker: CertificateMaker) => {
        const [{ server }, other] = [await maker.signed(), await maker.selfSigned()];
        return { tls: server, ca: other.cert };
      },
      says: ["authority that is not trusted here", '"sage.caFile"'],
    },
    {
      name: "by TLS 1.1 alone",
      make: async (maker: CertificateMaker) => {
        const server = await maker.selfSigned();
        const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
        return { tls: { ...server, ...old }, ca: server.cert };
      },
      says: ["only a version of TLS before 1.2", "Switch TLS 1.2 on"],
    },
    {
      name: "to those who have a certificate as well",
      make: async (maker: CertificateMaker) => {
        const server = await maker.selfSigned();
        return { tls: { ...server, requestCert: true }, ca: server.cert };
      },
      says: ["ends the TLS handshake", "client certificate"],
    },
  ])("G50 a certificate $name is refused, whatever caFile names", async ({ make, says }) => {
    await using directory = await temporaryDirectory();
    const { tls, ca } = await make(new CertificateMaker(directory.path));
    await using world = await startWatchedWorld();
    await using front = await startRawServer(forwardTo(world), tls);
    await writeFile(join(world.directory, "ca.pem"), ca, { mode: 0o600 });
    const url = `https://127.0.0.1:${front.port}/Sage300WebApi`;

    await surviveFault(
      world,
      {
        begin: () => world.configure({ sage: { url, caFile: "ca.pem" }, sources }),
        end: () => world.configure({ sources }),
      },
      { code: 2, says, hides: [distrust] },
    );

    expect(front.requests).toEqual([]);
  });

  test("G50 that is none at all is named", async () => {
    await using plain = await startRawServer((socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await using world = await startWatchedWorld();
    const url = `https://127.0.0.1:${plain.port}/Sage300WebApi`;

    await surviveFault(
      world,
      {
        begin: () => world.configure({ sage: { url }, sources }),
        end: () => world.configure({ sources }),
      },
      { code: 2, says: ["does not speak TLS on this port", "sage.url"], hides: [distrust] },
    );

    expect(plain.requests.join("")).not.toContain("Basic");
  });

  test("G50 caFile has to hold a certificate", async () => {
    await using world = await startWatchedWorld();
    await writeFile(join(world.directory, "ca.cer"), Buffer.from([0x30, 0x82, 0x05, 0x39]), { mode: 0o600 });
    await world.configure({ sage: { caFile: "ca.cer" }, sources });

    const run = await world.run("poll");

    expectOutcome(run, {
      code: 2,
      says: ["sage.caFile", "no certificate in PEM form", "Base-64 encoded X.509"],
    });
    expect(world.sage.requests.length + world.slack.requests.length).toBe(0);
  });
});

/** Hands each connection on to the simulator, as a TLS front does. */
function forwardTo({ sage }: World): (socket: Socket, request: string) => void {
  const upstreams = new Map<Socket, Socket>();
  return (socket, request) => {
    let upstream = upstreams.get(socket);
    if (upstream === undefined) {
      upstream = connect(Number(new URL(sage.url).port), "127.0.0.1");
      upstream.on("error", () => socket.destroy());
      upstream.pipe(socket);
      socket.on("close", () => upstream?.destroy());
      upstreams.set(socket, upstream);
    }
    upstream.write(Buffer.from(request, "latin1"));
  };
}

describe("a configuration", () => {
  test("G51 is not enough where the environment switches the check of certificates off", async () => {
    await using world = await startWatchedWorld();
    world.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";

    const run = await world.run("poll");

    expectOutcome(run, { code: 2, says: ["NODE_TLS_REJECT_UNAUTHORIZED=0", "sage.caFile"] });
    expect(world.sage.requests.length + world.slack.requests.length).toBe(0);
    delete world.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    expect((await world.run("poll")).code).toBe(0);
  });

  test.each(["http://erp.example.com/Sage300WebApi", "HTTP://erp.example.com/Sage300WebApi"])(
    "G52 with %s needs allowInsecureHttp",
    async (url) => {
      await using world = await startWatchedWorld({ sage: { url } });

      const run = await world.run("poll");

      expectOutcome(run, { code: 2, says: ["sends the password in the clear", "allowInsecureHttp"] });
      expect(world.slack.requests.length).toBe(0);
    },
  );

  test("G52 with allowInsecureHttp is warned about by every run, but not for this machine", async () => {
    await using world = await startWatchedWorld();
    const loopback = await world.run("poll");
    // An address of this machine that does not look like one.
    const url = world.sage.url.replace("127.0.0.1", "0.0.0.0");
    await world.configure({ sage: { url, allowInsecureHttp: true }, sources });

    const runs = [await world.run("poll"), await world.run("poll")];

    expect(loopback.stderr).toBe("");
    for (const run of runs) expectOutcome(run, { code: 0, says: [url, "in the clear"] });
    await expectNoSecret(world, ...runs);
  });

  test.each([
    ["G53", "https://erp.example.com:6000/Sage300WebApi", "port 6000"],
    ["G53", "https://erp.example.com:10080/Sage300WebApi", "port 10080"],
    ["G54", "https://user:SECRET-WORD@erp.example.com/Sage300WebApi", "sage-slack login sage"],
    ["G54", "https://user@erp.example.com/Sage300WebApi", "must not hold user or password"],
    ["G54", "https://erp.example.com/Sage300WebApi?company=SAMINC", "query or fragment"],
    ["G54", "https://erp.example.com/Sage300WebApi?", "query or fragment"],
    ["G54", "https://erp.example.com/Sage300WebApi#top", "query or fragment"],
    ["G54", "https://erp.example.com/x/../Sage300WebApi", '".."'],
    ["G54", "https://erp.example.com/x/%2e%2e/Sage300WebApi", '".."'],
    ["G54", "https://erp.example.com/Sage300WebApi ", "spaces or backslashes"],
    ["G54", String.raw`https:\\erp.example.com\Sage300WebApi`, "spaces or backslashes"],
    ["G54", "erp.example.com/Sage300WebApi", "web address"],
    ["G54", "file:///C:/Sage300WebApi", "web address"],
  ])("%s with the address %s is refused before anything is sent", async (_id, url, says) => {
    await using world = await startWatchedWorld({ sage: { url } });

    const run = await world.run("poll");

    expectOutcome(run, { code: 2, says: ["sage.url", says], hides: ["SECRET-WORD"] });
    expect(world.sage.requests.length + world.slack.requests.length).toBe(0);
  });

  test("G54 with the virtual directory in another case, or with more than is needed, works", async () => {
    await using world = await startWatchedWorld();
    const urls = ["sage300webapi", "SAGE300WEBAPI/", "Sage300WebApi/v1.0/-/", "Sage300WebApi/v1.0"];

    for (const ending of urls) {
      const url = world.sage.url.replace("Sage300WebApi", ending);
      await world.configure({ sage: { url }, sources });
      expect({ url, ...(await world.run("poll")) }).toMatchObject({ code: 0, stderr: "" });
    }
  });
});

/** Lets connections through to the simulator, whatever host they are for. */
function tunnel(world: World, reply = "HTTP/1.1 200 OK\r\n\r\n"): (socket: Socket, request: string) => void {
  const forward = forwardTo(world);
  const open = new Set<Socket>();
  return (socket, request) => {
    if (open.has(socket)) return forward(socket, request);
    open.add(socket);
    socket.write(reply);
    if (!reply.startsWith("HTTP/1.1 200")) socket.end();
  };
}

describe("a proxy", () => {
  test("G55 of the configuration is used, for the password crosses it only as far as Sage", async () => {
    await using world = await startWatchedWorld();
    await using proxy = await startRawServer(tunnel(world));
    await world.configure({
      sage: {
        url: "http://sage.internal/Sage300WebApi",
        allowInsecureHttp: true,
        proxy: `http://127.0.0.1:${proxy.port}`,
      },
      sources,
    });

    const run = await world.run("poll", "--quiet");

    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(proxy.requests[0]).toMatch(/^CONNECT sage\.internal:80 HTTP/);
    expect(proxy.requests[0]).not.toContain("uthorization");
    expect(world.sage.requests.length).toBeGreaterThan(1);
  });

  test.each(["HTTP_PROXY", "http_proxy"])(
    "G55 of the variable %s is used, and NO_PROXY exempts from it",
    async (name) => {
      await using world = await startWatchedWorld();
      await using proxy = await startRawServer(tunnel(world));
      world.env[name] = `http://127.0.0.1:${proxy.port}`;
      const url = `http://0.0.0.0:${new URL(world.sage.url).port}/Sage300WebApi`;
      await world.configure({ sage: { url, allowInsecureHttp: true }, sources });

      const through = await world.run("poll");
      const used = proxy.requests.length;
      world.env["NO_PROXY"] = "localhost,0.0.0.0";
      const past = await world.run("poll");

      expect([through.code, past.code]).toEqual([0, 0]);
      expect(used).toBeGreaterThan(1);
      expect(proxy.requests.length).toBe(used);
    },
  );

  test.each([
    ["403", "does not let the connection through \\(403\\)"],
    ["407", "it asks for a password"],
  ])("G55 that says %s is named as what stands in the way", async (status, says) => {
    await using world = await startWatchedWorld();
    await using proxy = await startRawServer(
      tunnel(world, `HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`),
    );
    const proxied = `http://127.0.0.1:${proxy.port}`;

    const run = await surviveFault(
      world,
      {
        begin: () => world.configure({ sage: { proxy: proxied }, sources }),
        end: () => world.configure({ sources }),
      },
      { code: 5, says: [new RegExp(says)] },
    );

    expect(run.stderr).toContain("the proxy");
    expect(proxy.requests.length).toBeGreaterThan(0);
  });

  test("G55 in front of TLS sees no more than the name of the host", async () => {
    await using directory = await temporaryDirectory();
    const { server, authority } = await new CertificateMaker(directory.path).signed({
      name: "DNS:sage.internal",
    });
    await using world = await startWatchedWorld();
    await using front = await startRawServer(forwardTo(world), server);
    await using proxy = await startRawServer(
      tunnel({
        ...world,
        sage: Object.assign(Object.create(world.sage) as typeof world.sage, {
          url: `https://127.0.0.1:${front.port}`,
        }),
      }),
    );
    await writeFile(join(world.directory, "ca.pem"), authority.cert, { mode: 0o600 });
    const sage = {
      url: "https://sage.internal/Sage300WebApi",
      proxy: `http://127.0.0.1:${proxy.port}`,
    };
    await world.configure({ sage, sources });
    const distrusted = await world.run("poll");
    await world.configure({ sage: { ...sage, caFile: "ca.pem" }, sources });
    const trusted = await world.run("poll");

    expectOutcome(distrusted, { code: 2, says: ["authority that is not trusted here"] });
    expect(trusted).toMatchObject({ code: 0, stderr: "" });
    expect(proxy.requests.join("")).not.toContain("APInvoiceBatches");
    expect(front.requests.join("")).toContain("APInvoiceBatches");
  });
});

describe("the server's clock", () => {
  test.each([
    ["two days behind", "Sun, 22 Nov 2026 10:00:00 GMT"],
    ["two days ahead", "Thu, 26 Nov 2026 10:00:00 GMT"],
    ["missing", ""],
    ["nonsense", "yesterday"],
  ])("G56 %s decides nothing", async (_name, date) => {
    await using world = await startWatchedWorld();
    await surviveFault(
      world,
      lasting(world, { kind: "rewrite", change: (body) => body, headers: { date } }),
      { code: 0, delivers: true },
    );
    expect(timesPosted(world)).toBe(1);
  });
});

describe("a password", () => {
  test.each([
    ["with colons", "a:b::c"],
    ["with letters of other alphabets", "Pässwörter-密码-🔑"],
    ["of 256 characters", "Ab1!".repeat(64)],
    ["with the characters of an address", "p@ss/w?rd#%41%zz&x=+ y"],
    ["of a percent sign", "100%"],
    ["with spaces at both ends", "  secret  "],
    ["that is empty", ""],
  ])("G58 %s arrives as it is", async (_name, secret) => {
    await using world = await startWatchedWorld();
    world.sage.addUser({ id: "COMPLEX", password: secret, complexPassword: true });
    world.env["SAGE_SLACK_SAGE_USER"] = "complex";
    world.env["SAGE_SLACK_SAGE_PASSWORD"] = secret;
    await world.configure({ sage: { passwordCase: "as-is" }, sources });

    const right = await world.run("poll");
    world.env["SAGE_SLACK_SAGE_PASSWORD"] = `${secret}x`;
    const wrong = await world.run("poll", "--verbose");

    expect(right).toMatchObject({ code: 0, stderr: "" });
    expect(wrong.code).toBe(4);
    const hidden = secret.trim().length > 4 ? secret.trim() : "never shown";
    expect(wrong.stderr + wrong.stdout).not.toContain(hidden);
  });
});
