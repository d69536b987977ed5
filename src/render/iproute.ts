/**
 * The boot of a node on the embedded hypervisor: the same devices that `interfaces.ts` writes for ifupdown2, as input of
 * `ip -batch`. Network cards exist already, with their names and MACs.
 */
import type { Node, Plan, Route } from "../plan/model.ts";
import { type Bridge, defaultRoute, deriveDevices, type Device, type Port, type Vxlan } from "./interface-setup.ts";
import { line, textOf } from "./line.ts";

/** What a node makes of its interfaces when it boots. */
export interface Boot {
  readonly node: string;
  /** Commands without the leading `ip`, one a line. Each may run again on a node that has them, but `link add`. */
  readonly ipBatch: string;
}

/** The boot of every node, the hypervisor's own part as a client included. */
export function renderBoot(plan: Plan): readonly Boot[] {
  return plan.nodes.map((node) => ({ node: node.name, ipBatch: renderIpBatch(plan, node) }));
}

/** Devices first, routes last, as a next hop must be reachable when its route is made. */
export function renderIpBatch(plan: Plan, node: Node): string {
  const devices = deriveDevices(plan, node);
  return textOf([...devices.flatMap(commands), ...devices.flatMap(({ routes }) => routes.map(routeCommand))]);
}

function commands(device: Device): readonly string[] {
  switch (device.kind) {
    case "loopback":
      return [line`link set dev ${device.name} up`, ...addressCommands(device)];
    case "port":
      return portCommands(device);
    case "vxlan":
      return vxlanCommands(device);
    case "bridge":
      return bridgeCommands(device);
  }
}

function addressCommands(device: Device): readonly string[] {
  return device.address === undefined ? [] : [line`address replace ${device.address} dev ${device.name}`];
}

function portCommands(port: Port): readonly string[] {
  const up = port.upBy === "boot" ? " up" : "";
  return [line`link set dev ${port.name} mtu ${port.mtu}` + up, ...addressCommands(port)];
}

/** Port 4789 (RFC 7348) by name: the kernel's own default is the older 8472. */
function vxlanCommands(vxlan: Vxlan): readonly string[] {
  return [
    line`link add name ${vxlan.name} mtu ${vxlan.mtu} type vxlan id ${vxlan.vni} local ${vxlan.local} dstport 4789 nolearning`,
  ];
}

function bridgeCommands(bridge: Bridge): readonly string[] {
  const { name, vxlan } = bridge;
  return [
    line`link add name ${name} address ${bridge.mac} type bridge stp_state 0 forward_delay 0`,
    ...[vxlan, ...bridge.ports].map((port) => line`link set dev ${port} master ${name}`),
    line`link set dev ${vxlan} type bridge_slave learning off neigh_suppress on`,
    line`link set dev ${vxlan} up`,
    line`link set dev ${name} up`,
    ...addressCommands(bridge),
  ];
}

function routeCommand(route: Route): string {
  return line`route replace ${route.to === defaultRoute ? "default" : route.to} via ${route.via}`;
}
