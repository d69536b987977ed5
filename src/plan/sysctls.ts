/** Kernel settings of every node. Set before its interfaces exist, since new interfaces copy `default`. */
import type { GuestOs, Role } from "../kinds/kind.ts";
import type { Topology } from "../topology/topology.ts";
import { hashText, takeFree } from "./hash.ts";
import type { Node } from "./model.ts";

type Sysctls = Node["sysctls"];

const routing: ReadonlySet<Role> = new Set(["spine", "leaf", "edge", "router"]);

/**
 * Source and destination address, protocol, ports: IP_SRC 0x1, IP_DST 0x2, IP_PROTO 0x4, SRC_PORT 0x10, DST_PORT 0x20
 * (kernel: networking/ip-sysctl). The flow label and the inner header stay out.
 */
const hashFields = 0x37;

/** On every Linux node. */
const common: Sysctls = {
  // Replies come back by another port than the request went out by; a strict filter drops them all.
  "net.ipv4.conf.all.rp_filter": 0,
  "net.ipv4.conf.default.rp_filter": 0,
  // FRR reads router advertisements itself; a kernel that believes them takes a default route from its neighbour.
  "net.ipv6.conf.all.accept_ra": 0,
  "net.ipv6.conf.default.accept_ra": 0,
  // Duplicate address detection would hold every link-local address, and so every session, back by a second.
  "net.ipv6.conf.all.accept_dad": 0,
  "net.ipv6.conf.default.accept_dad": 0,
};

/** A server or client forwards nothing, and a server never answers ARP for the service address on its loopback. */
const server: Sysctls = {
  ...common,
  "net.ipv4.ip_forward": 0,
  "net.ipv4.conf.all.arp_ignore": 1,
  "net.ipv4.conf.all.arp_announce": 2,
};
const client: Sysctls = { ...common, "net.ipv4.ip_forward": 0 };

/** FreeBSD never answers ARP for a loopback, and filters no reverse paths. */
const freebsd: Sysctls = { "net.inet.ip.forwarding": 0, "net.inet6.ip6.dad_count": 0 };

/** The settings of one node. The hypervisor is somebody's machine: nothing is set there. */
export function sysctlsOf(role: Role, os: GuestOs, seed: number): Sysctls {
  if (os === "host") return {};
  if (os === "freebsd") return freebsd;
  if (role === "server") return server;
  if (!routing.has(role)) return client;
  return {
    ...common,
    "net.ipv4.ip_forward": 1,
    "net.ipv6.conf.all.forwarding": 1,
    // Policy 3 alone computes a fresh hash; policy 1 takes the one a packet still carries from its socket across a veth,
    // so that every tier makes the same choice and some servers get nothing.
    "net.ipv4.fib_multipath_hash_policy": 3,
    "net.ipv4.fib_multipath_hash_fields": hashFields,
    "net.ipv4.fib_multipath_hash_seed": seed,
  };
}

/** A hash seed for every node: distinct, never zero (zero means "any" to the kernel), within 31 bits. */
export function assignSeeds(topology: Topology): ReadonlyMap<string, number> {
  const taken = new Set([0]);
  return new Map(
    topology.nodes.map(({ name }) => [name, takeFree(taken, `seed/${name}`, (text) => hashText(text) >>> 1)]),
  );
}
