import { writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";

import { expect, test } from "vitest";

import { runProgram } from "../support/program.ts";
import {
  oweInvoice,
  copiesIn,
  startFaultWorld,
  undelivered,
  type FaultWorld,
} from "../support/slack-faults.ts";
import { selfSigned, startTlsServer } from "../support/tls-server.ts";

/** Slack behind TLS, on a wire that can be cut into: whatever is written to it is no TLS. */
async function startTlsFront({ slack }: FaultWorld, identity: { key: string; cert: string }) {
  const wires = new Set<Socket>();
  let isBroken = false;
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { status, text, date } = await handOn(request, new URL(slack.url).origin);
    if (isBroken && request.url?.endsWith("chat.postMessage") === true) {
      for (const wire of wires) wire.write("this is no TLS record at all");
    } else response.writeHead(status, { "content-type": "application/json", date }).end(text);
  };
  const server = await startTlsServer(identity, (request, response) => void answer(request, response));
  const front = createServer((wire) => {
    wires.add(wire);
    const inner = connect(Number(new URL(server.url).port), "127.0.0.1");
    for (const socket of [wire, inner]) socket.on("error", () => {}); // either end may go first
    wire
      .on("close", () => void wires.delete(wire))
      .pipe(inner)
      .pipe(wire);
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  return {
    apiUrl: `https://127.0.0.1:${(front.address() as AddressInfo).port}/api/`,
    breakOff: (now: boolean) => void (isBroken = now),
    [Symbol.asyncDispose]: async () => {
      for (const wire of wires) wire.destroy();
      front.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function handOn(request: IncomingMessage, origin: string) {
  const body = Buffer.concat(await request.toArray()).toString();
  const { authorization = "", "content-type": type = "" } = request.headers;
  const headers = { authorization, "content-type": type };
  const answer = await fetch(`${origin}${request.url}`, { method: "POST", headers, body });
  return { status: answer.status, text: await answer.text(), date: answer.headers.get("date") ?? "" };
}

test("K09 TLS that breaks after a post has left leaves the post in doubt: it is looked up, not sent again", async () => {
  await using world = await startFaultWorld();
  const ended = selfSigned();
  await using front = await startTlsFront(world, ended);
  const authority = join(world.directory, "ca.pem");
  await writeFile(authority, ended.cert);
  await world.configure({
    slack: { apiUrl: front.apiUrl, quarantineSeconds: 0 },
    sources: { "ap-invoices": {} },
  });
  const env = { ...world.env, NODE_EXTRA_CA_CERTS: authority };
  const poll = () => runProgram(["poll"], { cwd: world.directory, env });
  oweInvoice(world);

  front.breakOff(true);
  const met = await poll();
  const doubted = await undelivered(world);
  front.breakOff(false);
  const settled = await poll();

  expect(met.code).toBe(5);
  expect(met.stderr).toContain("whether the last message arrived is not known");
  expect(doubted).toMatchObject([{ status: "inflight", attempts: 1 }]);
  expect(settled).toMatchObject({ code: 0, stderr: "" });
  expect(copiesIn(world, "finance", "INV-ONCE")).toBe(1);
});
