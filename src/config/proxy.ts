import { isLoopback, type Config } from "./config.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for an address: `HTTPS_PROXY` or `HTTP_PROXY` by its protocol, unless
 * `NO_PROXY` exempts the host. In small letters too, which win, as in curl. This machine itself needs no proxy.
 */
export function proxyFromEnvironment(address: string, env: Environment): string | undefined {
  const url = new URL(address);
  if (isLoopback(address) || isExempt(url, setting(env, "no_proxy"))) return undefined;
  const proxy = setting(env, url.protocol === "https:" ? "https_proxy" : "http_proxy").trim();
  if (proxy === "") return undefined;
  return /^https?:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
}

function setting(env: Environment, name: string): string {
  return env[name] ?? env[name.toUpperCase()] ?? "";
}

/** `*`, `example.com` and `.example.com` (with all hosts below), each with a port or without. */
function isExempt({ hostname, port, protocol }: URL, exemptions: string): boolean {
  const usedPort = port === "" ? (protocol === "https:" ? "443" : "80") : port;
  return exemptions
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      const [, name = "", entryPort] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
      if (entryPort !== undefined && entryPort !== usedPort) return false;
      const domain = name.replace(/^\*?\./, "");
      return name === "*" || hostname === domain || hostname.endsWith(`.${domain}`);
    });
}

/** What must not be shown of the proxies in use: passwords, alone and as the header of a request has them. */
export function proxySecrets({ sage, slack }: Pick<Config, "sage" | "slack">): string[] {
  return [sage.proxy, slack.proxy].flatMap((address) => {
    if (address === undefined || !URL.canParse(address)) return [];
    const { username, password } = new URL(address);
    if (password === "") return [];
    return [password, decoded(password), `${decoded(username)}:${decoded(password)}`];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a bare % that means itself
  }
}
