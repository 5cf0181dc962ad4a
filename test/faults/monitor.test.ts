import { describe, expect, test } from "vitest";

import { startPingListener, type PingListener } from "../support/ping-listener.ts";
import { runProgram } from "../support/program.ts";
import { startWorld, type Result, type World } from "../support/world.ts";

function watchedWorld({ url }: PingListener): Promise<World> {
  return startWorld({
    sources: { "ap-invoices": { channel: "#accounts-payable" } },
    monitor: { pingUrl: url },
  });
}

/** Ends a poll in the middle of its reading; tells how it ended, and how long after the signal. */
async function terminate({ sage, directory: cwd, env }: World): Promise<Result & { ms: number }> {
  let sentAt = 0;
  const asked = new Promise<void>((resolve) => {
    sage.onRequest = () => {
      sentAt ||= performance.now();
      resolve();
    };
  });
  sage.queueFault({ kind: "hang" });
  const result = await runProgram(["poll"], { cwd, env, kill: { signal: "SIGTERM", when: asked } });
  return { ...result, ms: performance.now() - sentAt };
}

describe("a monitor", () => {
  test("hears within a second or so of a run that is terminated", async () => {
    await using listener = await startPingListener();
    await using world = await watchedWorld(listener);
    await world.run("poll");

    const { code, ms } = await terminate(world);

    expect(code).toBe(143);
    expect(ms).toBeLessThan(2500);
    expect(listener.received.at(-1)).toMatchObject({ signal: "143", body: "exit code 143: stopped" });
    expect(listener.received.at(-1)?.rid).toBe(listener.received.at(-2)?.rid);
  });

  test("SR-57 that answers nothing keeps a run waiting at its end alone, and not for long", async () => {
    await using listener = await startPingListener();
    await using world = await watchedWorld(listener);
    listener.answers = false;
    const begun = performance.now();

    const run = await runProgram(["poll"], { cwd: world.directory, env: world.env });
    const ms = performance.now() - begun;

    expect(run.code).toBe(0);
    expect(run.stderr).toContain("was not told how the run ends: no answer in time");
    expect(ms).toBeLessThan(9000);
    expect(world.slack.posts).toHaveLength(1);
  });

  test("that answers nothing keeps nobody waiting who terminates a run", async () => {
    await using listener = await startPingListener();
    await using world = await watchedWorld(listener);
    await world.run("poll");
    listener.answers = false;

    const { code, ms } = await terminate(world);

    expect(code).toBe(143);
    expect(ms).toBeLessThan(4000);
  });
});
