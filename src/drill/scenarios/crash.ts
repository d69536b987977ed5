/**
 * A router loses its power: all its ports but that of management go down, then its daemons are killed, whose last words nobody
 * hears. The guest itself stays, so that it can be mended where it is.
 */
import type { Node, Plan } from "../../plan/model.ts";
import { cableMs, holdMs } from "../limits.ts";
import type { Fault, Scenario } from "../model.ts";
import { restoreRoutes, reviveFrr, setPort, signalFrr } from "../words.ts";
import { servingLeaves, spinesOf } from "./victims.ts";

function crash(plan: Plan, router: Node): Fault {
  const ports = router.interfaces.filter(({ purpose }) => purpose !== "management");
  return {
    title: `${router.name} crashes`,
    node: router.name,
    acts: [...ports.map((port) => setPort(router, port, "down")), ...signalFrr(router, "KILL")],
    repair: [
      ...ports.map((port) => setPort(router, port, "up")),
      ...restoreRoutes(router),
      ...reviveFrr(router, plan.hypervisor),
    ],
    startsAnew: true,
    lost: { nodes: [router.name] },
    turnWithinMs: cableMs(plan, holdMs),
  };
}

export const leafCrash: Scenario = {
  name: "leaf-crash",
  summary: "a leaf loses its power, and comes back",
  faults(plan, service) {
    const leaves = servingLeaves(plan, service);
    if (leaves.length < 2) return { unfit: `${leaves.length} leaf has servers, and nobody could take over` };
    return leaves.map((leaf) => crash(plan, leaf));
  },
};

export const spineCrash: Scenario = {
  name: "spine-crash",
  summary: "a spine loses its power, and comes back",
  faults(plan) {
    const spines = spinesOf(plan);
    if (spines.length < 2) return { unfit: "there is one spine, and no other way to a leaf" };
    return spines.map((spine) => crash(plan, spine));
  },
};
