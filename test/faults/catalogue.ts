/**
 * Every fault that the program is tested against, by row of the catalogue. A row has a test whose title begins with its
 * id, or stands here with the reason why it cannot run on the machine that builds the project. README.md tells more.
 */
export const rows: readonly string[] = [
  ...numbered("G", 58), // Sage and what is between
  ...numbered("K", 40), // Slack and what is between
  ...numbered("L", 60), // this machine
  ...numbered("H", 20), // hostile or odd data
];

export interface NotHere {
  readonly reason: string;
  /** What would run it where it can run. */
  readonly command: string;
}

/** Rows that cannot run on Linux without a person, or only in part. */
export const notHere: Readonly<Record<string, NotHere>> = {
  G38: {
    reason:
      "numbers that start again, as after a restored company, cannot be told from records that were final and are open again; what is keyed in under a number that was seen before is told as a change of the old record",
    command: "node bin/sage-slack.js status (and compare the numbers with those in Sage)",
  },
  L17: {
    reason: "a loop of its own, which takes minutes; its short form runs with every change",
    command: "npm run power-loop -- --cuts 100",
  },
  L21: {
    reason:
      "a TerminateProcess is tried under Wine (test:windows); the end of a session and the End of Task Scheduler need Windows",
    command: "npm run crash-loop -- --kills 2000 (on Windows, where a kill is a TerminateProcess)",
  },
  L53: {
    reason:
      "a file held for six seconds is tried under Wine (test:windows), the waiting with a failing rename; a virus scanner needs Windows",
    command: "npm run test:slow (on Windows, with its virus scanner watching the temporary folder)",
  },
  L54: {
    reason:
      "NUL, drive letters and paths over 260 characters are tried under Wine (test:windows); shares and synchronised folders need Windows",
    command: "npm run test:slow (on Windows, with TEMP in such a folder)",
  },
};

function numbered(letter: string, count: number): string[] {
  return Array.from({ length: count }, (_row, index) => `${letter}${String(index + 1).padStart(2, "0")}`);
}
