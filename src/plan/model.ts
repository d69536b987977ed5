/**
 * The Plan: one plain JSON value that everything after the compiler works from. It is printed by `lab plan`, stored by
 * `lab up`, golden in the tests, compared by a second `lab up` and undone by `lab down`. Readonly data, no functions.
 */
import type { Guest, Hypervisor, Machine, Role } from "../kinds/kind.ts";

/** Version of the stored form; a stored plan of another version is refused with a way out. */
export const planFormat = 1;

/** Lists are in the order of the topology; nodes, segments, VLANs and services refer to each other by name. */
export interface Plan {
  readonly format: typeof planFormat;
  readonly lab: string;
  /** Short unique mark in host-wide names; empty for the default lab, whose names are the bare ones of the reference. */
  readonly tag: string;
  readonly hypervisor: Hypervisor;
  readonly timers: Timers;
  readonly management: Management;
  readonly nodes: readonly Node[];
  readonly segments: readonly Segment[];
  readonly vlans: readonly Vlan[];
  readonly services: readonly Service[];
  /** What the topology has and this lab does not. */
  readonly leftOut?: readonly LeftOut[];
}

/** A node of the topology that the lab does without, and the reason in a clause. */
export interface LeftOut {
  readonly node: string;
  readonly why: string;
}

/** Routing timers of the whole fabric (topology `defaults.timers`). */
export interface Timers {
  readonly keepaliveS: number;
  readonly holdS: number;
  /** BGP ConnectRetry; short, because the first connect of an unnumbered peer may come before the other side knows us. */
  readonly connectS: number;
  /**
   * Router advertisements on unnumbered links. An unnumbered session waits for the peer's next one, and FRR sends one in
   * 10 s: a peer whose zebra was not listening yet would lose that long (its own connection attempts are reset meanwhile).
   */
  readonly advertiseS: number;
  readonly bfd: { readonly multiplier: number; readonly transmitMs: number; readonly receiveMs: number };
}

/** The out-of-band network between the hypervisor and every node that has a management port. */
export interface Management {
  readonly subnet: string;
  /** The hypervisor's own address with prefix length. */
  readonly host: string;
}

/** One guest, or the hypervisor itself where it is a client of the lab. */
export interface Node {
  readonly name: string;
  readonly role: Role;
  readonly kind: string;
  readonly guest: Guest;
  readonly machine?: Machine;
  readonly interfaces: readonly Interface[];
  /** Loopback address with /32, routers only. */
  readonly loopback?: string;
  readonly bgp?: Bgp;
  /** Static IPv4 routes: default gateway of clients, routes of the home router, the edge's way back to the LAN. */
  readonly routes: readonly Route[];
  /** The address SSH goes to. `local`: the hypervisor itself, no SSH. */
  readonly reach: Reach;
  /** Kernel settings, e.g. `net.ipv4.fib_multipath_hash_seed`: a different seed in each router, or ECMP polarises. */
  readonly sysctls: Readonly<Record<string, string | number>>;
  /** Names of anycast services this node runs. */
  readonly services: readonly string[];
}

/** How SSH gets to a node. */
export interface Reach {
  readonly via: "management" | "in-band" | "local";
  readonly address: string;
  /** In band only: the client whose place on the network the connection starts from. */
  readonly from?: string;
}

/** What an interface is for; renderers and checks choose by this, never by name. */
export type Purpose =
  | "management"
  /** unnumbered BGP between fabric routers */
  | "fabric"
  /** numbered point-to-point link (edge) */
  | "numbered"
  /** member of a multi-access network such as the LAN */
  | "network"
  /** leaf: VLAN access port; server: the port that gets its identity by DHCP */
  | "access"
  /** unnumbered BGP between a leaf and a server */
  | "anycast";

/** One port of a node, as its guest shows it. */
export interface Interface {
  readonly name: string;
  readonly mac: string;
  /** The MAC's EUI-64 link-local address, as the kernel shows it: the next hop of unnumbered routes. */
  readonly linkLocal: string;
  readonly mtu: number;
  readonly purpose: Purpose;
  /** Name of the segment this interface is plugged into. */
  readonly segment: string;
  /** Static IPv4 address with prefix length. */
  readonly address?: string;
  /** The address DHCP hands to this interface, with prefix length. */
  readonly dhcp?: string;
  /** Name of the VLAN on access ports. */
  readonly vlan?: string;
  /** The other end of a link. */
  readonly peer?: End;
}

/** A port of a node, by name. */
export interface End {
  readonly node: string;
  readonly interface: string;
}

/** A layer-2 segment: a vm-bhyve switch, or a veth pair (two ends) or a bridge (more) on netns. */
export interface Segment {
  /** Unique on the host, e.g. `lf01-srv01a`; at most 12 characters where names allow, see vm-bhyve. */
  readonly name: string;
  readonly kind: "link" | "network" | "management";
  readonly mtu: number;
  readonly ends: readonly End[];
}

/** One BGP speaker. */
export interface Bgp {
  readonly asn: number;
  /** Absent on servers: their configuration carries nothing server-specific. */
  readonly routerId?: string;
  readonly neighbors: readonly Neighbor[];
  /** Prefixes that start here, in the form of a `network` statement; each is in this router's table by other means. */
  readonly announces: readonly string[];
  /** Gives a default route to its `edge` neighbors. */
  readonly originatesDefault: boolean;
}

/** One session, as its configuration on this node says it: one for each link. */
export interface Neighbor {
  /** `fabric`: leaf–spine. `edge`: spine–edge. `anycast`: leaf–server, on the leaf. `leaf`: the same session, on the server. */
  readonly group: "fabric" | "edge" | "anycast" | "leaf";
  readonly interface: string;
  /** The peer's IPv4 address on numbered links; absent on unnumbered ones. */
  readonly address?: string;
  readonly remoteAsn: number;
  readonly remote: End;
  /** Made by the Ansible playbook rather than by the base configuration. */
  readonly byPlaybook: boolean;
}

/** `to` is a subnet, `via` an address without prefix length. */
export interface Route {
  readonly to: string;
  readonly via: string;
}

/** A layer-2 network of servers, carried between the leaves by EVPN and VXLAN (RFC 8365, RFC 7348). */
export interface Vlan {
  readonly name: string;
  readonly id: number;
  readonly vni: number;
  readonly subnet: string;
  /** Gateway address with prefix length, the same on every leaf. */
  readonly gateway: string;
  /** Gateway MAC, the same on every leaf. */
  readonly gatewayMac: string;
  /** Name of the bridge on each leaf, e.g. `br100`; and of its vxlan device, e.g. `vni10100`. */
  readonly bridge: string;
  readonly vxlan: string;
  /** MTU of hosts on this VLAN. */
  readonly mtu: number;
  readonly dhcp?: { readonly server: string; readonly address: string };
  /** Leaves that carry it. */
  readonly leaves: readonly string[];
}

/** An anycast service: one host route, announced by every healthy server. */
export interface Service {
  readonly name: string;
  /** Host route, e.g. `172.20.0.1/32`. */
  readonly prefix: string;
  /** Loopback that carries the address on a server, e.g. `lo1`. */
  readonly interface: string;
  readonly port: number;
  readonly servers: readonly string[];
}

/** One thing that is made by the hypervisor and undone by `lab down`, in the order it is made. */
export type Step =
  | { readonly id: string; readonly kind: "sandbox" }
  | { readonly id: string; readonly kind: "segment"; readonly segment: string }
  | { readonly id: string; readonly kind: "guest"; readonly node: string };

/** A file for one node, complete: nothing on the way to the node changes it. */
export interface RenderedFile {
  readonly node: string;
  readonly path: string;
  readonly text: string;
  /** Permission bits, e.g. 0o640. */
  readonly mode: number;
  /** `user:group`. */
  readonly owner: string;
  /** When it is written: with the guest's first boot, in the fabric stage, or in the servers stage. */
  readonly stage: "boot" | "fabric" | "servers";
  /** What must be applied once it has changed. */
  readonly applies: "interfaces" | "loopbacks" | "frr" | "dhcp" | "web" | "nothing";
}
