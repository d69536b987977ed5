/** Rows 6 and 7: sessions, BFD, routes in bgpd and in the kernel, EVPN. */
import type { Node, Plan, Service, Vlan } from "../plan/model.ts";
import { withoutLength } from "../topology/ipv4.ts";
import { bestNeighbors, bgpDistances, nextHop, nodesByName, plannedPeer } from "./expected-routes.ts";
import type { Check, Row } from "./model.ts";
import { askBfd, askEvpnSessions, askNeighbors, askPaths, askRoutes, askSessions, askVnis } from "./questions.ts";

/** By node, then by service, then by VLAN. */
export function routingChecks(plan: Plan): readonly Check[] {
  return [
    ...plan.nodes.flatMap((node) => [...sessionChecks(node), ...portChecks(plan, node), ...bfdChecks(node)]),
    ...plan.services.flatMap((service) => serviceRouteChecks(plan, service)),
    ...evpnChecks(plan),
  ];
}

/** Servers and leaves share rows 6 and 7: row 6 is the edge of the fabric, row 7 its inside. */
function sessionChecks(node: Node): readonly Check[] {
  const neighbors = (node.bgp?.neighbors ?? []).filter(({ group }) => group !== "anycast");
  if (neighbors.length === 0) return [];
  const peers = neighbors.map(plannedPeer);
  return [
    {
      id: `sessions/${node.name}`,
      row: node.role === "server" ? 6 : 7,
      title: `${node.name} has BGP sessions with ${peers.map((peer) => peer.node).join(", ")}`,
      node: node.name,
      asks: [{ node: node.name, question: askSessions }],
      expect: { kind: "sessions", peers },
      deadline: "routing",
    },
  ];
}

function portChecks(plan: Plan, leaf: Node): readonly Check[] {
  const neighbors = (leaf.bgp?.neighbors ?? []).filter(({ group }) => group === "anycast");
  const asks = [{ node: leaf.name, question: askNeighbors }];
  return neighbors.flatMap((neighbor): Check[] => {
    const server = neighbor.remote.node;
    const where = `${leaf.name}/${neighbor.interface}`;
    const prefixes = plan.services.filter(({ servers }) => servers.includes(server)).length;
    return [
      {
        id: `port/${where}`,
        row: 6,
        title: `${leaf.name} has a BGP session with ${server} on ${neighbor.interface} and accepts exactly ${prefixes} prefix${prefixes === 1 ? "" : "es"}`,
        node: leaf.name,
        asks,
        expect: { kind: "port", peer: plannedPeer(neighbor), prefixes },
        deadline: "routing",
      },
    ];
  });
}

function bfdChecks(node: Node): readonly Check[] {
  const watched = (node.bgp?.neighbors ?? []).filter(({ group }) => group === "anycast" || group === "leaf");
  if (watched.length === 0) return [];
  const peers = watched.map(plannedPeer);
  return [
    {
      id: `bfd/${node.name}`,
      row: 6,
      title: `${node.name} has BFD up with ${peers.map((peer) => peer.node).join(", ")}`,
      node: node.name,
      asks: [{ node: node.name, question: askBfd }],
      expect: { kind: "bfd", peers },
      deadline: "routing",
    },
  ];
}

function serviceRouteChecks(plan: Plan, service: Service): readonly Check[] {
  const nodes = nodesByName(plan);
  const distances = bgpDistances(plan, service);
  const prefix = service.prefix;
  return plan.nodes.flatMap((node): Check[] => {
    const best = bestNeighbors(node, service, distances);
    if (best.length === 0) return [];
    const row: Row = node.role === "leaf" ? 6 : 7;
    const where = `${node.name}/${service.name}`;
    const through = best.map(({ remote }) => remote.node).join(", ");
    return [
      {
        id: `next-hops/${where}`,
        row,
        title: `${node.name}'s kernel sends ${withoutLength(prefix)} to ${through}`,
        node: node.name,
        asks: [{ node: node.name, question: askRoutes }],
        expect: { kind: "nextHops", prefix, hops: best.map((neighbor) => nextHop(neighbor, nodes)) },
        deadline: "routing",
      },
      {
        id: `paths/${where}`,
        row,
        title: `${node.name}'s bgpd uses the paths of ${through} for ${withoutLength(prefix)}`,
        node: node.name,
        asks: [{ node: node.name, question: askPaths(prefix) }],
        expect: { kind: "paths", prefix, peers: best.map(plannedPeer) },
        deadline: "routing",
      },
    ];
  });
}

function evpnChecks(plan: Plan): readonly Check[] {
  const nodes = nodesByName(plan);
  const leaves = new Set(plan.vlans.flatMap((vlan) => vlan.leaves));
  const sessions = [...leaves].flatMap((name): Check[] => {
    const fabric = (nodes.get(name)?.bgp?.neighbors ?? []).filter(({ group }) => group === "fabric");
    return [
      {
        id: `evpn-sessions/${name}`,
        row: 7,
        title: `${name} exchanges EVPN routes with ${fabric.map(({ remote }) => remote.node).join(", ")}`,
        node: name,
        asks: [{ node: name, question: askEvpnSessions }],
        expect: { kind: "sessions", peers: fabric.map(plannedPeer) },
        deadline: "routing",
      },
    ];
  });
  return [...sessions, ...plan.vlans.flatMap((vlan) => vtepChecks(vlan, nodes))];
}

function vtepChecks(vlan: Vlan, nodes: ReadonlyMap<string, Node>): readonly Check[] {
  const vteps = vlan.leaves.map((node) => ({ node, address: withoutLength(nodes.get(node)?.loopback ?? "") }));
  return vlan.leaves.map((leaf) => ({
    id: `vteps/${leaf}/${vlan.name}`,
    row: 7,
    title: `${leaf} stretches ${vlan.name} (VNI ${vlan.vni}) to every other leaf`,
    node: leaf,
    asks: [{ node: leaf, question: askVnis }],
    expect: { kind: "vteps", vni: vlan.vni, remotes: vteps.filter(({ node }) => node !== leaf) },
    deadline: "routing",
  }));
}
