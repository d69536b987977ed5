import { describe, expect, it } from "vitest";
import { compareClocks } from "../../src/flow/drill-clock.ts";
import { fakeClock } from "../fakes/clock.ts";
import { smallPlan } from "../verify/small-plan.ts";

/** Nodes whose clocks are ahead by so much; each takes as long to answer as `delays` says, look by look. */
function nodesOf(ahead: Readonly<Record<string, number>>, delays: readonly number[] = [20, 4, 20, 20, 20]) {
  const clock = fakeClock();
  let look = 0;
  const fleet = {
    try: async (node: string, argv: readonly string[]) => {
      const delay = delays[look % delays.length] ?? 0;
      look += 1;
      await clock.pause(delay / 2);
      const stdout = `${((clock.now() + (ahead[node] ?? 0)) / 1000).toFixed(3)}\n`;
      await clock.pause(delay / 2);
      return { argv, exitCode: 0, stdout, stderr: "" };
    },
  };
  return { clock, fleet };
}

describe("the clocks of nodes", () => {
  it("are ours on netns, and nobody is asked", async () => {
    const fleet = { try: () => Promise.reject(new Error("nobody is asked")) };
    const clocks = await compareClocks(smallPlan, fleet, ["leaf01"], fakeClock());
    expect({ ours: clocks.ours("leaf01", 5), errorMs: clocks.errorMs }).toEqual({ ours: 5, errorMs: 0 });
  });

  it("of machines are compared with ours, by the quickest of several looks", async () => {
    const { clock, fleet } = nodesOf({ leaf01: 90_000 });
    const clocks = await compareClocks({ ...smallPlan, hypervisor: "vm-bhyve" }, fleet, ["leaf01"], clock);
    expect(clocks.errorMs).toBe(2);
    expect(clocks.ours("leaf01", 100_000)).toBeCloseTo(10_000, 0);
  });

  it("that know no parts of a second are refused", async () => {
    const fleet = {
      try: async (_: string, argv: readonly string[]) => ({ argv, exitCode: 0, stdout: "17.N\n", stderr: "" }),
    };
    const asking = compareClocks({ ...smallPlan, hypervisor: "vm-bhyve" }, fleet, ["server01"], fakeClock());
    await expect(asking).rejects.toMatchObject({ code: "E_DRILL_CLOCK", node: "server01" });
  });
});
