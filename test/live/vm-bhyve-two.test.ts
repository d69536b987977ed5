/** Two labs of one topology at once on one FreeBSD hypervisor: neither knows of the other, and each goes by itself. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { notPassed } from "./lab.ts";
import { makeWholeHost, type WholeHost } from "./vm-host.ts";

let host: WholeHost;
let before: Record<string, readonly string[]>;
let ups: readonly Awaited<ReturnType<WholeHost["up"]>>[];

beforeAll(async () => {
  host = await makeWholeHost();
  before = await host.traces();
  ups = await Promise.all([host.up("-t", "anycast"), host.up("-t", "anycast", "--name", "a")]);
}, 900_000);
afterAll(() => host.remove());

describe("the reference and a copy of it", () => {
  it("come up beside each other, with every check holding in each", () => {
    for (const up of ups) {
      expect(notPassed(up)).toEqual([]);
      expect(up.code).toBe(0);
    }
    const [own = 0, copy = 0] = ups.map(({ checks }) => checks.length);
    // All but the questions to the client that is the hypervisor itself, whose place is in the first.
    expect(copy).toBeLessThan(own);
    expect(own - copy).toBeLessThan(10);
  });

  it("go one after the other: the first leaves the other whole, and that leaves what was there before", async () => {
    expect((await host.lab("down", "-n", "anycast")).code).toBe(0);
    expect(await host.lab("verify", "-n", "a")).toMatchObject({ code: 0 });
    expect((await host.lab("down", "-n", "a")).code).toBe(0);
    expect(await host.traces()).toEqual(before);
  }, 600_000);
});
