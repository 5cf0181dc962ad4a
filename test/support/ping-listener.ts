import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A signal as https://healthchecks.io/docs/http_api/ has it; `success` for the address alone. */
export interface Received {
  readonly signal: string;
  readonly rid: string | null;
  readonly method: string;
  readonly body: string;
}

export interface PingListener extends AsyncDisposable {
  /** Address of the one check that it has. */
  readonly url: string;
  /** Signals of that check, as they came. */
  readonly received: Received[];
  /** Every request, those for checks that it does not have included. */
  readonly requests: string[];
  /** Other than 200: with a redirect to itself from 300 on. */
  status: number;
  /** `false`: it takes everything and answers nothing. */
  answers: boolean;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const known = /^(?:start|fail|log|\d{1,3})$/;

/** Takes the signals for one check on loopback, and refuses what the documentation does not have. */
export async function startPingListener(): Promise<PingListener> {
  const id = randomUUID();
  const server = createServer((request, response) => void serve(request, response));
  const listener: Omit<PingListener, typeof Symbol.asyncDispose> = {
    url: "",
    received: [],
    requests: [],
    status: 200,
    answers: true,
  };
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    let body = "";
    for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString();
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    listener.requests.push(`${request.method} ${pathname}`);
    const [, check, signal = "success"] = pathname.split("/");
    const rid = searchParams.get("rid");
    const isKnown = signal === "success" || known.test(signal);
    if (check !== id || !isKnown || Number(signal) > 255 || (rid !== null && !uuid.test(rid))) {
      response.writeHead(404).end("not found");
      return;
    }
    listener.received.push({ signal, rid, method: request.method ?? "", body });
    if (!listener.answers) return;
    response.writeHead(listener.status, { location: `${listener.url}/elsewhere` }).end("OK");
  };
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(listener, {
    url: `http://127.0.0.1:${port}/${id}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  });
}
