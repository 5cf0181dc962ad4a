import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";

import { parseConfig } from "../../src/config/load-config.ts";
import { cronEntry } from "../../src/schedule/cron.ts";
import { launchdEntry } from "../../src/schedule/launchd.ts";
import { pollArguments, timeLimitSeconds, type Entry } from "../../src/schedule/scheduled-run.ts";
import { systemdEntry } from "../../src/schedule/systemd.ts";
import { taskEntry } from "../../src/schedule/task-scheduler.ts";
import { scheduledRun } from "../support/scheduled-run.ts";

const examples = join(import.meta.dirname, "../../examples");
const read = (name: string) => readFileSync(join(examples, name), "utf8");

const windows = {
  node: String.raw`C:\Program Files\nodejs\node.exe`,
  script: String.raw`C:\Program Files\nodejs\node_modules\sage-slack\bin\sage-slack.js`,
  config: String.raw`C:\ProgramData\sage-slack\sage-slack.json`,
  outputFile: String.raw`C:\ProgramData\sage-slack\sage-slack.output.log`,
};
const mac = {
  node: "/usr/local/bin/node",
  config: "/Users/finance/sage-slack/sage-slack.json",
  everyMinutes: 30,
  outputFile: "/Users/finance/Library/Logs/sage-slack.log",
};
const secretFiles = {
  SAGE_SLACK_SAGE_USER_FILE: "/etc/sage-slack/secrets/sage-user",
  SAGE_SLACK_SAGE_PASSWORD_FILE: "/etc/sage-slack/secrets/sage-password",
  SAGE_SLACK_SLACK_TOKEN_FILE: "/etc/sage-slack/secrets/slack-token",
};

// After a change of an entry: npx vitest run --project unit test/unit/schedule-examples.test.ts -u
test.each<[string, Entry, number]>([
  ["crontab", cronEntry(scheduledRun({ secretFiles })), 0],
  ["systemd-user.service", systemdEntry(scheduledRun()), 0],
  ["systemd-user.timer", systemdEntry(scheduledRun()), 1],
  ["launchd.plist", launchdEntry(scheduledRun(mac)), 0],
  ["task-scheduler.xml", taskEntry(scheduledRun(windows)), 0],
])("examples/%s is what schedule prints", async (name, entry, index) => {
  await expect(entry.files[index]?.content).toMatchFileSnapshot(join(examples, name));
});

/** The values of a setting of the service. */
function setting(key: string): (string | undefined)[] {
  const lines = read("systemd-system.service").matchAll(new RegExp(`^${key}=(.*)$`, "gm"));
  return [...lines].map(([, value]) => value);
}

function timerIn(unit = ""): string {
  return unit.slice(unit.indexOf("[Timer]"));
}

describe("examples/systemd-system.service", () => {
  test("calls poll, with no secret but files that systemd hands over", () => {
    const [, , ...args] = setting("ExecStart")[0]?.split(" ") ?? [];
    const credentials = setting("LoadCredential").map((one) => one?.split(":")[0]);

    expect(args).toEqual(pollArguments(scheduledRun()));
    expect(setting("Environment")).toEqual(
      ["SAGE_USER", "SAGE_PASSWORD", "SLACK_TOKEN"].map(
        (name, index) => `SAGE_SLACK_${name}_FILE=%d/${credentials[index]}`,
      ),
    );
    expect(setting("User")).toEqual(["sage-slack"]);
    expect(setting("StateDirectoryMode")).toEqual(["0700"]);
    expect(setting("TimeoutStartSec")).toEqual([String(timeLimitSeconds(scheduledRun()))]);
  });

  test("is called as often as the timer of a user", () => {
    expect(timerIn(read("systemd-system.timer"))).toBe(
      timerIn(systemdEntry(scheduledRun()).files[1]?.content),
    );
  });
});

const Volume = z.object({
  name: z.string(),
  configMap: z.object({ name: z.string(), defaultMode: z.number() }).optional(),
  secret: z.object({ secretName: z.string(), defaultMode: z.number() }).optional(),
  persistentVolumeClaim: z.object({ claimName: z.string() }).optional(),
});

const Container = z.object({
  image: z.string().regex(/:\d+\.\d+\.\d+$/),
  args: z.array(z.string()),
  env: z.array(z.object({ name: z.string(), value: z.string() })),
  securityContext: z.object({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.object({ drop: z.tuple([z.literal("ALL")]) }),
  }),
  volumeMounts: z.array(
    z.object({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().optional() }),
  ),
});

const CronJob = z.object({
  apiVersion: z.literal("batch/v1"),
  kind: z.literal("CronJob"),
  spec: z.object({
    schedule: z.string(),
    concurrencyPolicy: z.literal("Forbid"),
    startingDeadlineSeconds: z.number().min(10),
    jobTemplate: z.object({
      spec: z.object({
        backoffLimit: z.literal(0),
        activeDeadlineSeconds: z.number(),
        template: z.object({
          spec: z.object({
            restartPolicy: z.literal("Never"),
            automountServiceAccountToken: z.literal(false),
            terminationGracePeriodSeconds: z.number().min(15),
            securityContext: z.object({
              runAsNonRoot: z.literal(true),
              runAsUser: z.number().min(1),
              runAsGroup: z.number().min(1),
              fsGroup: z.number().min(1),
              fsGroupChangePolicy: z.literal("OnRootMismatch"),
            }),
            containers: z.tuple([Container]),
            volumes: z.array(Volume),
          }),
        }),
      }),
    }),
  }),
});

describe("examples/kubernetes.yaml", () => {
  // Kubernetes reads YAML 1.1, in which 0440 is octal.
  const documents = parseAllDocuments(read("kubernetes.yaml"), { version: "1.1", strict: true });
  const [configMap, claim, job] = documents.map((document) => document.toJS() as unknown);
  const { spec } = CronJob.parse(job);
  const pod = spec.jobTemplate.spec.template.spec;
  const [container] = pod.containers;
  const { metadata, data } = z
    .object({ metadata: z.object({ name: z.string() }), data: z.record(z.string(), z.string()) })
    .parse(configMap);

  const mounted = (name: string) => pod.volumes.find((volume) => volume.name === name);

  test("is YAML without errors, of three objects", () => {
    expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
    expect(documents.length).toBe(3);
  });

  test("calls poll as the other schedulers do, and gives it its time", () => {
    expect(container.args).toEqual(pollArguments(scheduledRun({ config: "/config/sage-slack.json" })));
    expect(spec.schedule).toBe("*/5 * * * *");
    expect(spec.jobTemplate.spec.activeDeadlineSeconds).toBe(timeLimitSeconds(scheduledRun()));
    expect(spec.startingDeadlineSeconds).toBeLessThan(300);
  });

  test("reads a valid configuration, whose state is below the volume and not the volume itself", () => {
    const config = parseConfig(data["sage-slack.json"] ?? "", "sage-slack.json");
    const state = container.volumeMounts.find(({ name }) => name === "state");

    expect(config.stateDir).toMatch(new RegExp(`^${state?.mountPath}/.`));
    expect(state?.readOnly).toBeUndefined();
  });

  test("mounts what the program only reads so that it takes it: nobody but its owner may write", () => {
    const readOnly = container.volumeMounts.filter((mount) => mount.readOnly === true);

    expect(readOnly.map(({ name }) => name)).toEqual(["config", "secrets"]);
    expect(mounted("config")?.configMap).toEqual({ name: metadata.name, defaultMode: 0o444 });
    expect(mounted("secrets")?.secret).toEqual({ secretName: metadata.name, defaultMode: 0o440 });
    expect(mounted("state")?.persistentVolumeClaim?.claimName).toBe(
      z.object({ metadata: z.object({ name: z.string() }) }).parse(claim).metadata.name,
    );
  });

  test("names the secrets by their files alone, where the comment makes them", () => {
    expect(container.env.map(({ name }) => name)).toEqual(Object.keys(secretFiles));
    for (const { value } of container.env) {
      expect(value).toMatch(/^\/secrets\//);
      expect(read("kubernetes.yaml")).toContain(` --from-file=${value.replace("/secrets/", "")}`);
    }
  });
});

describe("examples/Containerfile", () => {
  const lines = read("Containerfile")
    .replaceAll("\\\n", "")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const of = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));

  test("has a Node that the program runs on, and no user but the one of the manifest", () => {
    const { engines, version } = z
      .object({ engines: z.object({ node: z.string() }), version: z.string() })
      .parse(JSON.parse(read("../package.json")));
    const pod = read("kubernetes.yaml");

    expect(of("FROM")).toEqual([expect.stringMatching(/\/node:\d+-\w+-slim$/)]);
    const [, major] = /node:(\d+)/.exec(of("FROM")[0] ?? "") ?? [];
    expect(Number(major)).toBeGreaterThanOrEqual(Number(/\d+/.exec(engines.node)?.[0]));
    expect(of("USER")).toEqual(["10001:10001"]);
    expect(pod).toContain("runAsUser: 10001");
    expect(read("Containerfile")).toContain(`sage-slack:${version}`);
    expect(pod).toContain(`image: registry.example.com/sage-slack:${version}`);
  });

  test("installs without install scripts, and calls what that installs", () => {
    expect(of("RUN").join("\n")).toContain("npm install --global --ignore-scripts");
    expect(JSON.parse(of("ENTRYPOINT")[0] ?? "")).toEqual([
      "/usr/local/bin/node",
      "/usr/local/lib/node_modules/sage-slack/bin/sage-slack.js",
    ]);
  });
});
