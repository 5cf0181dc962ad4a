import { connect, createServer } from "node:net";

/**
 * Windows gives the number of a dead process away again at once, and does not tell when the new one began. So a run
 * there keeps a named pipe open, which the system takes away with the process, however it ends.
 */
const pipe = (nonce: string) => String.raw`\\.\pipe\sage-slack-${nonce}`;

export interface SignOfLife {
  end(): void;
}

/**
 * @param nonce of this run's lock
 * @returns null where there is no need of it, or no pipe to be had: then the number of the process has to do
 */
export async function giveSignOfLife(nonce: string, path = pipe(nonce)): Promise<SignOfLife | null> {
  if (process.platform !== "win32" && path === pipe(nonce)) return null;
  const server = createServer((visitor) => visitor.on("error", () => {}).destroy());
  server.unref();
  return new Promise((resolve) => {
    server.once("error", () => resolve(null));
    server.listen(path, () => resolve({ end: () => void server.close() }));
  });
}

/** In doubt the run is alive: only a pipe that is not there proves the contrary. */
export async function hasSignOfLife(nonce: string, path = pipe(nonce)): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (isAlive: boolean) => {
      socket.destroy();
      resolve(isAlive);
    };
    socket.setTimeout(2000, () => settle(true));
    socket.once("connect", () => settle(true));
    socket.once("error", (error: NodeJS.ErrnoException) => settle(error.code !== "ENOENT"));
  });
}
