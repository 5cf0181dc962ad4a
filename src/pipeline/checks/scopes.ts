import { failed, passed, warning, type Check } from "./check.ts";

/** What of the configuration decides which scopes are needed. */
export interface Needs {
  /** A private channel is in use, or one that cannot be found without the right to see private ones. */
  readonly hasPrivate: boolean;
  readonly hasDirectMessages: boolean;
  readonly hasEmails: boolean;
  readonly hasHandles: boolean;
}

interface Scope {
  readonly name: string;
  /** Ends the sentence "without it …". */
  readonly without: string;
  readonly isNeeded: (needs: Needs) => boolean;
}

const lookUp = "an uncertain post cannot be looked up, and may be sent twice";

/** Each scope that the program has a use for: https://docs.slack.dev/reference/scopes */
const scopes: readonly Scope[] = [
  { name: "chat:write", without: "nothing can be posted", isNeeded: () => true },
  { name: "channels:read", without: "public channels cannot be found by name", isNeeded: () => true },
  { name: "channels:history", without: `in public channels ${lookUp}`, isNeeded: () => true },
  {
    name: "groups:read",
    without: "private channels cannot be found",
    isNeeded: ({ hasPrivate }) => hasPrivate,
  },
  {
    name: "groups:history",
    without: `in private channels ${lookUp}`,
    isNeeded: ({ hasPrivate }) => hasPrivate,
  },
  {
    name: "im:read",
    without: "direct messages cannot be checked",
    isNeeded: ({ hasDirectMessages }) => hasDirectMessages,
  },
  {
    name: "im:history",
    without: `in direct messages ${lookUp}`,
    isNeeded: ({ hasDirectMessages }) => hasDirectMessages,
  },
  {
    name: "users:read",
    without: "people cannot be found by @handle",
    isNeeded: ({ hasHandles }) => hasHandles,
  },
  {
    name: "users:read.email",
    without: "people cannot be found by e-mail address",
    isNeeded: ({ hasEmails }) => hasEmails,
  },
  {
    name: "usergroups:read",
    without: "user groups cannot be found",
    isNeeded: ({ hasHandles }) => hasHandles,
  },
  { name: "chat:write.public", without: "", isNeeded: () => false },
];

/** Missing scopes fail, each with what it is needed for; those that nothing here uses are more rights than needed. */
export function checkScopes(granted: readonly string[], needs: Needs): Check[] {
  const missing = scopes
    .filter(({ name, isNeeded }) => isNeeded(needs) && !granted.includes(name))
    .map(({ name, without }) =>
      failed(
        `scope ${name}`,
        `the token does not have it: without it ${without}`,
        `Add ${name} to the bot scopes of the app, then reinstall it in the workspace.`,
      ),
    );
  const unused = granted.filter((scope) => !scopes.some(({ name }) => name === scope));
  const extra =
    unused.length === 0
      ? []
      : [
          warning(
            "scopes",
            `the token may do more than is needed: ${unused.join(", ")}`,
            "Take them out of the app and reinstall it: a stolen token can then do less.",
          ),
        ];
  const all = missing.length === 0 ? [passed("Slack scopes", granted.join(", "))] : [];
  return [...all, ...missing, ...extra];
}
