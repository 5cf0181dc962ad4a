/** Turns the body of one version of the format into the next; pure, and kept for ever. */
export type Migration = (body: unknown) => unknown;

/** The first turns version 1 into 2, and so on. */
export const migrations: readonly Migration[] = [];

/** The version that is read and written where there are these migrations. */
export function newestVersion(chain: readonly Migration[]): number {
  return chain.length + 1;
}

/** The body as the newest version has it. */
export function migrate(body: unknown, version: number, chain: readonly Migration[]): unknown {
  return chain.slice(version - 1).reduce((migrated, apply) => apply(migrated), body);
}
