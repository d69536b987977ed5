import { describe, expect, it } from "vitest";
import type { Lost } from "../../src/drill/model.ts";
import { scenarios } from "../../src/drill/registry.ts";
import { routersTo, turnsOf } from "../../src/drill/turns.ts";
import type { Plan } from "../../src/plan/model.ts";
import { anycast, duo, onBhyve, onNetns } from "../render/topologies.ts";
import { smallPlan } from "../verify/small-plan.ts";

const [web] = smallPlan.services;
if (web === undefined) throw new Error("the small plan has a service");

describe("routers with a route", () => {
  it("are leaves, spines and edges, each with its planned ports", () => {
    expect(routersTo(smallPlan, web)).toEqual([
      { router: "edge01", role: "edge", whole: ["swp2"] },
      { router: "spine01", role: "spine", whole: ["swp3", "swp4"] },
      { router: "leaf01", role: "leaf", whole: ["swp6", "swp8"] },
      { router: "leaf02", role: "leaf", whole: ["swp6"] },
    ]);
  });
});

const turned = (lost: Lost) =>
  turnsOf(smallPlan, web, lost).map(({ router, turned: ports }) => `${router}: ${ports?.join(" ") ?? "lost"}`);

describe("routers that turn", () => {
  it.each([
    ["one of two servers of a leaf", { servers: ["server01"] }, ["leaf01: swp8"]],
    ["the only server of a leaf", { servers: ["server02"] }, ["spine01: swp3", "leaf02: swp1"]],
    [
      "all servers",
      { servers: ["server01", "server02", "server03"] },
      ["edge01: ", "spine01: ", "leaf01: ", "leaf02: "],
    ],
    ["a leaf", { nodes: ["leaf01"] }, ["spine01: swp4", "leaf01: lost"]],
    ["the spine", { nodes: ["spine01"] }, ["edge01: ", "spine01: lost"]],
    ["nothing", {}, []],
  ])("when this is lost: %s", (_, lost, expected) => {
    expect(turned(lost)).toEqual(expected);
  });

  it("when a link is lost are those at its ends and beyond", () => {
    const segment = smallPlan.segments.find(({ ends }) =>
      ends.some((end) => end.node === "leaf02" && end.interface === "swp1"),
    );
    expect(turned({ segments: [segment?.name ?? ""] })).toEqual(["spine01: swp3"]);
  });
});

/** What a plan's faults do, say and expect: a line each. */
function describeFaults(plan: Plan): string {
  const [service] = plan.services;
  if (service === undefined) throw new Error(`${plan.lab} has a service`);
  const blocks = scenarios.map(({ name, summary, faults }) => {
    const made = faults(plan, service);
    if ("unfit" in made) return [`${name}: ${summary}`, `  cannot be had: ${made.unfit}`];
    const [first] = made;
    if (first === undefined) return [`${name}: ${summary}`, "  nothing"];
    const turns = turnsOf(plan, service, first.lost);
    return [
      `${name}: ${summary}`,
      `  ${made.length} faults, the first on ${first.node}: ${first.title}; turned within ${first.turnWithinMs} ms`,
      ...first.acts.map((argv) => `  break  ${argv.join(" ")}`),
      ...first.repair.map((argv) => `  mend   ${argv.join(" ")}`),
      ...turns.map(
        ({ router, whole, turned: others }) =>
          `  turns  ${router}: ${whole.join(" ")} → ${others?.join(" ") ?? "is lost itself"}`,
      ),
    ];
  });
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

describe("every scenario", () => {
  it.each([onNetns(anycast), onBhyve(anycast), onNetns(duo)])(
    "of $lab on $hypervisor breaks and mends this",
    async (plan) => {
      const golden = `../golden/drill/${plan.lab}-${plan.hypervisor}.txt`;
      await expect(describeFaults(plan)).toMatchFileSnapshot(golden);
    },
  );

  it("has a name of its own and says what it does", () => {
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
    for (const { name, summary } of scenarios) expect(`${name} ${summary}`).toMatch(/^[a-z-]+ [a-z].*[^.]$/);
  });
});
