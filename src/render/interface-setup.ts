/**
 * What the kernel of a node holds once it has booted: its devices, their addresses and routes. `interfaces.ts` writes
 * this for ifupdown2 and `iproute.ts` for the embedded hypervisor, so the two cannot drift apart.
 */
import type { Interface, Node, Plan, Route, Vlan } from "../plan/model.ts";
import { addressOf, containsAddress, subnetOf, withoutLength } from "../topology/ipv4.ts";

/** One device of a node; `kind` tells them apart. */
export type Device = Loopback | Port | Vxlan | Bridge;

interface Common {
  readonly name: string;
  /** IPv4 address with prefix length. */
  readonly address?: string;
  /** Static routes whose next hop this device reaches. */
  readonly routes: readonly Route[];
}

/** `lo`, with the address of a router. */
export interface Loopback extends Common {
  readonly kind: "loopback";
}

/** A network card, made by the hypervisor. */
export interface Port extends Common {
  readonly kind: "port";
  readonly mtu: number;
  readonly dhcp: boolean;
  /** The out-of-band port, which Cumulus keeps in a VRF of its own. */
  readonly management: boolean;
  /** Who brings it up: a leaf's ports towards servers are the playbook's. */
  readonly upBy: "boot" | "playbook";
}

/** The tunnel end of one VNI. EVPN fills it, so neither it nor its bridge port learns. */
export interface Vxlan extends Common {
  readonly kind: "vxlan";
  readonly mtu: number;
  readonly vni: number;
  /** Source address of the tunnel: the leaf's loopback, without length. */
  readonly local: string;
}

/**
 * One bridge per VNI: not every kernel filters VLANs. Its address is the anycast gateway. Its MTU is the smallest of its
 * ports, all of which have the VLAN's; ifupdown2 refuses one of its own.
 */
export interface Bridge extends Common {
  readonly kind: "bridge";
  readonly mac: string;
  readonly vxlan: string;
  readonly ports: readonly string[];
}

/** Devices in the order they can be made: what a bridge holds comes before the bridge. */
export function deriveDevices(plan: Plan, node: Node): readonly Device[] {
  const vlans = plan.vlans.filter((vlan) => vlan.leaves.includes(node.name));
  const ports = node.interfaces.map((port) => portOf(node, port));
  const bare = [
    loopbackOf(node),
    ...ports,
    ...vlans.map((vlan) => vxlanOf(node, vlan)),
    ...vlans.map((vlan) => bridgeOf(node, vlan)),
  ];
  return attachRoutes(bare, node.routes);
}

function loopbackOf(node: Node): Loopback {
  return { kind: "loopback", name: "lo", routes: [], ...(node.loopback !== undefined && { address: node.loopback }) };
}

function portOf(node: Node, port: Interface): Port {
  const towardsServer = port.purpose === "access" || port.purpose === "anycast";
  return {
    kind: "port",
    name: port.name,
    mtu: port.mtu,
    dhcp: port.dhcp !== undefined,
    management: port.purpose === "management",
    upBy: node.role === "leaf" && towardsServer ? "playbook" : "boot",
    routes: [],
    ...(port.address !== undefined && { address: port.address }),
  };
}

function vxlanOf(node: Node, vlan: Vlan): Vxlan {
  const local = withoutLength(node.loopback ?? "0.0.0.0");
  return { kind: "vxlan", name: vlan.vxlan, mtu: vlan.mtu, vni: vlan.vni, local, routes: [] };
}

function bridgeOf(node: Node, vlan: Vlan): Bridge {
  return {
    kind: "bridge",
    name: vlan.bridge,
    mac: vlan.gatewayMac,
    address: vlan.gateway,
    vxlan: vlan.vxlan,
    ports: node.interfaces
      .filter((port) => port.purpose === "access" && port.vlan === vlan.name)
      .map(({ name }) => name),
    routes: [],
  };
}

/** Each route goes to the device that reaches its next hop, so that taking that device down and up restores it. */
function attachRoutes(devices: readonly Device[], routes: readonly Route[]): readonly Device[] {
  return devices.map((device) => {
    const { address } = device;
    if (address === undefined || device.kind === "loopback") return device;
    return { ...device, routes: routes.filter((route) => containsAddress(subnetOf(address), addressOf(route.via))) };
  });
}

/** The destination of a default route. */
export const defaultRoute = "0.0.0.0/0";
