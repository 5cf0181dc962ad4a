import { Refusal, refuse } from "./refusal.ts";
import type { SageSwitches } from "./switches.ts";

export interface UserSpec {
  readonly id: string;
  readonly password: string;
  /** Of Sage 2023.1 and later: upper and lower case differ. */
  readonly complexPassword?: boolean;
  /** Modules for which the user has the Web API right; all when absent. */
  readonly modules?: readonly string[];
  readonly isAdmin?: boolean;
}

interface Login extends UserSpec {
  failures: number;
}

/** The users, what they may do, and how often somebody guessed wrong. */
export class Logins {
  readonly #logins = new Map<string, Login>();

  add(spec: UserSpec): void {
    this.#logins.set(spec.id.toUpperCase(), { ...spec, failures: 0 });
  }

  /** As an administrator would. */
  unlock(id: string): void {
    const login = this.#logins.get(id.toUpperCase());
    if (login !== undefined) login.failures = 0;
  }

  isLocked(id: string, { lockoutAfter }: SageSwitches): boolean {
    return (this.#logins.get(id.toUpperCase())?.failures ?? 0) >= lockoutAfter;
  }

  /** @throws Refusal `Unauthorized` when user or password are wrong or the account is locked */
  authenticate(authorization: string | undefined, switches: SageSwitches): UserSpec {
    const { id, password } = credentialsOf(authorization);
    const forced = switches.caseRule === "server-forces-upper";
    const login = this.#logins.get(forced ? id.toUpperCase() : id);
    if (login === undefined) return refuse("Unauthorized", "The user name or password is invalid.");
    if (login.failures >= switches.lockoutAfter) return refuse("Unauthorized", "Account is locked out.");
    const given = forced && login.complexPassword !== true ? password.toUpperCase() : password;
    const expected = login.complexPassword === true ? login.password : login.password.toUpperCase();
    if (given === expected) {
      login.failures = 0;
      return login;
    }
    login.failures += 1;
    return refuse("Unauthorized", "The user name or password is invalid.");
  }
}

/** @throws Refusal `Forbidden` when the user may not read the module through the Web API */
export function authorize(user: UserSpec, module: string, { adminAllowed }: SageSwitches): void {
  const isRefusedAdmin = user.isAdmin === true && !adminAllowed;
  if (isRefusedAdmin || !(user.modules ?? [module]).includes(module)) {
    throw new Refusal("Forbidden", "Insufficient security rights for user.");
  }
}

function credentialsOf(authorization: string | undefined): { id: string; password: string } {
  const [scheme = "", encoded = ""] = (authorization ?? "").split(" ");
  if (scheme.toLowerCase() !== "basic") refuse("Unauthorized", "Authentication is required.");
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0) refuse("Unauthorized", "Authentication is required.");
  return { id: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** The user id of a request, known or not: for the record of requests. */
export function userOf(authorization: string | undefined): string {
  try {
    return credentialsOf(authorization).id;
  } catch {
    return "";
  }
}
