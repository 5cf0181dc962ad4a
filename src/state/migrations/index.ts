/** Turns the body of one version of the format into the next; pure, and kept for ever. */
export interface Migration {
  readonly from: number;
  readonly apply: (body: unknown) => unknown;
}

export const newestVersion = 1;

const all: readonly Migration[] = [];

/** The body as the newest version has it. */
export function migrate(body: unknown, version: number, migrations: readonly Migration[] = all): unknown {
  let migrated = body;
  for (const { from, apply } of migrations.toSorted((a, b) => a.from - b.from)) {
    if (from >= version) migrated = apply(migrated);
  }
  return migrated;
}
