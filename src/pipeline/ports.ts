import type { Config } from "../config/config.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/logger.ts";
import type { ODataClient } from "../sage/odata-client.ts";
import type { MasterData } from "../sage/master-data.ts";
import type { WebApiSender } from "../slack/sender.ts";
import type { Store } from "../state/memory-store.ts";
import type { Channel } from "./plan.ts";
import type { Mention } from "../transactions/notice.ts";

/** What a run needs from outside. */
export interface Ports {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: Store;
  readonly sage: readonly Company[];
  readonly sender: WebApiSender;
  readonly directory: WorkspaceDirectory;
  readonly signal: AbortSignal;
  /** Wall time (monotonic milliseconds) after which nothing new is begun. */
  readonly deadline: number;
}

export interface Company {
  readonly id: string;
  readonly client: ODataClient;
  readonly master: MasterData;
  /** Keyed hash of the credentials this client uses. */
  readonly credentials: string;
}

/** Channels and people of the workspace, by the names in the configuration. */
export interface WorkspaceDirectory {
  /** Makes {@link channel} and {@link mention} know these names, asking Slack where it must. */
  load(names: { channels: readonly string[]; mentions: readonly string[] }): Promise<void>;
  channel(name: string): Channel;
  mention(name: string): Mention;
}
