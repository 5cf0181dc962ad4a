/**
 * One call to the operating system's keychain, in a process of its own: the native call may never return (a prompt
 * that nobody sees), and only ending the process ends it. The request comes as JSON on standard input and the answer
 * goes to standard output, so that no secret stands in an argument.
 */
import { text } from "node:stream/consumers";

import { z } from "zod";

const request = z.object({
  action: z.enum(["get", "set", "delete"]),
  service: z.string(),
  account: z.string(),
  value: z.string().optional(),
});

const { action, service, account, value } = request.parse(JSON.parse(await text(process.stdin)));
try {
  const { default: keytar } = await import("keytar");
  const result =
    action === "get"
      ? await keytar.getPassword(service, account)
      : action === "set"
        ? await keytar.setPassword(service, account, value ?? "")
        : await keytar.deletePassword(service, account);
  process.stdout.write(JSON.stringify({ result: result ?? null }));
} catch (error) {
  process.stdout.write(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
}
