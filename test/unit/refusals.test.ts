import { describe, expect, test } from "vitest";

import { AppError } from "../../src/errors.ts";
import type { Company, Ports } from "../../src/pipeline/ports.ts";
import { checkRefusals, noteRefusal } from "../../src/pipeline/refusals.ts";
import { MemoryStore } from "../../src/state/memory-store.ts";
import { emptyState } from "../../src/state/transitions.ts";

function company(id: string, credentials: string): Company {
  return { id, credentials, client: { refusal: null } } as unknown as Company;
}

function refuse({ client }: Company): void {
  client.refusal = new AppError("auth", "no");
}

function portsOf(...sage: Company[]): Ports {
  return { sage, store: new MemoryStore(emptyState({ instance: "test", salt: "salt" })) } as unknown as Ports;
}

/** The next run: the same state, and clients that remember nothing. */
function nextRun({ store }: Ports, ...sage: Company[]): Ports {
  return { sage, store } as unknown as Ports;
}

describe("refused credentials", () => {
  test("of one company outlast the success of another", async () => {
    const [bad, good] = [company("BAD", "hash-b"), company("GOOD", "hash-g")];
    const ports = portsOf(bad, good);
    refuse(bad);
    await noteRefusal(ports, bad);
    await noteRefusal(ports, good);

    expect(() => checkRefusals(ports, bad)).toThrow("BAD before");
    expect(() => checkRefusals(ports, good)).not.toThrow();
  });

  test("of two companies are both remembered", async () => {
    const [one, two] = [company("ONE", "hash-1"), company("TWO", "hash-2")];
    const ports = portsOf(one, two);
    for (const each of [one, two]) {
      refuse(each);
      await noteRefusal(ports, each);
    }

    const next = nextRun(ports, company("ONE", "hash-1"), company("TWO", "hash-2"));
    for (const each of next.sage) expect(() => checkRefusals(next, each)).toThrow(AppError);
  });

  test("are not sent for another company with the same ones", async () => {
    const [one, two] = [company("ONE", "hash"), company("TWO", "hash")];
    const ports = portsOf(one, two);
    refuse(one);
    await noteRefusal(ports, one);

    expect(two.client.refusal).toBe(one.client.refusal);
  });

  test("are forgotten once they have changed and are accepted", async () => {
    const old = company("ONE", "old-hash");
    const ports = portsOf(old);
    refuse(old);
    await noteRefusal(ports, old);

    const fresh = company("ONE", "new-hash");
    const next = nextRun(ports, fresh);
    expect(() => checkRefusals(next, fresh)).not.toThrow();
    await noteRefusal(next, fresh);
    expect(next.store.state.refusedCredentials).toBeNull();
  });
});
