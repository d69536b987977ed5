/** A topology after its short forms are spelled out: what the compiler reads. Valid in itself: see `rules.ts`. */
import type { Hypervisor, Role } from "../kinds/kind.ts";

/** A lab as its user means it; lists are in the order of the file. */
export interface Topology {
  readonly name: string;
  readonly description?: string;
  readonly hypervisor?: Hypervisor;
  readonly defaults: Defaults;
  readonly nodes: readonly TopologyNode[];
  readonly links: readonly TopologyLink[];
  readonly networks: readonly TopologyNetwork[];
  readonly vlans: readonly TopologyVlan[];
  readonly services: readonly TopologyService[];
}

/** MTU in bytes, pools as subnets; timers in the unit that their names end in. */
export interface Defaults {
  readonly mtu: number;
  readonly loopbacks: string;
  readonly management: string;
  /** The file names the management network: it is the lab's wherever it runs. */
  readonly givenManagement?: true;
  readonly timers: {
    readonly keepaliveS: number;
    readonly holdS: number;
    readonly connectS: number;
    readonly advertiseS: number;
    readonly bfd: { readonly multiplier: number; readonly transmitMs: number; readonly receiveMs: number };
  };
}

/** MACs are by interface name; `loopback` is an address without prefix length. */
export interface TopologyNode {
  readonly name: string;
  readonly role: Role;
  readonly kind: string;
  readonly asn?: number;
  readonly loopback?: string;
  readonly macs: Readonly<Record<string, string>>;
  readonly routes: readonly { readonly to: string; readonly via: string }[];
}

/** A port of a node. */
export interface TopologyEnd {
  readonly node: string;
  readonly interface: string;
}

/** The first end of a numbered link has the first address of the subnet. */
export interface TopologyLink {
  readonly ends: readonly [TopologyEnd, TopologyEnd];
  readonly subnet?: string;
  /** Set on links between a leaf and a server that carry a VLAN (explicit, or by the access-link rule). */
  readonly vlan?: string;
  readonly mtu?: number;
}

/** A multi-access network such as the LAN; `host` is counted from the network address. */
export interface TopologyNetwork {
  readonly name: string;
  readonly subnet: string;
  readonly members: readonly (TopologyEnd & { readonly host: number })[];
  /** Node name of the default gateway, if there is one. */
  readonly gateway?: string;
}

/** A layer-2 network of servers, stretched over all leaves; `gateway` has no prefix length. */
export interface TopologyVlan {
  readonly name: string;
  readonly id: number;
  readonly vni: number;
  readonly subnet: string;
  readonly gateway: string;
  /** Node that serves DHCP. */
  readonly dhcp?: string;
}

/** An anycast service: its host route, and who announces it. */
export interface TopologyService {
  readonly name: string;
  readonly prefix: string;
  readonly servers: readonly string[];
  readonly port: number;
}
