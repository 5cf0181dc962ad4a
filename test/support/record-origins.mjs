/**
 * Loaded into the program with `--import`: writes every place that it connects to, every name that it looks up and the
 * most memory that it took into the file of RECORD_TO. The program itself knows nothing of this.
 */
import dns from "node:dns";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";

const file = process.env["RECORD_TO"] ?? "";

function note(line) {
  fs.appendFileSync(file, `${line}\n`);
}

// eslint-disable-next-line typescript/unbound-method -- it is called with its own socket below
const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function recorded(...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  if (options?.path !== undefined && options.path !== null) note(`connect ${options.path}`);
  else note(`connect ${options?.host ?? "localhost"}:${options?.port}`);
  return connect.apply(this, args);
};

for (const name of ["lookup", "resolve", "resolve4", "resolve6"]) {
  const original = dns[name];
  dns[name] = (host, ...rest) => {
    note(`dns ${host}`);
    return original.call(dns, host, ...rest);
  };
}
syncBuiltinESMExports();
process.on("exit", () => note(`rss ${process.resourceUsage().maxRSS}`));
