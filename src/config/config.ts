import { Cron } from "croner";

import { z } from "../runtime/zod.ts";
import { sourceNames, type SourceName } from "../sage/sources/index.ts";
import { calendarDate } from "../transactions/date.ts";
import { channelSpelling, mentionSpelling } from "../transactions/spelling.ts";
import { allFlags } from "../transactions/transaction.ts";

const channel = z.string().regex(channelSpelling.pattern, channelSpelling.rule);
const mention = z.string().regex(mentionSpelling.pattern, mentionSpelling.rule);
const decimalText = z.string().regex(/^\d+(\.\d+)?$/, 'must be a decimal in quotes, like "25000.00"');
const oneOrMore = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
const source = z.enum(sourceNames);
const oneOrMoreSources = z.union([source, z.array(source).min(1)]);
const noUserInfo = "must not hold user or password: they are secrets";
const proxy = z
  .string()
  .refine((text) => isUrl(text, ["http:", "https:"]), "must be the address of an HTTP proxy")
  .refine(
    (text) => !hasUserInfo(text),
    "must not hold user or password: put the whole address into HTTPS_PROXY instead",
  );
const schedule = z.string().superRefine((expression, context) => {
  const problem = scheduleProblem(expression);
  if (problem !== null) context.addIssue({ code: "custom", message: problem });
});
const timeZone = z
  .string()
  .refine((name) => isTimeZone(name), "must be a time zone like America/Los_Angeles");

const sage = z
  .strictObject({
    url: z
      .string()
      .superRefine(checkSageUrl)
      .transform(trimSageUrl)
      .describe("Up to the virtual directory, for instance https://erp.example.com/Sage300WebApi"),
    companies: z
      .array(
        z
          .string()
          .regex(/^[A-Za-z0-9]{1,6}$/, "must be a company's database id, like SAMINC")
          .transform((id) => id.toUpperCase()),
      )
      .min(1)
      .refine((ids) => new Set(ids).size === ids.length, "must not name a company twice")
      .describe("Database ids of the companies to follow"),
    timeZone: timeZone.default("UTC").describe("Time zone of schedules and of today"),
    timeoutSeconds: z.number().min(1).max(600).default(60).describe("For one request"),
    pageSize: z.int().min(1).max(1000).default(100).describe("Rows asked for at a time"),
    caFile: z
      .string()
      .min(1)
      .optional()
      .describe("PEM file with the certificate authority of the Sage server"),
    proxy: proxy.optional().describe("HTTP proxy; HTTPS_PROXY and NO_PROXY otherwise"),
    passwordCase: z
      .enum(["upper", "as-is"])
      .default("upper")
      .describe("as-is for complex passwords (Sage 2023.1 and later)"),
    allowInsecureHttp: z
      .boolean()
      .default(false)
      .describe("Allows http:// to a server that is not this machine"),
    link: z
      .string()
      .refine((text) => isUrl(text.replaceAll(/[{}]/g, ""), ["http:", "https:"]), "must be a web address")
      .refine((text) => !hasUserInfo(text.replaceAll(/[{}]/g, "")), noUserInfo)
      .optional()
      .describe("Address of a batch, with {company} and {batch}"),
  })
  .refine(({ url, allowInsecureHttp }) => allowInsecureHttp || !isInsecure(url), {
    path: ["url"],
    message: 'sends the password in the clear: use https://, or set "allowInsecureHttp" to true',
  });

const slack = z
  .strictObject({
    channel: channel.describe("For everything that no source and no route places elsewhere"),
    opsChannel: channel.optional().describe("Where the tool tells about itself"),
    fallbackChannel: channel.optional().describe("For messages whose own channel fails"),
    apiUrl: z
      .string()
      .default("https://slack.com/api/")
      .refine(
        (text) => isUrl(text, ["https:"]) || (isUrl(text, ["http:"]) && isLoopback(text)),
        "must begin with https://",
      )
      .refine((text) => !hasUserInfo(text), noUserInfo)
      .transform((text) => (text.endsWith("/") ? text : `${text}/`))
      .describe("Another address only for tests and gateways"),
    proxy: proxy.optional().describe("HTTP proxy; HTTPS_PROXY and NO_PROXY otherwise"),
    minIntervalMs: z
      .number()
      .min(0)
      .max(3_600_000)
      .default(1000)
      .describe("Between two posts to one channel"),
    quarantineSeconds: z
      .number()
      .min(0)
      .max(86_400)
      .default(120)
      .describe("How long an uncertain post is left alone before it is looked up"),
    onUncertain: z
      .enum(["resend", "hold"])
      .default("resend")
      .describe("What to do with an uncertain post where the channel's history cannot be read"),
    allowShared: z
      .array(channel)
      .default([])
      .describe("Channels shared with other companies in which amounts may be posted"),
  })
  .refine(({ minIntervalMs, apiUrl }) => minIntervalMs >= 1000 || isLoopback(apiUrl), {
    path: ["minIntervalMs"],
    message: "must be at least 1000: Slack takes one message a second in each channel",
  });

const sourceSettings = z.strictObject({
  enabled: z.boolean().default(true).describe("false switches it off and keeps its settings"),
  channel: channel.optional().describe("slack.channel without it"),
  post: z
    .enum(["batch", "document", "summary"])
    .optional()
    .describe("One message a batch, a document, or a run"),
  schedule: schedule
    .optional()
    .describe("Cron expression in sage.timeZone; without it every run reads the source"),
  updates: z
    .enum(["thread", "message", "off"])
    .default("thread")
    .describe("Where changes are told: in the thread of the announcement, in a new message, nowhere"),
  statuses: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe("Statuses that are announced; any but Deleted without it"),
  lookbackDays: z
    .int()
    .min(0)
    .max(366)
    .default(7)
    .describe("How old an edit or a document date may be for a record to be compared again"),
});

const when = z.strictObject({
  source: oneOrMoreSources.optional().describe("One source, or a list"),
  company: oneOrMore.optional().describe("Database id of the company, or a list"),
  vendor: oneOrMore.optional().describe("Code of the vendor, or a list"),
  vendorGroup: oneOrMore.optional().describe("Code of its group in Sage, or a list"),
  customer: oneOrMore.optional().describe("Code of the customer, or a list"),
  customerGroup: oneOrMore.optional().describe("Code of its group in Sage, or a list"),
  account: oneOrMore.optional().describe("An account of one of the lines: 6100, 61*, 6100-6199, or a list"),
  amount: z
    .strictObject({
      atLeast: decimalText.optional(),
      below: decimalText.optional(),
      currency: z.string().min(1).optional(),
    })
    .optional()
    .describe("Of the document, without its sign; decimals in quotes"),
  status: oneOrMore.optional().describe("As Sage names it, or a list"),
  flag: z
    .union([z.enum(allFlags), z.array(z.enum(allFlags)).min(1)])
    .optional()
    .describe("What is unusual about it; one of a list is enough"),
  text: oneOrMore
    .optional()
    .describe("Part of the description, reference or name; upper and lower case are one"),
});

const mentions = z
  .union([mention, z.array(mention)])
  .default([])
  .transform((given) => (typeof given === "string" ? [given] : given));

const route = z.strictObject({
  name: z.string().min(1).describe("Shown in messages and in status"),
  when: when.describe("All of it must hold; empty for everything"),
  channel: channel.describe("Where it goes"),
  mention: mentions.describe("Who is notified: an e-mail address, @handle, an id, or a list"),
  copy: z.boolean().default(false).describe("Adds this destination and goes on"),
});

const signedDecimalText = z.string().regex(/^-?\d+(\.\d+)?$/, 'must be a decimal in quotes, like "31400.00"');
const filled = z.string().min(1);
const routeTest = z.strictObject({
  given: z
    .strictObject({
      source: source.optional(),
      company: filled.optional(),
      vendor: filled.optional(),
      vendorGroup: filled.optional(),
      customer: filled.optional(),
      customerGroup: filled.optional(),
      account: oneOrMore.optional(),
      amount: signedDecimalText.optional(),
      currency: filled.optional(),
      status: filled.optional(),
      flag: z.union([z.enum(allFlags), z.array(z.enum(allFlags)).min(1)]).optional(),
      text: filled.optional(),
    })
    .describe("A transaction: the keys of a route's when, each with its value"),
  expect: z
    .strictObject({
      channel,
      mention: z
        .union([mention, z.array(mention)])
        .transform((given) => (typeof given === "string" ? [given] : given))
        .optional()
        .describe("Exactly these; without it mentions are not compared"),
    })
    .describe("A channel where it must go, and whom it must mention there"),
});

export const configSchema = z
  .strictObject({
    $schema: z.string().optional(),
    sage,
    slack,
    sources: z
      .partialRecord(source, sourceSettings)
      .refine((named) => Object.keys(named).length > 0, "must name at least one source")
      .describe("What to follow; a source that is not named is off"),
    routes: z
      .array(route)
      .default([])
      .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, "must have different names")
      .describe("Tried in order; the first that matches decides the channel"),
    directory: z.string().min(1).optional().describe("CSV file: kind,code,name,group,channel,mention"),
    routeTests: z.array(routeTest).default([]),
    stateDir: z.string().min(1).optional().describe("Folder of the state files; beside this file without it"),
    monitor: z
      .strictObject({
        pingUrl: z
          .string()
          .refine(
            (text) => isUrl(text, ["https:"]) || (isUrl(text, ["http:"]) && isLoopback(text)),
            "must begin with https://",
          )
          .refine((text) => !hasUserInfo(text), noUserInfo)
          .optional()
          .describe("A check that poll reports to, in the way of healthchecks.io"),
      })
      .optional(),
  })
  .transform(resolve);

export interface SourceSettings {
  readonly enabled: boolean;
  readonly channel: string;
  readonly post: "batch" | "document" | "summary";
  readonly schedule: string | null;
  readonly updates: "thread" | "message" | "off";
  readonly statuses: readonly string[] | null;
  readonly lookbackDays: number;
}

/** The configuration with every default filled in; `sage.ca` is added by the loader. */
export type Config = z.output<typeof configSchema>;

type Written = Omit<z.output<typeof sourceSettings>, never>;

/** Journals come in by the hundred: one summary a day unless something else is asked for. */
const journalDefaults = { post: "summary", schedule: "0 7 * * *" } as const;

function resolve<
  Given extends { sources: Partial<Record<SourceName, Written>>; slack: { channel: string }; sage: object },
>(given: Given) {
  const sources: Record<string, SourceSettings> = {};
  const { sources: writtenSources, ...rest } = given;
  for (const name of sourceNames) {
    const written = writtenSources[name];
    if (written === undefined) continue;
    const defaults = name === "gl-journals" ? journalDefaults : ({ post: "batch", schedule: null } as const);
    sources[name] = {
      enabled: written.enabled,
      channel: written.channel ?? given.slack.channel,
      post: written.post ?? defaults.post,
      schedule:
        written.schedule ??
        (written.post === undefined || written.post === "summary" ? defaults.schedule : null),
      updates: written.updates,
      statuses: written.statuses ?? null,
      lookbackDays: written.lookbackDays,
    };
  }
  const ca: string | undefined = undefined;
  return {
    ...rest,
    sources,
    sage: { ...given.sage, ca: ca as string | undefined } as Given["sage"] & { ca: string | undefined },
  };
}

/** Ports that browsers and their like refuse; a server cannot be there by intention. */
const blockedPorts = new Set(["6000", "6566", "6665", "6666", "6667", "6668", "6669", "6697", "10080"]);

function checkSageUrl(text: string, context: z.RefinementCtx): void {
  const add = (message: string) => context.addIssue({ code: "custom", message });
  if (!isUrl(text, ["http:", "https:"]))
    return add("must be a web address like https://erp.example.com/Sage300WebApi");
  const url = new URL(text);
  if (hasUserInfo(text)) add('must not hold user or password: use "sage-slack login sage"');
  if (/[?#]/.test(text)) add("must not have a query or fragment");
  if (/(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i.test(text)) add('must not contain "." or ".." as a folder');
  if (/[\s\\]/.test(text)) add("must not contain spaces or backslashes");
  if (blockedPorts.has(url.port)) add(`names port ${url.port}, which this program does not use`);
}

function trimSageUrl(text: string): string {
  return text.replace(/\/+$/, "").replace(/\/v1\.0(\/-)?$/i, "");
}

/** Whether this is how a channel is named in the configuration: `#name`, or Slack's id of it. */
export function isChannel(text: string): boolean {
  return channelSpelling.pattern.test(text);
}

/** Whether credentials would cross a network in the clear. */
export function isInsecure(text: string): boolean {
  return isUrl(text, ["http:"]) && !isLoopback(text);
}

export function isLoopback(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { hostname } = new URL(text);
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function hasUserInfo(text: string): boolean {
  return URL.canParse(text) && new URL(text).username + new URL(text).password !== "";
}

function isUrl(text: string, protocols: readonly string[]): boolean {
  return URL.canParse(text) && protocols.includes(new URL(text).protocol);
}

/** croner takes moments too, which come once; and days that no year has. Either would read a source never again. */
function scheduleProblem(expression: string): string | null {
  const notCron = 'must be a cron expression, like "0 7 * * 1-5"';
  if (expression.includes(":")) return notCron;
  try {
    const first = new Cron(expression, { paused: true }).nextRun(new Date(0));
    return first === null ? "names a time that never comes" : null;
  } catch {
    return notCron;
  }
}

function isTimeZone(name: string): boolean {
  try {
    return calendarDate(new Date(0), name) !== "";
  } catch {
    return false;
  }
}
