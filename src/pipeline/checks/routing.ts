import type { Config } from "../../config/config.ts";
import type { Directory } from "../../routing/directory.ts";
import { routeProblems, type RoutedSource } from "../../routing/route-problems.ts";
import { sources } from "../../sage/sources/index.ts";
import { runRouteTests, type RouteTestResult } from "../route-tests.ts";
import { failed, passed, warning, type Check } from "./check.ts";

/** Routes that can never decide, and the route tests of the configuration. */
export function checkRouting(config: Config, spreadsheet: Directory): Check[] {
  const problems = routeProblems(config.routes, {
    companies: config.sage.companies,
    sources: routedSources(config),
  });
  const routes = problems.map(({ route, problem, hint }) => warning(`route "${route}"`, problem, hint));
  const count = config.routes.length;
  const isSound = count > 0 && problems.length === 0;
  const sound = isSound ? [passed("routes", `${count}; each can decide`)] : [];
  return [...sound, ...routes, ...runRouteTests(config, spreadsheet).map(routeTestCheck)];
}

function routedSources(config: Config): RoutedSource[] {
  return sources.flatMap(({ name, has }) => {
    const settings = config.sources[name];
    return settings?.enabled === true ? [{ name, ...has, post: settings.post }] : [];
  });
}

function routeTestCheck(result: RouteTestResult): Check {
  const { number, got, expected, isPassed } = result;
  const name = `route test ${number}`;
  const reached = got.map(({ channel, decidedBy }) => `${channel} by ${decidedBy}`).join("; ");
  if (isPassed) return passed(name, reached);
  const mentions = expected.mention === null ? "" : ` mentioning ${expected.mention.join(", ") || "nobody"}`;
  return failed(
    name,
    `expected ${expected.channel}${mentions}, got ${reached === "" ? "nothing: the source is off" : reached}`,
    '"sage-slack dry-run --route-tests" shows what is given; mend the routes or the test.',
  );
}
