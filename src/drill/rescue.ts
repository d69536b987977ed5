/**
 * Who is made to start anew where a fault is mended and routers do not come back by themselves. FRR 10.3 needs it after a
 * leaf has crashed: bgpd refuses a peer as long as its BFD session is down, also one that has ended and can never come up
 * again (FRRouting/frr#18631, mended by #18562); and zebra may go on using a next hop that bgpd has given up.
 */
import type { Argv } from "../kinds/kind.ts";
import type { Plan } from "../plan/model.ts";
import { restartFrr } from "./words.ts";

export interface Rescue {
  readonly node: string;
  /** Done on all nodes before the next wave begins. */
  readonly waves: readonly (readonly Argv[])[];
}

/** The node that was broken, and the servers beside it. */
export function rescueOf(plan: Plan, broken: string): readonly Rescue[] {
  const beside = plan.nodes
    .find(({ name }) => name === broken)
    ?.bgp?.neighbors.flatMap(({ group, remote }) => (group === "anycast" ? [remote.node] : []));
  const names = new Set([broken, ...(beside ?? [])]);
  return plan.nodes
    .filter(({ name, bgp }) => names.has(name) && bgp !== undefined)
    .map((node) => ({ node: node.name, waves: restartFrr(node, plan.hypervisor) }));
}
