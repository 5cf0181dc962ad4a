import { keyOf } from "../../src/sandbox/sage/company-books.ts";
import { startWorld } from "../support/world.ts";
import { sample } from "./measure.ts";
import { binary } from "./process.ts";
import { atMost, noted, type Figure } from "./rows.ts";

const channels = ["#accounts-payable", "#treasury", "#collections"];
const perChannel = 20;

/** Messages that cannot be merged, because each is a document by itself with a thread to fill. */
export const drain: Figure = {
  name: "drain",
  measure: async () => {
    await using world = await startWorld(
      {
        slack: { minIntervalMs: 1000 },
        sources: { "ap-invoices": {} },
        routes: channels.map((channel, index) => ({
          name: channel,
          when: { source: "ap-invoices", vendor: ["1200", "1350", "1500"][index] },
          channel,
        })),
      },
      { rateLimits: "slack" },
    );
    const { directory: cwd, env, sage, slack } = world;
    await sample({ args: [binary, "poll"], cwd, env });
    const before = slack.posts.length;
    const books = sage.company("SAMINC");
    for (const vendor of ["1200", "1350", "1500"]) {
      for (let batch = 0; batch < perChannel / 2; batch += 1) {
        const invoices = Array.from({ length: 26 }, () => ({ vendor, amount: "10.00" }));
        const row = books.addInvoiceBatch({ invoices });
        books.post("ap-invoices", keyOf("ap-invoices", row));
      }
    }
    const run = await sample({ args: [binary, "poll"], cwd, env });
    if (run.code !== 0) throw new Error(`the poll ended with ${run.code}: ${run.stderr}`);
    const posts = slack.posts.slice(before);
    const times = posts.map(({ ts }) => Number(ts) * 1000);
    const tookMs = Math.max(...times) - Math.min(...times);
    const ofOne = posts.length / channels.length;
    const limited = slack.requests.filter(({ status }) => status === 429).length;
    return [
      noted(`messages over ${channels.length} channels`, posts.length, "messages"),
      atMost("time between the first and the last, against one second each", tookMs / ((ofOne - 1) * 1000), {
        most: 1.03,
        unit: "times",
      }),
      atMost("refused as too fast", limited, { most: 0, unit: "posts" }),
    ];
  },
};
