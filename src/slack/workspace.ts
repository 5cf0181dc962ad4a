import { AppError } from "../errors.ts";
import { z } from "../runtime/zod.ts";
import { SlackBusy, SlackRefusal, type WebApiSender } from "./sender.ts";

export interface ChannelInfo {
  readonly id: string;
  readonly name: string;
  readonly isMember: boolean;
  readonly isArchived: boolean;
  readonly isPrivate: boolean;
  /** Shared with another company: amounts do not go there unless the configuration allows it. */
  readonly isExtShared: boolean;
  /** Ids of the only users who may post, where not everybody may; for all that others are named only by their role. */
  readonly posters?: readonly string[];
}

const flag = z
  .boolean()
  .optional()
  .transform((value) => value ?? false);
const channel = z
  .object({
    id: z.string(),
    name: z.string().optional(),
    is_member: flag,
    is_archived: flag,
    is_private: flag,
    is_ext_shared: flag,
    // https://docs.slack.dev/reference/objects/conversation-object: `{ type: ["admin"], user: ["U…"] }`
    properties: z
      .object({
        posting_restricted_to: z
          .object({ type: z.array(z.string()).optional(), user: z.array(z.string()).optional() })
          .optional(),
      })
      .optional()
      .catch(undefined),
  })
  .transform((one): ChannelInfo => ({
    id: one.id,
    name: one.name ?? one.id,
    isMember: one.is_member,
    isArchived: one.is_archived,
    isPrivate: one.is_private,
    isExtShared: one.is_ext_shared,
    ...postersOf(one.properties?.posting_restricted_to),
  }));

function postersOf(restriction: { type?: string[] | undefined; user?: string[] | undefined } | undefined) {
  const { type = [], user = [] } = restriction ?? {};
  return type.length + user.length === 0 ? {} : { posters: user };
}

const envelope = z.looseObject({
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});
const profile = z.object({ email: z.string().optional() }).optional().catch(undefined);
const user = z
  .object({ id: z.string(), name: z.string().optional(), deleted: flag, profile })
  .transform((one): User => ({
    id: one.id,
    name: one.name ?? "",
    email: one.profile?.email ?? null,
    isDeleted: one.deleted,
  }));
const userGroup = z.object({ id: z.string(), handle: z.string() });

export interface User {
  readonly id: string;
  readonly name: string;
  /** Null where the app may not read it. */
  readonly email: string | null;
  /** Deactivated: nobody is notified any more. */
  readonly isDeleted: boolean;
}

export interface UserGroup {
  readonly id: string;
  readonly handle: string;
}

/** From so many addresses on, the list of everybody takes fewer calls than one for each. */
export const manyAddresses = 40;

/** The channel with that name (`#treasury`); an archived one keeps its name until another takes it. */
export function channelNamed<Listed extends Pick<ChannelInfo, "name" | "isArchived">>(
  name: string,
  channels: readonly Listed[],
): Listed | undefined {
  const wanted = name.replace(/^#/, "").toLowerCase();
  const same = channels.filter((one) => one.name.toLowerCase() === wanted);
  return same.find(({ isArchived }) => !isArchived) ?? same[0];
}

/** Waits as long as Slack asks to; false when that is too long, and then it is a failure. */
export type Patience = (seconds: number) => Promise<boolean>;

/** Channels and people of the workspace, read from Slack. */
export class Workspace {
  readonly #sender: WebApiSender;
  readonly #patience: Patience;

  /** @param patience without it a call that Slack asks to wait with is a failure */
  constructor(sender: WebApiSender, patience: Patience = () => Promise.resolve(false)) {
    this.#sender = sender;
    this.#patience = patience;
  }

  /** Every channel the app can see. Without the right to list private ones, the public ones alone. */
  async channels(): Promise<ChannelInfo[]> {
    try {
      return await this.#pages(
        "conversations.list",
        { types: "public_channel,private_channel" },
        { list: "channels", item: channel },
      );
    } catch (error) {
      if (!(error instanceof SlackRefusal) || error.code !== "missing_scope") throw error;
      return this.#pages(
        "conversations.list",
        { types: "public_channel" },
        { list: "channels", item: channel },
      );
    }
  }

  /** One channel as it is now; null when there is none that the app can see, `unknown` when Slack does not say. */
  async channel(id: string): Promise<ChannelInfo | null | "unknown"> {
    try {
      const answer = await this.#call("conversations.info", { channel: id });
      const read = z.object({ channel }).safeParse(answer);
      return read.success ? read.data.channel : "unknown";
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return error instanceof SlackRefusal && error.code === "channel_not_found" ? null : "unknown";
    }
  }

  async findUserByEmail(email: string): Promise<{ id: string } | null> {
    try {
      const answer = await this.#call("users.lookupByEmail", { email });
      return understood("users.lookupByEmail", z.object({ user: z.object({ id: z.string() }) }), answer).user;
    } catch (error) {
      if (
        error instanceof SlackRefusal &&
        (error.code === "users_not_found" || error.code === "missing_scope")
      )
        return null;
      throw error;
    }
  }

  /** Everybody, the deactivated too; null where the app may not list people. */
  async users(): Promise<User[] | null> {
    return this.#ifAllowed(() => this.#pages("users.list", {}, { list: "members", item: user }));
  }

  /** Null where the app may not read user groups. */
  async userGroups(): Promise<UserGroup[] | null> {
    return this.#ifAllowed(async () => {
      const answer = await this.#call("usergroups.list", {});
      return itemsOf("usergroups.list", { list: "usergroups", item: userGroup }, answer);
    });
  }

  async #ifAllowed<Result>(work: () => Promise<Result>): Promise<Result | null> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof SlackRefusal && error.code === "missing_scope") return null;
      throw error;
    }
  }

  async #call(method: string, options: Readonly<Record<string, unknown>>): Promise<unknown> {
    for (;;) {
      try {
        return await this.#sender.call(method, options);
      } catch (error) {
        if (!(error instanceof SlackBusy) || !(await this.#patience(error.seconds))) throw error;
      }
    }
  }

  /** Follows cursors to the end; a page may be short or empty with more to come. */
  async #pages<Item extends z.ZodType>(
    method: string,
    options: Readonly<Record<string, unknown>>,
    { list, item }: { list: string; item: Item },
  ): Promise<z.output<Item>[]> {
    const all: z.output<Item>[] = [];
    let cursor = "";
    for (let pages = 0; pages < 1000; pages += 1) {
      const asked = { ...options, limit: 200, ...(cursor === "" ? {} : { cursor }) };
      const answer = understood(method, envelope, await this.#call(method, asked));
      all.push(...itemsOf(method, { list, item }, answer));
      const next = answer.response_metadata?.next_cursor ?? "";
      if (next === "" || next === cursor) return all;
      cursor = next;
    }
    return all;
  }
}

/** @throws AppError `temporary`: something between here and Slack answers in its place */
function understood<Shape extends z.ZodType>(method: string, shape: Shape, answer: unknown): z.output<Shape> {
  const read = shape.safeParse(answer);
  if (read.success) return read.data;
  throw new AppError("temporary", `Slack's answer to ${method} cannot be understood`, {
    hint: "The next run tries again. Does a proxy answer in Slack's place?",
    cause: read.error,
  });
}

/** The entries of a list, without those that are no use to anybody, such as a channel without an id. */
function itemsOf<Item extends z.ZodType>(
  method: string,
  { list, item }: { list: string; item: Item },
  answer: unknown,
): z.output<Item>[] {
  const { [list]: entries } = understood(method, z.record(z.string(), z.unknown()), answer);
  return understood(method, z.array(z.unknown()), entries).flatMap((entry) => {
    const read = item.safeParse(entry);
    return read.success ? [read.data] : [];
  });
}
