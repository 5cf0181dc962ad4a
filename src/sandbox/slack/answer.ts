import type { ServerResponse } from "node:http";

import type { JsonObject } from "./json.ts";

/** What the Web API would say to one call. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}

/** As Slack writes it, with escaped slashes. */
export function answerText({ body }: Answer): string {
  return JSON.stringify(body).replaceAll("/", String.raw`\/`);
}

export function sendAnswer(response: ServerResponse, answer: Answer): void {
  writeHead(response, answer);
  response.end(answerText(answer));
}

export function writeHead(
  response: ServerResponse,
  answer: Answer,
  extra: Readonly<Record<string, string | number>> = {},
): void {
  response.writeHead(answer.status, {
    "content-type": "application/json; charset=utf-8",
    ...answer.headers,
    ...extra,
  });
}
