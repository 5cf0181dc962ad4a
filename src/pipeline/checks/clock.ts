import { failed, passed, warning, type Check } from "./check.ts";

/** Slack, and a gateway that checks signatures, refuse what is older than five minutes. */
const refusedAfterSeconds = 300;
const noticedAfterSeconds = 60;

const mend = "Let both machines take their time from the network (w32tm, chrony, systemd-timesyncd).";

/**
 * How far this clock is from a server's, by the Date header of its answer.
 *
 * @param serverTime Unix milliseconds
 * @param isSigning whether requests carry their time under a signature
 */
export function clockCheck(name: string, serverTime: number, { isSigning = false } = {}): Check {
  const seconds = Math.round((Date.now() - serverTime) / 1000);
  const distance = Math.abs(seconds);
  if (distance <= noticedAfterSeconds) return passed(name, `they agree within ${Math.max(1, distance)} s`);
  const detail = `this machine is ${distance} s ${seconds > 0 ? "ahead of" : "behind"} the server`;
  if (isSigning && distance > refusedAfterSeconds) {
    return failed(name, `${detail}: what it signs counts as too old or not yet made`, mend);
  }
  return warning(name, `${detail}: due times and days are off by that`, mend);
}
