import { defineConfig } from "vitest/config";

/** Two projects: `unit` needs nothing but Node; `live` makes namespaces and runs real FRR. */
export default defineConfig({
  test: {
    reporters: ["default"],
    projects: [
      { test: { name: "unit", testTimeout: 30_000, include: ["test/**/*.test.ts"], exclude: ["test/live/**"] } },
      {
        test: {
          name: "live",
          include: ["test/live/**/*.test.ts"],
          globalSetup: ["test/live/setup.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
