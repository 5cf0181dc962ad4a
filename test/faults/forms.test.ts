import { describe, expect, test } from "vitest";

import { hostileTexts, keyInEverywhere } from "../support/hostile.ts";
import { readableBlocks } from "../support/readable-blocks.ts";
import { keyInABusyDay, keyInTheUnusual } from "../support/sample-morning.ts";
import { problemsOf } from "../support/slack-facts.ts";
import { everySource } from "../support/sources.ts";
import { startWorld, type World } from "../support/world.ts";

const forms = ["batch", "document", "summary"] as const;

function everySourceAs(post: (typeof forms)[number]): object {
  return Object.fromEntries(
    Object.entries(everySource).map(([name, settings]) => [name, { ...settings, post }]),
  );
}

describe.each(forms)("a message for a %s", (post) => {
  test("notifies nobody, whatever is typed into any field of any source", async () => {
    await using world = await startWorld({ sources: everySourceAs(post) });
    await world.run("poll", "--all");
    const baseline = world.slack.posts.length;
    for (const { typed } of hostileTexts) keyInEverywhere(world, typed);

    const run = await world.run("poll", "--all");

    expect(run).toMatchObject({ code: 0, stderr: "" });
    const posts = world.slack.posts.slice(baseline);
    expect(new Set(posts.map(({ channelName }) => channelName)).size).toBe(5);
    for (const { text, blocks, notified, links } of posts) {
      expect({ notified, links }).toEqual({ notified: [], links: [] });
      expect(text).not.toMatch(/<|>|&(?!(?:amp|lt|gt);)/);
      expect(JSON.stringify(blocks)).not.toMatch(
        /"type":"(?:mrkdwn|markdown|link|broadcast|user|usergroup|emoji)"/,
      );
      expect(problemsOf({ text, blocks })).toEqual([]);
    }
    for (const { typed, shown } of hostileTexts) {
      expect(posts.map(({ blocks }) => readableBlocks(blocks)).join("\n")).toContain(shown ?? typed);
    }
  });

  test.each(["invalid_blocks", "msg_too_long"])(
    "is sent smaller, then plain, where Slack refuses it (%s), and nothing is missing",
    async (error) => {
      await using world = await startWorld({ sources: everySourceAs(post) });
      await world.run("poll", "--all");
      const baseline = world.slack.posts.length;
      keyInTheUnusual(world.sage.company("SAMINC"));
      keyInABusyDay(world.sage.company("SAMINC"));
      refuseBlocks(world, error);

      const run = await world.run("poll", "--all");

      expect(run).toMatchObject({ code: 0, stderr: "" });
      const posts = world.slack.posts.slice(baseline);
      expect(posts.every(({ blocks }) => isPlain(blocks))).toBe(true);
      const shown = posts.map(({ text, blocks }) => `${text}\n${readableBlocks(blocks)}`).join("\n");
      for (const number of ["E-204", "C-17-CR", "00010454", "CK-2003", "PO000124", "000001-3", "Posting 4.1"])
        expect(shown).toContain(number);
      for (let site = 1; site <= 30; site += 1) expect(shown).toContain(`SITE-${site} `);
      expect(shown).toContain("out of balance");
    },
  );
});

/** Every message is refused in its full and in its compact form. */
function refuseBlocks({ slack }: World, error: string): void {
  const method = "chat.postMessage";
  for (const { channel } of Object.values(everySource)) {
    for (let sent = 0; sent < 12; sent += 1)
      slack.queueFault({ kind: "error", error, method, channel: channel.slice(1), skip: sent, times: 2 });
  }
}

function isPlain(blocks: readonly object[]): boolean {
  return blocks.every((block) => "text" in block || JSON.stringify(block).includes('"mentions"'));
}
