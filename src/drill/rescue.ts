/**
 * Whose bgpd is started anew where a fault is mended and routers do not come back by themselves. FRR 10.3 needs it after a
 * leaf has crashed: a server's bgpd refuses its leaf as long as their BFD session is down, even one that has ended and can
 * never come up again (FRRouting/frr#18631, mended by #18562).
 */
import type { Argv } from "../kinds/kind.ts";
import type { Plan } from "../plan/model.ts";
import { restartBgpd } from "./words.ts";

export interface Rescue {
  readonly node: string;
  readonly acts: readonly Argv[];
}

/** The servers of a leaf that was broken: were both sides to start anew, each would refuse the other. Else the node itself. */
export function rescueOf(plan: Plan, broken: string): readonly Rescue[] {
  const node = plan.nodes.find(({ name }) => name === broken);
  const servers = node?.bgp?.neighbors.flatMap(({ group, remote }) => (group === "anycast" ? [remote.node] : [])) ?? [];
  const names = new Set(servers.length > 0 ? servers : [broken]);
  return plan.nodes
    .filter(({ name, bgp }) => names.has(name) && bgp !== undefined)
    .map((each) => ({ node: each.name, acts: restartBgpd(each, plan.hypervisor) }));
}
