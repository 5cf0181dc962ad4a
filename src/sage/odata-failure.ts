import { HTTPError, RequestError, TimeoutError, type Response } from "got";

import { AppError } from "../errors.ts";
import { AnswerFailure } from "./answer-failure.ts";
import { certificateProblem, reasonOf } from "./connection-words.ts";
import { shownAddress, type Redact } from "../runtime/redact.ts";
import { excerpt } from "./json.ts";
import { unpack } from "./unpack.ts";

/** Answers after which the same GET may work: busy, or recycling its application pool. */
export const busyStatus = [408, 409, 423, 429, 502, 503, 504];

/** Sage understood the request and said no; `code` is Sage's own, for instance `InvalidParameters`. */
export class SageRefusal extends AppError {
  readonly code: string;

  constructor(message: string, code: string, hint: string) {
    super("unreadable", message, { hint });
    this.code = code;
  }
}

/** Whether it is about the record that was asked for, for all that is known: another may well be read. */
export function isOfOneRecord(error: unknown): error is AppError {
  if (error instanceof AnswerFailure) return true;
  return error instanceof SageRefusal && !isMissing(error) && !isRefusedQuery(error);
}

/** Whether the Web API answered that it has no such resource, as for a module that is not installed. */
export function isMissing(error: unknown): boolean {
  return error instanceof SageRefusal && error.code === "ResourceNotFound";
}

/** Whether the Web API took a parameter of the query amiss: a name that it does not have, a filter it cannot apply. */
export function isRefusedQuery(error: unknown): boolean {
  return error instanceof SageRefusal && error.code === "InvalidParameters";
}

/** What was asked, for the text of an error. */
export interface Asked {
  /** `AP/APInvoiceBatches of SAMINC at https://erp.example.com`. */
  readonly name: string;
  readonly company: string;
  /** The address of the company, without query. */
  readonly base: string;
  readonly timeoutSeconds: number;
  /** Servers and proxies may repeat what was sent to them. */
  readonly redact: Redact;
}

/** Puts a failed request into our words and under the kind that says who must act. */
export function failureOf(error: unknown, asked: Asked): unknown {
  if (error instanceof HTTPError) return refused(error.response, asked);
  if (!(error instanceof RequestError)) return error;
  const cause = bare(error);
  if (error instanceof TimeoutError) {
    const waited = `no complete answer within ${asked.timeoutSeconds} s`;
    return temporary(`cannot read ${asked.name}: ${waited}`, { cause });
  }
  const untrusted = certificateProblem(error.code, error.message);
  if (untrusted !== null) {
    const message = `cannot read ${asked.name}: ${untrusted.reason} (${error.code})`;
    return new AppError("config", message, { hint: untrusted.hint, cause });
  }
  return temporary(`cannot read ${asked.name}: ${reasonOf(error.code, error.message)}`, { cause });
}

/** Without the request: got hangs it on its errors, credentials and all. */
function bare({ name, code, message }: RequestError): Error {
  return Object.assign(new Error(message), { name, code });
}

export function redirected(response: Response, { name, redact }: Asked): AppError {
  const target = shownAddress(response.headers.location ?? "nowhere", redact);
  return new AppError("config", `${name} redirects to ${target}, which is not followed`, {
    hint: 'Put the final address in "sage.url".',
  });
}

interface Said {
  /** Sage's own code; empty where it gives none. */
  readonly code: string;
  readonly message: string;
  /** JSON, so it comes from the Web API and not from the web server before it. */
  readonly isJson: boolean;
}

function refused(response: Response, asked: Asked): AppError {
  const { statusCode } = response;
  const said = refusalOf(response, asked);
  const answer = `${[String(statusCode), said.code].join(" ").trim()}, ${said.message}`;
  const message = `cannot read ${asked.name}: ${answer}`;
  if (statusCode === 401) {
    return new AppError("auth", `user and password were refused for ${asked.name}: ${answer}`, {
      hint: credentialsHint(response.headers["www-authenticate"]),
    });
  }
  if (statusCode === 403) return new AppError("forbidden", message, { hint: rightsHint(said, asked) });
  if (statusCode === 404) return notFound(message, said, asked);
  if (busyStatus.includes(statusCode)) {
    return temporary(message, { hint: busyHint(response.headers["retry-after"]) });
  }
  if (statusCode === 500 && said.isJson && !isOfInstallation(said))
    return new AnswerFailure(message, { hint: goesOn });
  if (statusCode >= 500) return temporary(message, { hint: serverHint(said, asked) });
  // The framework below Sage gives no code; what it refuses with 400 is a parameter all the same.
  const code = statusCode === 400 && said.isJson && said.code === "" ? "InvalidParameters" : said.code;
  return new SageRefusal(message, code, refusalHint(said));
}

/** A page of the web server: the address is wrong. JSON: the Web API is there, but not what was asked of it. */
function notFound(message: string, said: Said, { name, company, base }: Asked): AppError {
  if (said.code === "RecordNotFound") return new SageRefusal(message, said.code, "It may have been deleted.");
  const hint = `Is the company "${company}" right, and "sage.url"? There is no such page under ${base}.`;
  if (!said.isJson) return new AppError("config", message, { hint });
  const [module] = name.split("/");
  return new SageRefusal(
    message,
    "ResourceNotFound",
    `Is the module ${module} installed and activated in ${company}? If not, take its sources out of "sources".`,
  );
}

function refusalHint({ isJson, message }: Said): string {
  if (!isJson) return "The web server or a proxy in between says so, not Sage.";
  // "The limit of '50' for Top query has been exceeded", as the framework below Sage says it.
  if (/\btop\b/i.test(message)) return 'This server gives fewer rows at a time: lower "sage.pageSize".';
  return "This server names something otherwise; please report the message.";
}

/** What a run says of everything temporary. */
export const goesOn = "The next run goes on where this one stopped.";

function temporary(message: string, { hint = goesOn, cause }: { hint?: string; cause?: unknown }): AppError {
  return new AppError("temporary", message, { hint, cause });
}

function busyHint(retryAfter: string | undefined): string {
  const wait = /^\d{1,6}$/.test(retryAfter ?? "") ? ` It asks to be left alone for ${retryAfter} s.` : "";
  return `Sage or the web server is busy.${wait} ${goesOn}`;
}

/** What Sage says when a company's database or the installation is at fault; or the company is not there at all. */
function isOfInstallation({ code }: Said): boolean {
  return code === "DBLinkError" || code === "SessionError";
}

function serverHint(said: Said, { company }: Asked): string {
  if (!isOfInstallation(said)) return goesOn;
  return `Is the company "${company}" right, and does it open in Sage 300 itself? ${goesOn}`;
}

function rightsHint({ isJson }: Said, { name }: Asked): string {
  const [module] = name.split("/");
  if (isJson) {
    return `Give the user a security group with the right "Sage 300 Web API" in module ${module} (ADMIN has none by default).`;
  }
  return (
    `The web server or a proxy says no, not Sage: see its restrictions on addresses and on http. Else the user lacks ` +
    `the right "Sage 300 Web API" in module ${module}.`
  );
}

function refusalOf(response: Response, asked: Asked): Said {
  const { redact } = asked;
  const body = bodyOf(response, asked);
  const json = parsed(body);
  const error = errorEnvelope(json, redact);
  if (error !== null) return { ...error, isJson: true };
  const isJson = typeof json === "object" && json !== null;
  const isPage = (response.headers["content-type"] ?? "").startsWith("text/html");
  return { code: "", message: `${isPage ? "an HTML error page " : ""}${excerpt(body, redact)}`, isJson };
}

/** Refusals are packed like any other answer where IIS packs answers. */
function bodyOf(response: Response, asked: Asked): string {
  try {
    return Buffer.from(unpack(response, asked)).toString("utf8");
  } catch {
    return ""; // the status says enough
  }
}

/**
 * Sage's envelope, `{"error": {"code": "…", "message": {"lang": "en-US", "value": "…"}}}`, or what the framework below
 * it writes: `{"error": {"code": "", "message": "…"}}`, `{"odata.error": …}`, `{"Message": "…"}`.
 */
function errorEnvelope(json: unknown, redact: Redact): { code: string; message: string } | null {
  const error = property(json, "error") ?? property(json, "odata.error");
  const message = property(error, "message") ?? property(json, "Message");
  if (error === undefined && message === undefined) return null;
  const code = property(error, "code");
  const value = typeof message === "string" ? message : property(message, "value");
  return {
    code: typeof code === "string" && /^\w{1,64}$/.test(code) && redact(code) === code ? code : "",
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
    return (
      'The server does not offer authentication of the kind "Basic": switch it on in IIS for the Web API, then run ' +
      '"sage-slack login sage". Until then Sage is not asked again.'
    );
  }
  return (
    'Runs do not try it again, because further tries can lock the account; "test" and "dry-run" do. Check user and ' +
    "password in Sage 300 (they are sent in upper case, as a password without complexity rules is stored; for one with " +
    'them set "sage.passwordCase" to "as-is"), then run "sage-slack login sage".'
  );
}
