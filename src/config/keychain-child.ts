/**
 * One call to the operating system's keychain, in a process of its own: the native call may never return (a prompt
 * that nobody sees), and only ending the process ends it. The request comes as JSON on standard input and the answer
 * goes to standard output, so that no secret stands in an argument.
 */
import { text } from "node:stream/consumers";

import { z } from "../runtime/zod.ts";

const request = z.object({
  action: z.enum(["get", "set", "delete", "probe"]),
  service: z.string(),
  account: z.string(),
  value: z.string().optional(),
});

const { action, service, account, value } = request.parse(JSON.parse(await text(process.stdin)));

async function act(): Promise<string | boolean | null> {
  const { default: keytar } = await import("keytar");
  switch (action) {
    case "get":
      return keytar.getPassword(service, account);
    case "set":
      await keytar.setPassword(service, account, value ?? "");
      return null;
    case "delete":
      return keytar.deletePassword(service, account);
    case "probe":
      // The others answer a locked keychain by an error of their own.
      if (process.platform !== "linux") return null;
      await keytar.setPassword(service, account, "sage-slack looks whether the keyring is unlocked");
      return keytar.deletePassword(service, account);
  }
}

try {
  process.stdout.write(JSON.stringify({ result: await act() }));
} catch (error) {
  process.stdout.write(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
}
