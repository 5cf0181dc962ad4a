import { createServer as createPlainServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";

/** What a connection gets to see of the request, as text. */
type Serve = (socket: Socket, request: string) => void;

export interface RawServer extends AsyncDisposable {
  readonly port: number;
  /** Each piece of a request as it arrived. */
  readonly requests: readonly string[];
}

/** A server without any notion of HTTP: it answers with the bytes that a test writes. */
export async function startRawServer(serve: Serve, tls?: TlsOptions): Promise<RawServer> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const onConnection = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (chunk: Buffer) => {
      requests.push(chunk.toString("latin1"));
      serve(socket, chunk.toString("latin1"));
    });
  };
  const server = tls === undefined ? createPlainServer(onConnection) : createTlsServer(tls, onConnection);
  // A client that hangs up in the handshake is what these tests are about.
  server.on("tlsClientError", () => undefined);
  await listen(server);
  return {
    port: portOf(server),
    requests,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

/** The head and body of an answer. */
export function answer(body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): Buffer {
  const fields = { "content-type": "application/json", "content-length": String(body.length), ...headers };
  const lines = Object.entries(fields)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${lines.join("")}\r\n`), Buffer.from(body)]);
}

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}
