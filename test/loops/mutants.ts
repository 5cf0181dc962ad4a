import { rmSync } from "node:fs";
import { cp, mkdtemp, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Plugin } from "rolldown";

import { bundleProgram } from "../../bundle/program.ts";
import type { Promised } from "./promises.ts";

interface Mutation {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A guard taken out of a copy of the program: a loop that does not notice is itself broken. */
export interface Control {
  readonly name: string;
  /** What the program cannot keep without it. Whatever else goes wrong proves nothing. */
  readonly breaks: readonly Promised[];
  readonly mutations: readonly Mutation[];
}

export const controls: readonly Control[] = [
  {
    name: "no-inflight-mark",
    breaks: ["nothing twice"],
    mutations: [
      {
        file: "src/state/transitions.ts",
        from: 'status: "inflight",\n    attempt,',
        to: 'status: "pending",\n    attempt,',
      },
    ],
  },
  {
    name: "library-retries",
    breaks: ["nothing twice"],
    mutations: [
      {
        file: "src/slack/sender.ts",
        from: "retryConfig: { retries: 0 }",
        to: "retryConfig: { retries: 3, minTimeout: 1, maxTimeout: 5 }",
      },
    ],
  },
  {
    name: "newest-first",
    breaks: ["in order"],
    mutations: [{ file: "src/state/outbox.ts", from: "here.find(isFree)", to: "here.findLast(isFree)" }],
  },
  {
    name: "short-pace",
    breaks: ["pace"],
    mutations: [
      { file: "src/slack/rate-limiter.ts", from: "minIntervalMs + marginMs", to: "minIntervalMs * 0.5" },
    ],
  },
  {
    name: "no-tidying",
    breaks: ["no litter"],
    mutations: [{ file: "src/state/state-file.ts", from: "of this.#found.leftovers", to: "of []" }],
  },
  {
    name: "nothing-remembered",
    breaks: ["every run sound"],
    mutations: [
      {
        file: "src/state/troubles.ts",
        from: "{ ...trouble, told: kind }",
        to: "{ ...trouble, told: null }",
      },
    ],
  },
  {
    name: "no-fsync",
    breaks: ["nothing lost", "nothing twice", "goes on"],
    mutations: [
      { file: "src/runtime/durable-file.ts", from: "await file.sync();", to: "{}" },
      { file: "src/runtime/durable-file.ts", from: "await handle.sync();", to: "{}" },
    ],
  },
  {
    name: "unflushed-lock",
    breaks: ["goes on"],
    mutations: [{ file: "src/state/run-lock.ts", from: "await file.sync();", to: "" }],
  },
];

/** The control of that name; null for none. */
export function controlCalled(name: string | undefined): Control | null {
  if (name === undefined) return null;
  const found = controls.find((control) => control.name === name);
  if (found !== undefined) return found;
  throw new Error(`no control is called ${name}: ${controls.map((one) => one.name).join(", ")}`);
}

const root = join(import.meta.dirname, "../..");

/** A copy of the built program, so that a build meanwhile does no harm; for a control with one guard taken out. */
export async function programFolder(control: Control | null): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `sage-slack-${control?.name ?? "copy"}-`));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const copy = (part: string) => cp(join(root, part), join(folder, part), { recursive: true });
  await Promise.all([copy("bin"), copy("package.json")]);
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  if (control === null) await copy("dist");
  else await bundleProgram(join(folder, "dist"), [takingOut(control.mutations)]);
  return folder;
}

function takingOut(mutations: readonly Mutation[]): Plugin {
  const waiting = new Set(mutations);
  return {
    name: "taking-out",
    transform(code, id) {
      let text = code;
      for (const mutation of mutations) {
        if (id !== join(root, mutation.file) || !text.includes(mutation.from)) continue;
        text = text.replaceAll(mutation.from, mutation.to);
        waiting.delete(mutation);
      }
      return text;
    },
    buildEnd() {
      for (const { file, from } of waiting) throw new Error(`${file} has no "${from}" to take out`);
    },
  };
}
