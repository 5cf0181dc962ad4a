import { defineConfig } from "vitest/config";

const project = (name: string, testTimeout: number, retry = 0) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout, retry },
});

export default defineConfig({
  test: {
    restoreMocks: true,
    expect: { requireAssertions: true },
    coverage: { include: ["src/**"], exclude: ["src/sandbox/**"] },
    projects: [
      project("unit", 5_000),
      project("contract", 20_000),
      // These measure real time and memory: once more where a shared machine was busy.
      project("e2e", 180_000, 1),
      project("faults", 180_000, 1),
      project("browser", 60_000, 1),
    ],
  },
});
