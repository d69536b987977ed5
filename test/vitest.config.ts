import { defineConfig } from "vitest/config";
import { testsForLinux } from "./tests-for-linux.ts";

/** Tests by the hundred run there as well. */
const onFreeBsd = process.platform === "freebsd" || process.env["LAB_TEST_AS"] === "freebsd";

/**
 * An emulated host with whole guests is root's: vm(8) itself asks for that. For an ordinary user they hung: unshare(1) was
 * not allowed what it is asked for (`Operation not permitted`), and the test waited for the host's first word for ever. It now
 * ends with that error, and asks for a user namespace of its own first (`test/live/vm-host.ts`), which has not been tried with
 * a user of one's own ranges in subuid(5): until it has, they are left out.
 */
const isRoot = process.getuid?.() === 0;

/** Two projects: `unit` needs nothing but Node; `live` makes namespaces and runs real FRR. */
export default defineConfig({
  test: {
    reporters: ["default"],
    projects: [
      {
        test: {
          name: "unit",
          testTimeout: 30_000,
          include: ["test/**/*.test.ts"],
          exclude: ["test/live/**", ...(onFreeBsd ? testsForLinux : [])],
        },
      },
      {
        test: {
          name: "live",
          include: ["test/live/**/*.test.ts"],
          exclude: isRoot ? [] : ["test/live/vm-bhyve*.test.ts"],
          globalSetup: ["test/live/setup.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
