/** Whom a scenario can happen to. */
import type { Node, Plan, Service } from "../../plan/model.ts";

export function serversOf({ nodes }: Plan, { servers }: Service): readonly Node[] {
  return nodes.filter(({ name }) => servers.includes(name));
}

/** Leaves with a server of the service. */
export function servingLeaves(plan: Plan, { servers }: Service): readonly Node[] {
  return plan.nodes.filter(
    ({ role, bgp }) => role === "leaf" && bgp?.neighbors.some(({ remote }) => servers.includes(remote.node)) === true,
  );
}

export function spinesOf({ nodes }: Plan): readonly Node[] {
  return nodes.filter(({ role }) => role === "spine");
}
