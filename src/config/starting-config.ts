import { isAbsolute, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";

export interface StartingPoint {
  /** Where an editor finds the schema of the file. */
  readonly schema: string;
  /** IANA name. */
  readonly timeZone: string;
}

/**
 * A configuration to begin with: valid as it stands, so that each later command names what is still to be filled in,
 * with what most installations come to want in comments that work when they are uncommented.
 */
export function startingConfig({ schema, timeZone }: StartingPoint): string {
  return `{
  // For completion and checks in an editor. Comments and trailing commas are fine in this file; secrets are refused.
  "$schema": ${JSON.stringify(schema)},

  "sage": {
    // As a browser on this machine opens it, up to Sage300WebApi.
    "url": "https://erp.example.com/Sage300WebApi",
    // Database ids of the companies to follow.
    "companies": ["SAMINC"],
    // Where the company is: for schedules, and for what is due or overdue today.
    "timeZone": ${JSON.stringify(timeZone)},
    // Where the server's certificate comes from an authority of your own: its certificate, in PEM form.
    // "caFile": "corp-ca.pem",
    // A button in each message that opens the batch in Sage.
    // "link": "https://erp.example.com/Sage300/OnPremise/{company}?batch={batch}",
  },

  "slack": {
    // For whatever no source and no route places elsewhere. Invite the app to each channel: /invite @sage-300
    "channel": "#finance",
    // Where the tool tells when something fails, and when it is in order again.
    // "opsChannel": "#finance-ops",
  },

  // What to follow: a source that is not here is off. Without a channel of its own it posts in slack.channel.
  "sources": {
    "ap-invoices": { "channel": "#accounts-payable" },
    "ap-payments": { "channel": "#treasury" },
    // One summary a day, at seven from Monday to Friday.
    "gl-journals": { "channel": "#accounting-leadership", "schedule": "0 7 * * 1-5" },
    "ar-receipts": { "channel": "#collections" },
    "purchase-orders": { "channel": "#procurement" },
  },

  // Who hears of what: tried in order, and the first that matches decides the channel.
  "routes": [
    // { "name": "large invoices", "channel": "#ap-approvals", "mention": ["cfo@example.com"],
    //   "when": { "source": "ap-invoices", "amount": { "atLeast": "25000", "currency": "USD" } } },
  ],

  // Channels and people by vendor, customer and account; "sage-slack sync-master --export directory.csv" begins it.
  // "directory": "directory.csv",

  // A check, for instance of healthchecks.io, that notices when no run comes any more.
  // "monitor": { "pingUrl": "https://hc-ping.com/00000000-0000-0000-0000-000000000000" },
}
`;
}

/**
 * How a configuration in this folder names the schema file: by a path that stays right when the folder is moved, where
 * the program is installed in it; else by the address of the file.
 */
export function schemaReference(schemaFile: string, folder: string): string {
  const path = relative(folder, schemaFile);
  const isInside = path !== ".." && !path.startsWith(`..${sep}`) && !isAbsolute(path);
  return isInside ? `./${path.replaceAll(sep, "/")}` : pathToFileURL(schemaFile).href;
}
