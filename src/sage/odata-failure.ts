import { HTTPError, RequestError, TimeoutError, type Response } from "got";

import { AppError } from "../errors.ts";
import type { Redact } from "../runtime/redact.ts";
import { excerpt } from "./json.ts";

/** Answers after which the same GET may work: busy, or recycling its application pool. */
export const busyStatus = [408, 409, 423, 429, 502, 503, 504];

/** Sage understood the request and said no; `code` is Sage's own, for instance `InvalidParameters`. */
export class SageRefusal extends AppError {
  readonly code: string;

  constructor(message: string, code: string) {
    super("unreadable", message, {
      hint: "This server names something otherwise; please report the message.",
    });
    this.code = code;
  }
}

/** What was asked, for the text of an error. */
export interface Asked {
  /** `AP/APInvoiceBatches of SAMINC at https://erp.example.com`. */
  readonly name: string;
  readonly company: string;
  /** The address of the company, without query. */
  readonly base: string;
  /** Servers and proxies may repeat what was sent to them. */
  readonly redact: Redact;
}

/** Puts a failed request into our words and under the kind that says who must act. */
export function failureOf(error: unknown, asked: Asked): unknown {
  if (error instanceof HTTPError) return refused(error.response, asked);
  if (error instanceof TimeoutError) {
    return temporary(`cannot read ${asked.name}: no complete answer in time`, error);
  }
  if (!(error instanceof RequestError)) return error;
  if (isCertificateProblem(error.code)) {
    return new AppError("config", `the certificate of ${asked.base} is not trusted (${error.code})`, {
      hint: 'Put the certificate authority in a PEM file and name it in "sage.caFile".',
      cause: error,
    });
  }
  return temporary(`cannot read ${asked.name}: ${error.code}`, error);
}

export function redirected(response: Response, { name, redact }: Asked): AppError {
  const target = redact(response.headers.location ?? "nowhere")
    .replace(/[?#].*$/s, "")
    .slice(0, 200);
  return new AppError("config", `${name} redirects to ${target}, which is not followed`, {
    hint: 'Put the final address in "sage.url".',
  });
}

function refused(response: Response, asked: Asked): AppError {
  const { statusCode } = response;
  const said = refusalOf(response, asked.redact);
  const message = `cannot read ${asked.name}: ${[String(statusCode), said.code].join(" ").trim()}, ${said.message}`;
  if (statusCode === 401) {
    return new AppError("auth", message, { hint: credentialsHint(response.headers["www-authenticate"]) });
  }
  if (statusCode === 403) {
    return new AppError("forbidden", message, {
      hint: 'Give the user a security group with the right "Sage 300 Web API" in this module (ADMIN has none by default).',
    });
  }
  if (statusCode === 404 && said.code !== "RecordNotFound") {
    return new AppError("config", message, {
      hint: `Is the company "${asked.company}" right, and "sage.url"? There is no such page under ${asked.base}.`,
    });
  }
  if (busyStatus.includes(statusCode) || statusCode >= 500) return temporary(message);
  return new SageRefusal(message, said.code);
}

function temporary(message: string, cause?: unknown): AppError {
  return new AppError("temporary", message, { hint: "The next run goes on where this one stopped.", cause });
}

function refusalOf(response: Response, redact: Redact): { code: string; message: string } {
  const body = Buffer.from(response.rawBody).toString("utf8");
  const error = errorEnvelope(body, redact);
  if (error !== null) return error;
  const isPage = (response.headers["content-type"] ?? "").startsWith("text/html");
  return { code: "", message: `${isPage ? "an HTML error page " : ""}${excerpt(body, redact)}` };
}

/** Sage's envelope: `{"error": {"code": "…", "message": {"lang": "en-US", "value": "…"}}}`. */
function errorEnvelope(body: string, redact: Redact): { code: string; message: string } | null {
  const error = property(parsed(body), "error");
  if (error === undefined) return null;
  const code = property(error, "code");
  const message = property(error, "message");
  const value = typeof message === "string" ? message : property(message, "value");
  return {
    code: typeof code === "string" && /^\w{1,64}$/.test(code) ? code : "",
    message: excerpt(typeof value === "string" ? value : "", redact),
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return null; // IIS and proxies answer in HTML or plain text
  }
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function credentialsHint(challenge: string | undefined): string {
  if (challenge !== undefined && !/\bbasic\b/i.test(challenge)) {
    return "The server does not offer Basic authentication: switch it on in IIS for the Web API.";
  }
  return (
    "Not tried again, because further tries can lock the account. Check user and password in Sage 300 (a password " +
    'without complexity rules is stored in upper case), then run "sage-slack login sage".'
  );
}

function isCertificateProblem(code: string): boolean {
  return /^(CERT_|DEPTH_ZERO_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|EPROTO)/.test(code);
}
