import { describe, expect, it } from "vitest";
import { formatPlan } from "../../src/report/plan.ts";
import { anycast, duo, onNetns } from "../render/topologies.ts";

describe("the plan for people", () => {
  it("shows duo whole", async () => {
    const text = formatPlan(onNetns(duo), { steps: 12, checks: 48 }).join("\n");
    await expect(`${text}\n`).toMatchFileSnapshot("../golden/duo/netns/plan.txt");
  });

  it("counts, names who is the hypervisor itself, and fits a terminal", () => {
    const lines = formatPlan(onNetns(anycast), { steps: 40, checks: 162 }, { width: 80 });
    expect(lines[0]).toMatch(/^anycast on netns: 16 nodes, \d+ segments, 40 steps, 162 checks$/);
    expect(lines.find((line) => line.startsWith("hypervisor "))).toContain("here");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });
});
