import { describe, expect, it } from "vitest";
import { compilePlan } from "../../src/plan/compile.ts";
import { formatPlan } from "../../src/report/plan.ts";
import { formatPlanDetails } from "../../src/report/plan-details.ts";
import { designOf } from "../fakes/labs.ts";
import { anycast, duo, onNetns } from "../render/topologies.ts";

describe("the plan for people", () => {
  it("shows duo whole", async () => {
    const text = formatPlan(onNetns(duo), { steps: 12, checks: 48 }).join("\n");
    await expect(`${text}\n`).toMatchFileSnapshot("../golden/duo/netns/plan.txt");
  });

  it("shows duo's interfaces, files, steps and checks in full", async () => {
    const text = formatPlanDetails(onNetns(duo), designOf(duo)).join("\n");
    await expect(`${text.trimStart()}\n`).toMatchFileSnapshot("../golden/duo/netns/plan-details.txt");
  });

  it("leaves out no check, and fits a terminal", () => {
    const design = designOf(anycast);
    const lines = formatPlanDetails(design.plan, design, { width: 80 });
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    expect(lines.filter((line) => line.startsWith("     "))).toHaveLength(design.checks.length);
  });

  it("counts, names who is the hypervisor itself, and fits a terminal", () => {
    const lines = formatPlan(onNetns(anycast), { steps: 40, checks: 162 }, { width: 80 });
    expect(lines[0]).toMatch(/^anycast on netns: 16 nodes, \d+ segments, 40 steps, 162 checks$/);
    expect(lines.find((line) => line.startsWith("hypervisor "))).toContain("here");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("says whom a copy does without, and why", () => {
    const copy = compilePlan(anycast, { hypervisor: "vm-bhyve", lab: "second" });
    const why = "without hypervisor: the host's place on its networks is anycast's; second is a copy";
    expect(formatPlan(copy, { steps: 1, checks: 1 })[1]).toBe(why);
    expect(formatPlan(copy, { steps: 1, checks: 1 }, { width: 40 })[1]?.length).toBe(40);
  });
});
