import type { SlackSwitches } from "./switches.ts";

const minuteMs = 60_000;
const secondMs = 1_000;

export interface PostKey {
  readonly appId: string;
  readonly channel: string;
}

/** How fast an app may call, per method and workspace: https://docs.slack.dev/apis/web-api/rate-limits */
export class RateLimits {
  readonly #switches: SlackSwitches;
  readonly #calls = new Map<string, number[]>();
  /** When a channel's next post is due, were posts spread evenly. */
  readonly #due = new Map<string, number>();

  constructor(switches: SlackSwitches) {
    this.#switches = switches;
  }

  /** Counts a call; the seconds to wait when there were too many in the last minute. */
  admitCall(key: string, perMinute: number, at: number): number | undefined {
    const recent = this.#recent(key, at);
    if (recent.length >= perMinute) return waitSeconds((recent[0] ?? at) + minuteMs - at);
    recent.push(at);
    return undefined;
  }

  /** The seconds to wait before this channel, or the workspace, takes a post. */
  postWait({ appId, channel }: PostKey, at: number): number | undefined {
    const earliest = (this.#due.get(`${appId} ${channel}`) ?? at) - (this.#switches.burst - 1) * secondMs;
    if (at < earliest) return waitSeconds(earliest - at);
    const recent = this.#recent(`${appId} posts`, at);
    if (recent.length < this.#switches.postsPerMinute) return undefined;
    return waitSeconds((recent[0] ?? at) + minuteMs - at);
  }

  countPost({ appId, channel }: PostKey, at: number): void {
    const key = `${appId} ${channel}`;
    this.#due.set(key, Math.max(this.#due.get(key) ?? at, at) + secondMs);
    this.#recent(`${appId} posts`, at).push(at);
  }

  #recent(key: string, at: number): number[] {
    const recent = (this.#calls.get(key) ?? []).filter((call) => call > at - minuteMs);
    this.#calls.set(key, recent);
    return recent;
  }
}

function waitSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / secondMs));
}
