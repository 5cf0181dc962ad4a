import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import {
  meaningOf,
  troubleIn,
  whatToDo,
  whoCanRead,
  type Surroundings,
} from "../../src/config/keychain-advice.ts";

const linux: Surroundings = { platform: "linux", env: {}, uid: 1000, isContainer: false };
const windows: Surroundings = { ...linux, platform: "win32", uid: null };
const mac: Surroundings = { ...linux, platform: "darwin" };

describe("the trouble with a keychain", () => {
  test.each([
    ["Cannot autolaunch D-Bus without X11 $DISPLAY", "no session bus"],
    ["Could not connect: No such file or directory", "no session bus"],
    ["The name org.freedesktop.secrets was not provided by any .service files", "no service"],
    ["Object does not exist at path “/org/freedesktop/secrets/collection/login”", "no keyring"],
    [
      'Failed to load keytar native addon, checked ["../build/Release","../prebuilds/linux-x64"]',
      "no library",
    ],
    ["libsecret-1.so.0: cannot open shared object file: No such file or directory", "no library"],
    ["Cannot create an item in a locked collection", "locked"],
    ["A specified logon session does not exist. It may already have been terminated.", "wrong logon"],
    ["User interaction is not allowed.", "no interaction"],
    ["The stub received bad data.", "too long"],
    ["The blocked thing", "other"],
  ])("is known by its words: %s", (message, expected) => {
    expect(troubleIn(message)).toBe(expected);
  });
});

describe("what to do about a keychain", () => {
  test.each([
    ["cron", linux, "no session bus", "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus"],
    ["a system service", { ...linux, env: { INVOCATION_ID: "1" } }, "no session bus", "LoadCredential="],
    [
      "a terminal of the desktop, which systemd has started as well",
      { ...linux, env: { INVOCATION_ID: "1", XDG_RUNTIME_DIR: "/run/user/1000" } },
      "no session bus",
      "cron",
    ],
    ["a container", { ...linux, isContainer: true }, "no session bus", "mount each secret as a file"],
    ["a machine without libsecret", linux, "no library", "libsecret-1-0"],
    ["a machine without a desktop", linux, "no service", "gnome-keyring"],
    ["a desktop after a restart", linux, "locked", "logs in on the desktop"],
    ["a desktop with a prompt", linux, "silent", "unlock it on the desktop"],
    ["Task Scheduler", windows, "wrong logon", "stored password"],
    ["macOS", mac, "no interaction", "LaunchAgent"],
  ] as const)("depends on where it runs: %s", (_where, around, trouble, expected) => {
    const advice = whatToDo(trouble, around);

    expect(advice).toContain(expected);
    expect(advice).toContain("SAGE_SLACK_SLACK_TOKEN");
    expect(advice).toContain("_FILE");
  });

  test("does not send anybody to the environment with a secret that is too long anyway", () => {
    expect(whatToDo("too long", windows)).toContain("2560 bytes");
  });
});

test("who can read what is stored depends on the system", () => {
  expect(whoCanRead(linux)).toMatch(/systemd user units.*Not for cron/);
  expect(whoCanRead(windows)).toMatch(/stored password.*SYSTEM/);
  expect(whoCanRead(mac)).toMatch(/LaunchAgent.*not for cron/);
});

test.each([
  "no session bus",
  "no service",
  "no keyring",
  "no library",
  "locked",
  "wrong logon",
  "no interaction",
  "too long",
] as const)("docs/secrets.md explains what is said of %s", (trouble) => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/secrets.md"), "utf8");

  expect(page).toContain(`| ${meaningOf(trouble)} `);
});
