import { PassThrough } from "node:stream";

import { runProgram } from "../../../src/cli/program.ts";
import { parseConfig } from "../../../src/config/load-config.ts";
import { readDirectory } from "../../../src/routing/directory-file.ts";
import { Directory } from "../../../src/routing/directory.ts";
import type { Chance } from "../chance.ts";
import { nearlyJson, nearlyText } from "./mutate.ts";
import { accepted, inFolders, mustBeShowable, pure, type Input, type Kind, type Verdict } from "./target.ts";

/** What whoever runs the program writes: the configuration and the command line. */
export const settingTargets: Readonly<Record<string, Kind>> = {
  config: pure(
    (chance) => nearlyJson(config, chance),
    (input) => accepted(() => parseConfig(input.toString(), "sage-slack.json")),
  ),
  directory: pure(
    (chance) => nearlyText(table, chance),
    (input) => accepted(() => new Directory(readDirectory(input.toString(), "directory.csv").rows)),
  ),
  arguments: inFolders(makeArguments, runWith),
};

const config = {
  sage: {
    url: "https://erp.example.com/Sage300WebApi",
    companies: ["SAMINC"],
    timeZone: "America/Los_Angeles",
  },
  slack: { channel: "#finance", apiUrl: "https://slack.com/api/", quarantineSeconds: 120 },
  sources: {
    "ap-invoices": { channel: "#accounts-payable", statuses: ["Posted"] },
    "gl-journals": { post: "summary", schedule: "0 7 * * 1-5" },
  },
  routes: [
    {
      name: "large",
      when: { source: "ap-invoices", amount: { atLeast: "25000", currency: "USD" } },
      channel: "#ap-approvals",
      mention: ["cfo@example.com"],
    },
  ],
};

/** What Excel and people make of the directory. */
const table = [
  "kind;code;name;group;channel;mention;our notes",
  'vendor;="00120";"Chloride ""Systems""";INV;#ap-batteries;buyer@example.com @ap-team;first',
  "vendor;20*;Carriers;;C0123456789;U0123456789,@handle;",
  'vendor;*;;EQUIP;#ap-equipment;;"two',
  'lines"',
  "account;4000-4999;'=Rent;;;office@example.com;",
  "customer;BARMART;;;#collections;;;",
].join("\r\n");

const words = [
  "poll",
  "dry-run",
  "status",
  "outbox",
  "logout",
  "retry",
  "drop",
  "--config",
  "sage-slack.json",
  "--json",
  "--quiet",
  "--verbose",
  "--no-color",
  "--only",
  "ap-invoices",
  "--all",
  "--max-duration",
  "10",
  "--first-run",
  "post",
  "--since",
  "--until",
  "2026-11-01",
  "--resend",
  "--channel",
  "#finance",
  "--help",
  "--version",
  "--",
  "-x",
  "sage",
];

function makeArguments(chance: Chance): string {
  const count = chance.whole(0, 5);
  const given = Array.from({ length: count }, () => {
    const word = chance.oneOf(words);
    return chance.happens(0.3) ? nearlyText(word, chance).slice(0, 300) : word;
  });
  return JSON.stringify(given);
}

/** In a folder without a configuration: nothing can be reached, and every command ends with a foreseen code. */
async function runWith(folder: string, input: Input): Promise<Verdict> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  let shown = "";
  for (const stream of [stdout, stderr]) stream.on("data", (chunk: Buffer) => (shown += chunk.toString()));
  const stdin = new PassThrough();
  stdin.end();
  const code = await runProgram({
    argv: JSON.parse(input.toString()) as string[],
    env: { HOME: folder, XDG_CONFIG_HOME: folder, NO_COLOR: "1" },
    cwd: () => folder,
    stdin,
    stdout,
    stderr,
    signal: new AbortController().signal,
  });
  if (![0, 2, 7].includes(code)) throw new Error(`ended with ${code}: ${shown}`);
  mustBeShowable(shown);
  return code === 0 ? "taken" : "rejected";
}
