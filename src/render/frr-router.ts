/** The `router bgp` block that spines, leaves and edges share: peer groups, networks and policies are its parameters. */
import type { Bgp, Neighbor, Plan } from "../plan/model.ts";
import { advertisingPorts, nest, timerLines } from "./frr-blocks.ts";
import { line } from "./line.ts";

/** A peer group with its policies. */
export interface PeerGroup {
  readonly name: Neighbor["group"];
  /** Lines after `neighbor <group>` in the IPv4 unicast family, e.g. `prefix-list ANY in`. */
  readonly ipv4: readonly string[];
}

/** What differs between the roles. */
export interface RouterBgp {
  readonly groups: readonly PeerGroup[];
  /** Lines of the EVPN family; absent where the fabric has no VLAN. */
  readonly evpn?: readonly string[];
}

/** A block without a group's members leaves the group out, so that a spine without an edge says nothing about edges. */
export function routerBgp(plan: Plan, bgp: Bgp, router: RouterBgp): readonly string[] {
  const neighbors = bgp.neighbors.filter(({ byPlaybook }) => !byPlaybook);
  const groups = router.groups.filter(({ name }) => neighbors.some(({ group }) => group === name));
  const unnumbered = neighbors.filter(({ address }) => address === undefined).map((neighbor) => neighbor.interface);
  return [
    ...advertisingPorts(plan, unnumbered),
    line`router bgp ${bgp.asn}`,
    ...nest([
      ...(bgp.routerId === undefined ? [] : [line`bgp router-id ${bgp.routerId}`]),
      "bgp log-neighbor-changes",
      // Equal-cost paths to one anycast prefix go through leaves of different AS numbers.
      "bgp bestpath as-path multipath-relax",
      ...timerLines(plan),
      ...groups.flatMap(({ name }) => groupLines(plan, name, neighbors)),
      "!",
      ...family("ipv4 unicast", [
        ...bgp.announces.map((network) => line`network ${network}`),
        ...groups.flatMap(({ name, ipv4 }) => ipv4.map((rule) => `${line`neighbor ${name}`} ${rule}`)),
      ]),
      ...(router.evpn === undefined ? [] : ["!", ...family("l2vpn evpn", router.evpn)]),
    ]),
    "exit",
    "!",
  ];
}

function family(name: string, lines: readonly string[]): readonly string[] {
  return [`address-family ${name}`, ...nest(lines), "exit-address-family"];
}

/** Unnumbered peers may have any other AS number, as on Cumulus; numbered ones are named by theirs. */
function groupLines(plan: Plan, name: Neighbor["group"], neighbors: readonly Neighbor[]): readonly string[] {
  const members = neighbors.filter(({ group }) => group === name);
  const unnumbered = members.some(({ address }) => address === undefined);
  return [
    line`neighbor ${name} peer-group`,
    ...(unnumbered ? [line`neighbor ${name} remote-as external`] : []),
    line`neighbor ${name} timers connect ${plan.timers.connectS}`,
    ...members.flatMap((member) => memberLines(name, member)),
  ];
}

function memberLines(group: string, { interface: port, address, remoteAsn }: Neighbor): readonly string[] {
  if (address === undefined) return [line`neighbor ${port} interface peer-group ${group}`];
  return [line`neighbor ${address} remote-as ${remoteAsn}`, line`neighbor ${address} peer-group ${group}`];
}
