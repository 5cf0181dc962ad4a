import type { IncomingMessage } from "node:http";

import { CallArguments } from "./call-arguments.ts";
import { isObject, parseJson, type Json, type JsonObject } from "./json.ts";

const maxBodyBytes = 10_000_000;
const structuredArguments = ["blocks", "attachments", "metadata"];

export interface IncomingCall {
  readonly method: string;
  readonly args: CallArguments;
  readonly token: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly rawBody: Buffer;
  /** The error of a request that could not be read at all. */
  readonly problem?: string;
  /** `missing_charset` for JSON whose content type names none. */
  readonly warning?: string;
}

/** Reads one Web API request: https://docs.slack.dev/apis/web-api/#basics */
export async function readCall(request: IncomingMessage, method: string): Promise<IncomingCall> {
  const headers = headersOf(request);
  const rawBody = await readBody(request);
  const query = Object.fromEntries(new URL(request.url ?? "/", "http://localhost").searchParams);
  const body = rawBody.length > 0 ? parseBody(rawBody, headers["content-type"]) : { values: {} };
  const args = new CallArguments({ ...query, ...body.values });
  const bearer = /^Bearer (\S+)$/i.exec(headers["authorization"] ?? "")?.[1];
  return {
    method,
    args,
    token: bearer ?? (body.isJson ? undefined : args.string("token")),
    headers,
    rawBody,
    ...(body.problem === undefined ? {} : { problem: body.problem }),
    ...(body.warning === undefined ? {} : { warning: body.warning }),
  };
}

/** The arguments as they are kept for tests: the JSON texts of a form decoded. */
export function recordedArguments(args: CallArguments): JsonObject {
  const decoded: Record<string, Json | undefined> = { ...args.values };
  for (const name of structuredArguments) {
    const value = decoded[name];
    if (typeof value === "string") decoded[name] = parseJson(value) ?? value;
  }
  return decoded;
}

interface ParsedBody {
  readonly values: JsonObject;
  readonly isJson?: boolean;
  readonly problem?: string;
  readonly warning?: string;
}

function parseBody(rawBody: Buffer, contentType: string | undefined): ParsedBody {
  if (contentType === undefined) return { values: {}, problem: "missing_post_type" };
  const [type = "", ...parameters] = contentType
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice("charset=".length);
  if (charset !== undefined && !["utf-8", "utf8", "iso-8859-1"].includes(charset.replaceAll('"', ""))) {
    return { values: {}, problem: "invalid_charset" };
  }
  const text = rawBody.toString("utf8");
  if (type === "application/x-www-form-urlencoded") {
    return { values: Object.fromEntries(new URLSearchParams(text)) };
  }
  if (type !== "application/json") return { values: {}, problem: "invalid_post_type" };
  const warning = charset === undefined ? { warning: "missing_charset" } : {};
  const value = parseJson(text);
  if (value === undefined) return { values: {}, isJson: true, problem: "invalid_json", ...warning };
  if (!isObject(value)) return { values: {}, isJson: true, problem: "json_not_object", ...warning };
  return { values: value, isJson: true, ...warning };
}

function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(", ")]),
  );
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new Error(`a request body of more than ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
