/**
 * The article's server: whatever speaks BGP behind the routing port is the leaf, and it hears of the service addresses
 * alone. Not one byte differs between servers, so this reads the plan and never the node's name, addresses or ports.
 */
import type { Node, Plan } from "../plan/model.ts";
import { advertisingPorts, logLine, nest, prefixList, routeMapTimer, timerLines } from "./frr-blocks.ts";
import { line } from "./line.ts";

/** The lines of its configuration. Of the node it takes the guest's operating system alone. */
export function renderServer(plan: Plan, node: Node, asn: number): readonly string[] {
  const keepsRoutesOut = node.guest.os !== "freebsd";
  return [
    "frr defaults traditional",
    logLine(node),
    // zebra would turn forwarding on, and a later reload would as well.
    "no ip forwarding",
    "no ipv6 forwarding",
    "service integrated-vtysh-config",
    "!",
    routeMapTimer,
    "!",
    ...prefixList("NONE", [{ action: "deny", prefix: "any" }]),
    ...prefixList(
      "VIP",
      plan.services.map(({ prefix }) => ({ action: "permit", prefix })),
    ),
    "route-map VIP permit 10",
    " match ip address prefix-list VIP",
    "exit",
    "!",
    ...(keepsRoutesOut ? noKernelRoutes : []),
    ...bfdProfile(plan),
    ...advertisingPorts(plan, routingPorts(plan)),
    line`router bgp ${asn}`,
    ...nest(sessionLines(plan)),
    "exit",
    "!",
  ];
}

/** FreeBSD's kernel refuses IPv4 routes by IPv6 next hops from FRR; its stand-in has to do without them as well. */
const noKernelRoutes = ["route-map NOFIB deny 10", "exit", "!", "ip protocol bgp route-map NOFIB", "!"];

function sessionLines(plan: Plan): readonly string[] {
  return [
    ...timerLines(plan),
    "neighbor leaf peer-group",
    "neighbor leaf remote-as external",
    "neighbor leaf bfd",
    "neighbor leaf bfd profile anycast",
    // The leaf opens the session. A server that tries before the leaf knows it registers with BFD, and while BFD is down
    // bgpd refuses the leaf as well (peer_active() in bgpd/bgpd.c): both then wait for BFD's slow start.
    "neighbor leaf passive",
    line`neighbor leaf timers connect ${plan.timers.connectS}`,
    ...routingPorts(plan).map((port) => line`neighbor ${port} interface peer-group leaf`),
    "!",
    "address-family ipv4 unicast",
    ...nest([
      "redistribute connected route-map VIP",
      "neighbor leaf prefix-list NONE in",
      "neighbor leaf route-map VIP out",
    ]),
    "exit-address-family",
  ];
}

/** The ports of all servers together: one that has fewer simply never sees a peer there. */
function routingPorts(plan: Plan): readonly string[] {
  const servers = plan.nodes.filter(({ role }) => role === "server");
  const ports = servers.flatMap(({ bgp }) => bgp?.neighbors.map((neighbor) => neighbor.interface) ?? []);
  return [...new Set(ports)].toSorted();
}

/** FRR leaves its own defaults (3 × 300 ms) out when it shows a profile. */
function bfdProfile({ timers: { bfd } }: Plan): readonly string[] {
  return [
    "bfd",
    ...nest([
      "profile anycast",
      ...nest([
        ...(bfd.multiplier === 3 ? [] : [line`detect-multiplier ${bfd.multiplier}`]),
        ...(bfd.transmitMs === 300 ? [] : [line`transmit-interval ${bfd.transmitMs}`]),
        ...(bfd.receiveMs === 300 ? [] : [line`receive-interval ${bfd.receiveMs}`]),
      ]),
      "exit",
    ]),
    "exit",
    "!",
  ];
}
