import type { RouteTestResult } from "../../pipeline/route-tests.ts";

/** A line for each test: what is given, what is expected, what was got and which rule decided. */
export function routeTestLines(results: readonly RouteTestResult[]): string[] {
  if (results.length === 0) return ['There are no "routeTests" in the configuration.'];
  const failed = results.filter(({ isPassed }) => !isPassed).length;
  return [
    ...results.flatMap(linesOf),
    `${results.length} route ${results.length === 1 ? "test" : "tests"}: ${results.length - failed} passed, ${failed} failed.`,
  ];
}

function linesOf({ number, given, expected, got, isPassed }: RouteTestResult): string[] {
  const destinations = got.map(
    ({ channel, mention, decidedBy }) => `${placeOf(channel, mention)} by ${decidedBy}`,
  );
  return [
    `${isPassed ? "passed" : "FAILED"}  route test ${number}`,
    `  given     ${givenWords(given)}`,
    `  expected  ${placeOf(expected.channel, expected.mention)}`,
    `  got       ${destinations.length === 0 ? "nothing: the source is off" : destinations.join("; ")}`,
  ];
}

function givenWords(given: RouteTestResult["given"]): string {
  return Object.entries(given)
    .map(([key, value]) => `${key} ${[value].flat().join(" and ")}`)
    .join(", ");
}

function placeOf(channel: string, mention: readonly string[] | null): string {
  if (mention === null) return channel;
  return mention.length === 0 ? `${channel} without a mention` : `${channel} with ${mention.join(", ")}`;
}
