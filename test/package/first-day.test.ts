import { request, type RequestListener } from "node:http";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { installPackage } from "../support/installed-program.ts";
import { runProgram } from "../support/program.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { selfSigned, startTlsServer } from "../support/tls-server.ts";
import { startWorld, type World } from "../support/world.ts";

let place: Awaited<ReturnType<typeof temporaryDirectory>>;
let binary = "";

beforeAll(async () => {
  place = await temporaryDirectory();
  binary = await installPackage(place.path);
}, 120_000);

afterAll(async () => place[Symbol.asyncDispose]());

interface Mistake {
  readonly mistake: string;
  readonly make: (world: World) => unknown;
  /** What `test` says, with its name and its cure. */
  readonly named: RegExp;
  readonly cure: RegExp;
}

function asSageUser(user: { id: string; modules?: string[]; isAdmin?: boolean }) {
  return ({ sage, env }: World) => {
    sage.addUser({ ...user, password: "LEDGER-77" });
    Object.assign(env, { SAGE_SLACK_SAGE_USER: user.id, SAGE_SLACK_SAGE_PASSWORD: "LEDGER-77" });
  };
}

const mistakes: readonly Mistake[] = [
  {
    mistake: "a host that does not exist",
    make: (world) => world.configure({ sage: { url: "https://erp.invalid/Sage300WebApi" } }),
    named: /FAILED +Sage SAMINC: .*erp\.invalid/,
    cure: /-> .*"sage\.url"/,
  },
  {
    mistake: "a wrong path",
    make: (world) => world.configure({ sage: { url: world.sage.url.replace("Sage300WebApi", "Sage300") } }),
    named: /FAILED +Sage SAMINC: /,
    cure: /-> .*"sage\.url"/,
  },
  {
    mistake: "ADMIN as the user",
    make: asSageUser({ id: "ADMIN", isAdmin: true }),
    named: /FAILED +SAMINC ap-invoices: .*403/,
    cure: /-> Give the user a security group with the right "Sage 300 Web API" in module AP \(ADMIN has none/,
  },
  {
    mistake: "a right missing in one module",
    make: asSageUser({ id: "CLERK", modules: ["AP", "AR", "PO"] }),
    named: /FAILED +SAMINC gl-journals: /,
    cure: /-> Give the user a security group with the right "Sage 300 Web API" in module GL/,
  },
  {
    mistake: "a wrong password",
    make: ({ env }) => Object.assign(env, { SAGE_SLACK_SAGE_PASSWORD: "wrong" }),
    named: /FAILED +Sage SAMINC: .*401/,
    cure: /-> .*login sage/,
  },
  {
    mistake: "a private channel without the app",
    make: ({ slack }) => Object.assign(slack.channel("treasury"), { isPrivate: true, isMember: false }),
    named: /FAILED +channel #treasury: /,
    cure: /-> .*\/invite/,
  },
  {
    mistake: "an archived channel",
    make: ({ slack }) => (slack.channel("treasury").isArchived = true),
    named: /FAILED +channel #treasury: it is archived/,
    cure: /-> Unarchive it/,
  },
  {
    mistake: "a channel that does not exist",
    make: (world) => world.configure({ slack: { channel: "#finanse" } }),
    named: /FAILED +channel #finanse: Slack has no such channel/,
    cure: /-> Did you mean #finance\? Else create it/,
  },
  {
    mistake: "a scope missing",
    make: ({ slack }) => {
      const record = slack.tokenRecord();
      Object.assign(record, { scopes: record.scopes.filter((scope) => scope !== "channels:history") });
    },
    named: /FAILED +.*channels:history/,
    cure: /-> Add channels:history to the bot scopes/,
  },
  {
    mistake: "a token that was revoked",
    make: ({ slack }) => (slack.tokenRecord().revoked = true),
    named: /FAILED +Slack: .*token_revoked/,
    cure: /-> .*login slack/,
  },
  {
    mistake: "an e-mail address that nobody has",
    make: (world) =>
      world.configure({
        routes: [{ name: "all", when: {}, channel: "#finance", mention: "nobody@example.com" }],
      }),
    named: /FAILED +mention nobody@example\.com: .*route "all"/,
    cure: /-> /,
  },
];

describe("on the first day the command test", () => {
  test.each(mistakes)("names $mistake, and its cure", async ({ make, named, cure }) => {
    await using world = await startWorld();
    await make(world);

    const { code, stdout } = await runProgram(["test"], { cwd: world.directory, env: world.env, binary });

    expect({ code, stdout }).toMatchObject({ code: 9 });
    expect(stdout).toMatch(named);
    expect(stdout.slice(stdout.search(named))).toMatch(cure);
  });

  test("names a certificate of the company's own authority, and its cure", async () => {
    await using world = await startWorld();
    const { key, cert } = selfSigned();
    const target = new URL(world.sage.url);
    const pass: RequestListener = ({ method, url, headers }, response) => {
      request(new URL(url ?? "", target), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      }).end();
    };
    await using server = await startTlsServer({ key, cert }, pass);
    await world.configure({ sage: { url: `${server.url}/Sage300WebApi` } });

    const { code, stdout } = await runProgram(["test"], { cwd: world.directory, env: world.env, binary });

    expect({ code, stdout }).toMatchObject({ code: 9 });
    expect(stdout).toMatch(/FAILED +Sage SAMINC: .*certificate[^]*-> .*sage\.caFile/);
  });
});
