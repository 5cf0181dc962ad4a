import { nearest } from "../../config/config-problems.ts";
import { manyAddresses, type User, type UserGroup, type Workspace } from "../../slack/workspace.ts";
import { isAddress } from "../../transactions/spelling.ts";
import type { WantedName } from "../wanted-names.ts";
import { failed, failedBy, passed, placesWords, warning, type Check } from "./check.ts";

/**
 * Looks for everybody whom the configuration mentions.
 *
 * @param scopes of the token; null where Slack does not tell
 */
export async function checkMentions(
  wanted: readonly WantedName[],
  { workspace, scopes }: { workspace: Workspace; scopes: readonly string[] | null },
): Promise<Check[]> {
  const people = new People(workspace, scopes);
  const isOneOfMany = wanted.filter(({ name }) => isAddress(name)).length > manyAddresses;
  const checks: Check[] = [];
  for (const { name: mention, places } of wanted) {
    try {
      const { outcome, detail, hint } = await findingOn(mention, people, { isOneOfMany });
      checks.push({
        name: `mention ${mention}`,
        outcome,
        detail: `${detail} (${placesWords(places)})`,
        hint,
      });
    } catch (error) {
      checks.push(failedBy(`mention ${mention}`, error));
    }
  }
  return checks;
}

/** The lists of the workspace, each read at most once and only where a mention needs it. */
class People {
  readonly workspace: Workspace;
  readonly #scopes: readonly string[] | null;
  #users: ReturnType<Workspace["users"]> | null = null;
  #groups: ReturnType<Workspace["userGroups"]> | null = null;

  constructor(workspace: Workspace, scopes: readonly string[] | null) {
    this.workspace = workspace;
    this.#scopes = scopes;
  }

  isVisible(scope: string): boolean {
    return this.#scopes === null || this.#scopes.includes(scope);
  }

  /** Without the deactivated; empty where the app may not list people. */
  async users(): Promise<User[]> {
    this.#users ??= this.workspace.users();
    return ((await this.#users) ?? []).filter(({ isDeleted }) => !isDeleted);
  }

  async groups(): Promise<UserGroup[]> {
    this.#groups ??= this.workspace.userGroups();
    return (await this.#groups) ?? [];
  }

  /** Of many addresses the list of everybody is asked for instead of each: it takes fewer calls. */
  async findByEmail(
    email: string,
    { isOneOfMany }: { isOneOfMany: boolean },
  ): Promise<{ id: string } | null> {
    if (!isOneOfMany || !this.isVisible("users:read.email")) return this.workspace.findUserByEmail(email);
    const wanted = email.toLowerCase();
    return (await this.users()).find((one) => one.email?.toLowerCase() === wanted) ?? null;
  }
}

type Finding = Omit<Check, "name">;

interface Crowd {
  readonly isOneOfMany: boolean;
}

async function findingOn(mention: string, people: People, crowd: Crowd): Promise<Finding> {
  if (mention.startsWith("@")) return handleFinding(mention.slice(1), people);
  if (mention.includes("@")) return emailFinding(mention, people, crowd);
  return mention.startsWith("S") ? groupFinding(mention, people) : userFinding(mention, people);
}

async function emailFinding(email: string, people: People, crowd: Crowd): Promise<Finding> {
  const user = await people.findByEmail(email, crowd);
  if (user !== null) return passed("", `found, ${user.id}`);
  return failed(
    "",
    "Slack knows nobody with this e-mail address",
    "Is it spelled as in the person's Slack profile, and is the account active? Looking it up needs the scope users:read.email.",
  );
}

async function handleFinding(handle: string, people: People): Promise<Finding> {
  const wanted = handle.toLowerCase();
  const [groups, users] = [await people.groups(), await people.users()];
  const group = groups.find((one) => one.handle.toLowerCase() === wanted);
  const user = users.find((one) => one.name.toLowerCase() === wanted);
  if (group !== undefined && user !== undefined) {
    return failed(
      "",
      `both a user group (${group.id}) and a person (${user.id}) have this handle`,
      `Write the id of the one you mean instead: ${group.id} or ${user.id}.`,
    );
  }
  if (group !== undefined) return passed("", `found, the user group ${group.id}`);
  if (user !== undefined) return passed("", `found, the person ${user.id}`);
  const like = nearest(handle, [...groups.map((one) => one.handle), ...users.map(({ name }) => name)]);
  return failed(
    "",
    "Slack has neither a user group nor a person with this handle",
    `${like === null ? "" : `Did you mean @${like}? `}An e-mail address or an id is surer. Groups need the scope usergroups:read.`,
  );
}

/** A run takes an id as it is; only this check wants to see whose it is. */
function unseen(scope: string): Finding {
  return warning("", "an id, taken as it is", `Whose it is can be checked with the scope ${scope}.`);
}

async function groupFinding(id: string, people: People): Promise<Finding> {
  if (!people.isVisible("usergroups:read")) return unseen("usergroups:read");
  const group = (await people.groups()).find((one) => one.id === id);
  if (group !== undefined) return passed("", `found, the user group @${group.handle}`);
  return failed("", "Slack has no user group with this id", "Is it still there?");
}

async function userFinding(id: string, people: People): Promise<Finding> {
  if (!people.isVisible("users:read")) return unseen("users:read");
  const user = (await people.users()).find((one) => one.id === id);
  if (user !== undefined) return passed("", `found, @${user.name}`);
  return failed("", "Slack has nobody with this id", "Is the account still active?");
}
