import { SageSimulator } from "../../src/sandbox/sage/sage-simulator.ts";

/** The simulator's day, which does not pass. */
export const today = "2026-11-24";

/** What the simulator answers with, read as JSON. */
export interface Body {
  readonly "@odata.context"?: string;
  readonly "@odata.nextLink"?: string;
  readonly "@odata.count"?: number | string;
  readonly value: readonly Record<string, unknown>[];
  readonly error?: {
    readonly code: string;
    readonly message: { readonly lang: string; readonly value: string };
  };
  readonly [field: string]: unknown;
}

export async function startEmpty(): Promise<SageSimulator> {
  return SageSimulator.start({ companies: ["SAMINC"], history: "empty", today });
}

/** An answer whose body is still to be read; the path is below the company. */
export async function request(sage: SageSimulator, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${sage.url}/v1.0/-/SAMINC/${path}`, {
    headers: { authorization: basic("WEBAPI:WEBAPI") },
    ...init,
  });
}

export function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString("base64")}`;
}
