/** A file with short forms → a topology with everything spelled out. Total: what makes no sense is left to the rules. */
import type { Role } from "../kinds/kind.ts";
import { defaultKinds } from "../kinds/registry.ts";
import { splitEnd } from "./end.ts";
import { formatAddress, hostRange, subnetOf } from "./ipv4.ts";
import { normaliseMembers } from "./members.ts";
import type { TopologyFile } from "./schema.ts";
import type {
  Defaults,
  Topology,
  TopologyLink,
  TopologyNetwork,
  TopologyNode,
  TopologyService,
  TopologyVlan,
} from "./topology.ts";

/** Fills in every default. Addresses, AS numbers and MACs that are not written stay open: the plan derives them. */
export function normalise(file: TopologyFile): Topology {
  const nodes = Object.entries(file.nodes).map(([name, node]) => normaliseNode(name, node, file.defaults?.kinds));
  const vlans = Object.entries(file.vlans ?? {}).map(([name, vlan]) => normaliseVlan(name, vlan));
  const links = normaliseLinks(file.links, nodes, vlans[0]?.name);
  return {
    name: file.name,
    ...(file.description !== undefined && { description: file.description }),
    ...(file.hypervisor !== undefined && { hypervisor: file.hypervisor }),
    defaults: normaliseDefaults(file.defaults),
    nodes,
    links,
    networks: normaliseNetworks(file.networks, nodes, links),
    vlans,
    services: Object.entries(file.anycast ?? {}).map(([name, service]) => normaliseService(name, service, nodes)),
  };
}

/** The pools of a file that names none. */
export const usualPools = { loopbacks: "10.100.0.0/24", management: "100.64.0.0/20" } as const;

type WrittenDefaults = NonNullable<TopologyFile["defaults"]>;
type KindsByRole = WrittenDefaults["kinds"];
type Timers = NonNullable<WrittenDefaults["timers"]>;

/**
 * BGP 3 s and 9 s are what datacenter profiles use; BFD finds a dead server in under a second, so they only matter without
 * it. A connect retry of 1 s because the first connect of an unnumbered peer may come before the other side knows us.
 */
function normaliseDefaults(defaults: TopologyFile["defaults"]): Defaults {
  return {
    mtu: defaults?.mtu ?? 9216,
    loopbacks: defaults?.loopbacks ?? usualPools.loopbacks,
    management: defaults?.management ?? usualPools.management,
    ...(defaults?.management !== undefined && { givenManagement: true }),
    timers: normaliseTimers(defaults?.timers),
  };
}

function normaliseTimers(timers: Timers | undefined): Defaults["timers"] {
  return {
    keepaliveS: timers?.keepalive ?? 3,
    holdS: timers?.hold ?? 9,
    connectS: timers?.connect ?? 1,
    advertiseS: timers?.advertise ?? 1,
    bfd: normaliseBfd(timers?.bfd),
  };
}

function normaliseBfd(bfd: Timers["bfd"]): Defaults["timers"]["bfd"] {
  return { multiplier: bfd?.multiplier ?? 3, transmitMs: bfd?.transmit ?? 300, receiveMs: bfd?.receive ?? 300 };
}

function normaliseNode(name: string, written: TopologyFile["nodes"][string], kinds: KindsByRole): TopologyNode {
  const node = typeof written === "string" ? { role: written } : written;
  const role: Role = node.role;
  return {
    name,
    role,
    kind: node.kind ?? kinds?.[role] ?? defaultKinds[role],
    ...(node.asn !== undefined && { asn: readAsn(node.asn) }),
    ...(node.loopback !== undefined && { loopback: node.loopback }),
    macs: node.macs ?? {},
    routes: node.routes ?? [],
  };
}

/** `65000.1` is 65000 × 65536 + 1 (RFC 5396). */
export function readAsn(asn: number | string): number {
  if (typeof asn === "number") return asn;
  const [high, low] = asn.split(".").map(Number);
  return (high ?? 0) * 65_536 + (low ?? 0);
}

function normaliseVlan(name: string, vlan: NonNullable<TopologyFile["vlans"]>[string]): TopologyVlan {
  return {
    name,
    id: vlan.id,
    vni: vlan.vni,
    subnet: vlan.subnet,
    gateway: vlan.gateway ?? formatAddress(hostRange(subnetOf(vlan.subnet)).first),
    ...(vlan.dhcp !== undefined && { dhcp: vlan.dhcp }),
  };
}

/**
 * A server's first link to a leaf is where it gets its identity, in the first VLAN; every further one is for BGP. Unless
 * the file says `vlan:` on one of them, which then is the one.
 */
function normaliseLinks(
  written: TopologyFile["links"],
  nodes: readonly TopologyNode[],
  firstVlan: string | undefined,
): readonly TopologyLink[] {
  const roles = new Map(nodes.map((node) => [node.name, node.role]));
  const links = written.map(spellOut);
  const serverOf = ({ ends }: TopologyLink) =>
    ends.some((end) => roles.get(end.node) === "leaf")
      ? ends.find((end) => roles.get(end.node) === "server")?.node
      : undefined;
  const settled = new Set(links.filter((link) => link.vlan !== undefined).map(serverOf));
  return links.map((link) => {
    const server = serverOf(link);
    if (firstVlan === undefined || server === undefined || settled.has(server)) return link;
    settled.add(server);
    return Object.assign({}, link, { vlan: firstVlan });
  });
}

function spellOut(entry: TopologyFile["links"][number]): TopologyLink {
  const { ends, subnet, vlan, mtu } = Array.isArray(entry) ? { ends: entry } : entry;
  return {
    ends: [splitEnd(ends[0]), splitEnd(ends[1])],
    ...(subnet !== undefined && { subnet }),
    ...(vlan !== undefined && { vlan }),
    ...(mtu !== undefined && { mtu }),
  };
}

/** Who can be the default gateway of a network. */
export const gatewayRoles: ReadonlySet<Role | undefined> = new Set<Role>(["router", "edge", "spine", "leaf"]);

function normaliseNetworks(
  networks: TopologyFile["networks"],
  nodes: readonly TopologyNode[],
  links: readonly TopologyLink[],
): readonly TopologyNetwork[] {
  const roles = new Map(nodes.map((node) => [node.name, node.role]));
  const all = Object.entries(networks ?? {});
  const members = normaliseMembers(
    all.map(([, network]) => network.members),
    nodes,
    links,
  );
  return all.map(([name, network], index) => {
    const own = members[index] ?? [];
    const gateway = network.gateway ?? own.find((member) => gatewayRoles.has(roles.get(member.node)))?.node;
    const { subnet } = network;
    return gateway === undefined ? { name, subnet, members: own } : { name, subnet, members: own, gateway };
  });
}

function normaliseService(
  name: string,
  written: NonNullable<TopologyFile["anycast"]>[string],
  nodes: readonly TopologyNode[],
): TopologyService {
  const service = typeof written === "string" ? { prefix: written } : written;
  const everyServer = nodes.filter((node) => node.role === "server").map((node) => node.name);
  return { name, prefix: service.prefix, servers: service.servers ?? everyServer, port: service.port ?? 80 };
}
