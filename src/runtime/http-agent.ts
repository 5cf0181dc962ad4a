import { Agent as HttpAgent, type AgentOptions } from "node:http";
import { Agent as HttpsAgent } from "node:https";

import { HttpProxyAgent, HttpsProxyAgent } from "hpagent";

type Connections = Pick<AgentOptions, "keepAlive" | "maxSockets">;

/** For servers at `http:`, through the proxy where there is one. */
export function httpAgent(proxy: string | undefined, connections: Connections): HttpAgent {
  return proxy === undefined ? new HttpAgent(connections) : new HttpProxyAgent({ ...connections, proxy });
}

/** For servers at `https:`, through the proxy where there is one. */
export function httpsAgent(proxy: string | undefined, connections: Connections): HttpsAgent {
  return proxy === undefined ? new HttpsAgent(connections) : new HttpsProxyAgent({ ...connections, proxy });
}
