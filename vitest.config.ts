import { defineConfig } from "vitest/config";

const project = (name: string, testTimeout: number, isolate = true) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout, isolate },
});

/** Nothing in them changes a module or the process for longer than a test; loading each once saves a third of the time. */
const shared = false;

export default defineConfig({
  test: {
    restoreMocks: true,
    expect: { requireAssertions: true },
    coverage: { include: ["src/**"], exclude: ["src/sandbox/**"] },
    projects: [
      project("unit", 5_000, shared),
      project("contract", 20_000, shared),
      project("e2e", 180_000),
      project("faults", 180_000),
      project("package", 180_000),
      project("browser", 60_000),
      project("schedulers", 300_000),
      project("keychain", 120_000),
      project("windows", 180_000),
    ],
  },
});
