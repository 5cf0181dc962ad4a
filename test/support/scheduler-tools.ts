import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Stand-ins for the tools of schedulers, as programs of their own that keep what they are given in files. */
export interface SchedulerTools {
  /** The only folder of PATH with such tools in it. */
  readonly path: string;
  /** Every call with its arguments, in order. */
  calls(): Promise<string[]>;
  /** What a tool was given or keeps: `table`, `task.xml`, `environment`. */
  kept(name: string): Promise<Buffer>;
  keep(name: string, content: Buffer | string): Promise<void>;
}

const scripts: Readonly<Record<string, string>> = {
  crontab: `
    case "$1" in
      -l) [ -f "$d/refusal" ] && { cat "$d/refusal" >&2; exit 1; }
          [ -f "$d/table" ] || { echo "no crontab for it" >&2; exit 1; }
          cat "$d/table";;
      -) cat > "$d/table";;
    esac`,
  systemctl: `[ -f "$d/refusal" ] && { cat "$d/refusal" >&2; exit 1; }; exit 0`,
  launchctl: `case "$1" in bootout) exit 3;; esac; [ -f "$d/refusal" ] && { cat "$d/refusal" >&2; exit 5; }; exit 0`,
  schtasks: `
    [ -f "$d/refusal" ] && { cat "$d/refusal" >&2; exit 1; }
    case "$1" in
      /Create) cp "$5" "$d/task.xml";;
      /Query) [ -f "$d/task.xml" ];;
      /Delete) rm "$d/task.xml";;
    esac`,
};

/** Without those that are named. */
export async function schedulerTools(
  directory: string,
  missing: readonly string[] = [],
): Promise<SchedulerTools> {
  const folder = join(directory, "tools");
  await mkdir(folder);
  for (const [tool, script] of Object.entries(scripts)) {
    if (missing.includes(tool)) continue;
    const file = join(folder, tool);
    await writeFile(
      file,
      `#!/bin/sh\nPATH=/usr/bin:/bin; d=${folder}\necho "${tool} $*" >> "$d/calls"; env > "$d/environment"\n${script}\n`,
    );
    await chmod(file, 0o755);
  }
  return {
    path: folder,
    calls: async () =>
      (await readFile(join(folder, "calls"), "utf8").catch(() => ""))
        .split("\n")
        .filter((line) => line !== ""),
    kept: (name) => readFile(join(folder, name)),
    keep: (name, content) => writeFile(join(folder, name), content),
  };
}
