import type { Config } from "../config/config.ts";
import { ODataClient } from "../sage/odata-client.ts";

/** A client for one company outside of a run. The user and password as Sage wants them. */
export function sageClient(
  { sage }: Config,
  company: string,
  { user, password, signal }: { user: string; password: string; signal?: AbortSignal },
): ODataClient {
  return new ODataClient({
    url: sage.url,
    company,
    user,
    password,
    timeoutSeconds: sage.timeoutSeconds,
    ca: sage.ca,
    proxyUrl: sage.proxy,
    ...(signal === undefined ? {} : { signal }),
  });
}
