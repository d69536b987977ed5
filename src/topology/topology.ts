/** A topology after its short forms are spelled out: what the compiler reads. Valid in itself: see `rules.ts`. */
import type { Hypervisor, Role } from "../kinds/kind.ts";

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

export interface Defaults {
  readonly mtu: number;
  readonly loopbacks: string;
  readonly management: string;
  readonly timers: {
    readonly keepaliveS: number;
    readonly holdS: number;
    readonly connectS: number;
    readonly advertiseS: number;
    readonly bfd: { readonly multiplier: number; readonly transmitMs: number; readonly receiveMs: number };
  };
}

export interface TopologyNode {
  readonly name: string;
  readonly role: Role;
  readonly kind: string;
  readonly asn?: number;
  readonly loopback?: string;
  readonly macs: Readonly<Record<string, string>>;
  readonly routes: readonly { readonly to: string; readonly via: string }[];
}

export interface TopologyEnd {
  readonly node: string;
  readonly interface: string;
}

export interface TopologyLink {
  readonly ends: readonly [TopologyEnd, TopologyEnd];
  readonly subnet?: string;
  /** Set on links between a leaf and a server that carry a VLAN (explicit, or by the access-link rule). */
  readonly vlan?: string;
  readonly mtu?: number;
}

export interface TopologyNetwork {
  readonly name: string;
  readonly subnet: string;
  readonly members: readonly (TopologyEnd & { readonly host: number })[];
  /** Node name of the default gateway, if there is one. */
  readonly gateway?: string;
}

export interface TopologyVlan {
  readonly name: string;
  readonly id: number;
  readonly vni: number;
  readonly subnet: string;
  readonly gateway: string;
  /** Node that serves DHCP. */
  readonly dhcp?: string;
}

export interface TopologyService {
  readonly name: string;
  readonly prefix: string;
  readonly servers: readonly string[];
  readonly port: number;
}
