import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";

import { runProgram } from "../../src/cli/program.ts";
import { SageSimulator } from "../../src/sandbox/sage/sage-simulator.ts";
import { SlackSimulator, type SlackSimulatorOptions } from "../../src/sandbox/slack/slack-simulator.ts";
import { everySource } from "./sources.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Two servers, a folder with a configuration, and the program in between. */
export interface World extends AsyncDisposable {
  readonly sage: SageSimulator;
  readonly slack: SlackSimulator;
  readonly directory: string;
  readonly env: Record<string, string | undefined>;
  /** Writes the configuration anew with these parts replaced. */
  configure(parts: ConfigParts): Promise<void>;
  run(...argv: string[]): Promise<Result>;
}

export interface ConfigParts {
  readonly sage?: object;
  readonly slack?: object;
  readonly sources?: object;
  readonly routes?: readonly object[];
  /** Rows below the header of directory.csv. */
  readonly directory?: string;
  readonly routeTests?: readonly object[];
  readonly monitor?: object;
}

/** By default without Slack's rate limits, which tests of pace switch on. */
export async function startWorld(
  parts: ConfigParts = {},
  slackOptions: SlackSimulatorOptions = { rateLimits: "off" },
  companies: readonly string[] = ["SAMINC"],
): Promise<World> {
  const sage = await SageSimulator.start({ companies, history: "empty" });
  const slack = await SlackSimulator.start(slackOptions);
  const directory = await temporaryDirectory();
  const env: Record<string, string | undefined> = {
    SAGE_SLACK_SAGE_USER: "webapi",
    SAGE_SLACK_SAGE_PASSWORD: "webapi",
    SAGE_SLACK_SLACK_TOKEN: slack.token,
  };
  const configure = async (changed: ConfigParts) => {
    const config = {
      sage: { url: sage.url, companies, ...changed.sage },
      slack: { channel: "#finance", apiUrl: slack.url, minIntervalMs: 0, ...changed.slack },
      sources: changed.sources ?? everySource,
      routes: changed.routes ?? [],
      ...(changed.directory === undefined ? {} : { directory: "directory.csv" }),
      routeTests: changed.routeTests ?? [],
      ...(changed.monitor === undefined ? {} : { monitor: changed.monitor }),
    };
    if (changed.directory !== undefined) {
      const table = `kind,code,name,group,channel,mention\n${changed.directory}\n`;
      await writeFile(join(directory.path, "directory.csv"), table, { mode: 0o600 });
    }
    await writeFile(join(directory.path, "sage-slack.json"), JSON.stringify(config, null, 2), {
      mode: 0o600,
    });
  };
  await configure(parts);
  return {
    sage,
    slack,
    directory: directory.path,
    env,
    configure,
    run: (...argv) => run(argv, { env, cwd: directory.path }),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([sage.stop(), slack.stop()]);
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function run(argv: string[], { env, cwd }: { env: World["env"]; cwd: string }): Promise<Result> {
  const [stdout, stderr] = [collector(), collector()];
  const code = await runProgram({
    argv,
    env,
    cwd: () => cwd,
    stdin: new PassThrough(),
    stdout: stdout.stream,
    stderr: stderr.stream,
    signal: new AbortController().signal,
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function collector() {
  const stream = new PassThrough();
  let text = "";
  stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return { stream, text: () => text };
}

/** Everything that a channel shows, as one text. */
export function shownIn(slack: SlackSimulator, channel: string): string {
  return slack.posts
    .filter(({ channelName }) => channelName === channel)
    .map(({ text, blocks }) => `${text}\n${JSON.stringify(blocks)}`)
    .join("\n");
}
