#!/usr/bin/env node
// Nothing here that an old Node could not read: it is to say what is wrong, not to stumble over new syntax.
var required = [20, 19];
var version = process.versions.node.split(".").map(Number);

if (version[0] > required[0] || (version[0] === required[0] && version[1] >= required[1])) {
  void import("../dist/main.js")
    .then(function (program) {
      return program.main(process);
    })
    .then(function (code) {
      return (process.exitCode = code);
    });
} else {
  process.stderr.write(
    "sage-slack: needs Node.js " +
      required.join(".") +
      " or newer; this is " +
      process.versions.node +
      ".\n" +
      "  Nothing was read or sent. Install a newer one (https://nodejs.org), also for the user of the scheduler.\n",
  );
  process.exitCode = 2;
}
