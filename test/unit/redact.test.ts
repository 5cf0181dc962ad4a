import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { redactor } from "../../src/runtime/redact.ts";

describe("redactor", () => {
  test("SR-8 hides a secret in every encoding in which it travels", () => {
    const secret = 'p"ass wörd/1';
    const redact = redactor([secret]);
    const spellings = [
      secret,
      Buffer.from(secret).toString("base64"),
      Buffer.from(secret).toString("hex"),
      encodeURIComponent(secret),
      JSON.stringify(secret),
    ];

    expect(spellings.map((spelling) => redact(`<${spelling}>`)).join()).not.toMatch(/ass|YXNz|6173/);
  });

  test("hides what has the shape of a credential without having been told", () => {
    const redact = redactor([]);
    const text =
      "xoxb-12-abc xoxe.xoxb-1-Mi0 Authorization: Basic V0VCQVBJ Bearer abc.def https://user:pass@host/";

    expect(redact(text)).toBe(
      "[redacted] [redacted] Authorization: Basic [redacted] Bearer [redacted] https://[redacted]@host/",
    );
  });

  test("leaves other text as it is", () => {
    fc.assert(
      fc.property(fc.lorem(), (text) => {
        expect(redactor(["a-long-secret"])(text)).toBe(text);
      }),
    );
  });
});
