import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Answers every request with what it was told last. */
export class AnsweringServer {
  answer: { status: number; body: Buffer } = { status: 200, body: Buffer.alloc(0) };
  readonly #server: Server;

  static start(): Promise<AnsweringServer> {
    return new Promise((resolve) => {
      const server = new AnsweringServer();
      server.#server.listen(0, "127.0.0.1", () => resolve(server));
    });
  }

  private constructor() {
    this.#server = createServer((request, response) => {
      request.resume();
      request.on("end", () => {
        response.writeHead(this.answer.status, { "content-type": "application/json" });
        response.end(this.answer.body);
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
