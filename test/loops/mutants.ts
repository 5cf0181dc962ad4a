import { rmSync } from "node:fs";
import { cp, mkdtemp, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Mutation {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Guards taken out of a copy of the program: a loop that does not notice is itself broken. */
const mutations = {
  "no-inflight-mark": [
    {
      file: "dist/state/transitions.js",
      from: 'status: "inflight",\n        attempt,',
      to: 'status: "pending",\n        attempt,',
    },
  ],
  "library-retries": [
    {
      file: "dist/slack/sender.js",
      from: "retryConfig: { retries: 0 }",
      to: "retryConfig: { retries: 3, minTimeout: 1, maxTimeout: 5 }",
    },
  ],
  "no-fsync": [
    { file: "dist/runtime/durable-file.js", from: "await file.sync();", to: "{}" },
    { file: "dist/runtime/durable-file.js", from: "await handle.sync();", to: "{}" },
  ],
  "unflushed-lock": [{ file: "dist/state/run-lock.js", from: "await file.sync();", to: "" }],
} as const satisfies Readonly<Record<string, readonly Mutation[]>>;

const root = join(import.meta.dirname, "../..");

/** A copy of the built program, so that a build meanwhile does no harm; for a control with one guard taken out. */
export async function programFolder(control: string | null): Promise<string> {
  const taken = control === null ? [] : mutationsOf(control);
  const folder = await mkdtemp(join(tmpdir(), `sage-slack-${control ?? "copy"}-`));
  process.once("exit", () => rmSync(folder, { recursive: true }));
  for (const part of ["bin", "dist", "package.json"]) {
    await cp(join(root, part), join(folder, part), { recursive: true });
  }
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  for (const { file, from, to } of taken) {
    const text = await readFile(join(folder, file), "utf8");
    if (!text.includes(from)) throw new Error(`${file} has no "${from}" to take out`);
    await writeFile(join(folder, file), text.replaceAll(from, to));
  }
  return folder;
}

function mutationsOf(control: string): readonly Mutation[] {
  const found = Object.entries(mutations).find(([name]) => name === control);
  if (found === undefined)
    throw new Error(`no control is called ${control}: ${Object.keys(mutations).join(", ")}`);
  return found[1];
}
