import type { Config } from "../config/config.ts";
import type { Directory } from "../routing/directory.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/logger.ts";
import type { ODataClient } from "../sage/odata-client.ts";
import type { MasterData } from "../sage/master-data.ts";
import type { ChannelInfo } from "../slack/workspace.ts";
import type { WebApiSender } from "../slack/sender.ts";
import type { Sealer } from "../state/sealed.ts";
import type { Channel } from "../state/state.ts";
import type { Store } from "../state/memory-store.ts";
import type { Mention } from "../transactions/notice.ts";

/** What a run needs from outside. */
export interface Ports {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: Store;
  /** For what the state remembers of the books. */
  readonly sealer: Sealer;
  readonly sage: readonly Company[];
  readonly sender: WebApiSender;
  readonly directory: WorkspaceDirectory;
  /** The directory that people keep in a spreadsheet. */
  readonly spreadsheet: Directory;
  readonly signal: AbortSignal;
  /** By {@link Clock.elapsed}, after which nothing new is begun. */
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
  /**
   * Makes {@link channel} and {@link mention} know these names, asking Slack where it must.
   *
   * @param names.refresh asks for the channels anew, once a run, though they are known
   */
  load(names: { channels: readonly string[]; mentions: readonly string[]; refresh?: boolean }): Promise<void>;
  /** The channel of that name; with the name for an id when Slack has none that this app can see. */
  channel(name: string): Channel;
  /** A channel of which the id is known, under the name by which people know it. */
  named(id: string): Channel;
  /** A channel as it is today, asked once a run; null when Slack has none, `unknown` when it does not say. */
  info(id: string): Promise<ChannelInfo | null | "unknown">;
  mention(name: string): Mention;
  /** The mentions that messages of this run have asked for, and whether Slack knows them. */
  readonly mentioned: ReadonlyMap<string, boolean>;
}
