/** IPv4 addresses that the topology leaves open: loopbacks, management, and what DHCP hands out. */
import { findKind } from "../kinds/registry.ts";
import type { Role } from "../kinds/kind.ts";
import {
  addressOf,
  countAddresses,
  formatAddress,
  hostRange,
  isHostAddress,
  networkAddress,
  nthAddressWithLength,
  subnetOf,
} from "../topology/ipv4.ts";
import type { Topology } from "../topology/topology.ts";
import { keyOf } from "./end.ts";
import { nodesOf } from "../topology/numbers.ts";

/** A wanted place in a pool, as offset from the network address. */
interface Wish {
  readonly key: string;
  readonly offset: number;
}

/**
 * An address of the pool for each wish: the wanted one where it is a free host address, else the lowest free one. All
 * wishes are tried before any is moved, so that one odd name cannot push the others off their places.
 * @throws RangeError when the pool is full, which the topology's rules exclude.
 */
function allocate(pool: string, reserved: readonly number[], wishes: readonly Wish[]): ReadonlyMap<string, string> {
  const subnet = subnetOf(pool);
  const base = networkAddress(subnet);
  const taken = new Set(reserved);
  const addresses = new Map<string, string>();
  const take = (key: string, address: number) => {
    taken.add(address);
    addresses.set(key, formatAddress(address));
  };
  for (const { key, offset } of wishes) {
    const address = base + offset;
    if (isHostAddress(subnet, address) && !taken.has(address)) take(key, address);
  }
  const { first, last } = hostRange(subnet);
  let next = first;
  for (const { key } of wishes) {
    if (addresses.has(key)) continue;
    while (taken.has(next)) next += 1;
    if (next > last) throw new RangeError(`no free address left in ${pool}`);
    take(key, next);
  }
  return addresses;
}

/**
 * Loopbacks of routers without prefix length: the given ones, else spine N is host N of the pool and leaf N follows the
 * last spine. Edges have one only if it is given.
 */
export function assignLoopbacks(topology: Topology, numbers: ReadonlyMap<string, number>): ReadonlyMap<string, string> {
  const given = topology.nodes.flatMap((node): [string, string][] =>
    node.loopback ? [[node.name, node.loopback]] : [],
  );
  const numberOf = (name: string) => numbers.get(name) ?? 1;
  const spines = nodesOf(topology, "spine").map((node) => node.name);
  const lastSpine = Math.max(0, ...spines.map(numberOf));
  const leaves = nodesOf(topology, "leaf").map((node) => node.name);
  const wishes = [
    ...spines.map((key) => ({ key, offset: numberOf(key) })),
    ...leaves.map((key) => ({ key, offset: lastSpine + numberOf(key) })),
  ];
  const named = new Set(given.map(([name]) => name));
  const open = wishes.filter(({ key }) => !named.has(key));
  const reserved = given.map(([, loopback]) => addressOf(loopback));
  return new Map([...given, ...allocate(topology.defaults.loopbacks, reserved, open)]);
}

/**
 * Each role has its sixteenth of the management network, so that a node more or less leaves the others where they are. In
 * the default 100.64.0.0/20 that reads 100.64.1.N for spines, 100.64.2.N for leaves. The first sixteenth is the host's.
 */
const managementBlocks: Readonly<Record<Role, number>> = {
  spine: 1,
  leaf: 2,
  edge: 3,
  router: 4,
  client: 5,
  dhcp: 6,
  server: 7,
};

/** The hypervisor's management address, with prefix length: the first of the network. */
export function managementHost(topology: Topology): string {
  return nthAddressWithLength(topology.defaults.management, 1);
}

/** Management addresses with prefix length of the nodes whose kind has a management port. */
export function assignManagement(
  topology: Topology,
  numbers: ReadonlyMap<string, number>,
): ReadonlyMap<string, string> {
  const pool = subnetOf(topology.defaults.management);
  const block = Math.floor(countAddresses(pool) / 16);
  const wishes = topology.nodes
    .filter((node) => findKind(node.kind)?.ports.management !== undefined)
    .map(({ name, role }) => ({
      key: name,
      offset: wishWithin(block, managementBlocks[role], numbers.get(name) ?? 1),
    }));
  const addresses = allocate(topology.defaults.management, [networkAddress(pool) + 1], wishes);
  return new Map([...addresses].map(([name, address]) => [name, `${address}/${pool.length}`]));
}

/** A number too large for its block has no wish of its own: -1 is never a host address. */
function wishWithin(block: number, index: number, number: number): number {
  return number < block ? block * index + number : -1;
}

/**
 * What DHCP hands to each access port of a server, with prefix length, by `node:interface`: server N gets host 100 + N of
 * its VLAN as in the reference, or the lowest free host where that does not fit.
 */
export function assignLeases(topology: Topology, numbers: ReadonlyMap<string, number>): ReadonlyMap<string, string> {
  const servers = new Set(nodesOf(topology, "server").map((node) => node.name));
  return new Map(
    topology.vlans.flatMap((vlan) => {
      const ports = topology.links
        .filter((link) => link.vlan === vlan.name)
        .flatMap((link) => link.ends.filter((end) => servers.has(end.node)));
      const wishes = ports.map((end) => ({ key: keyOf(end), offset: 100 + (numbers.get(end.node) ?? 1) }));
      const leases = allocate(vlan.subnet, [addressOf(vlan.gateway)], wishes);
      return [...leases].map(([key, address]): [string, string] => [key, `${address}/${subnetOf(vlan.subnet).length}`]);
    }),
  );
}
