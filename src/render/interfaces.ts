/** `/etc/network/interfaces` for ifupdown2 (Debian and Cumulus). */
import type { Node, Plan, Route } from "../plan/model.ts";
import { type Bridge, defaultRoute, deriveDevices, type Device, type Port, type Vxlan } from "./interface-setup.ts";
import { indent, line, textOf } from "./line.ts";

/** The whole file; ports that the playbook brings up are left to it. */
export function renderInterfaces(plan: Plan, node: Node): string {
  const vrf = node.guest.os === "cumulus";
  const declared = deriveDevices(plan, node).filter((device) => device.kind !== "port" || device.upBy === "boot");
  return textOf([
    line`# ${node.name}, rendered by lab. Later additions belong in interfaces.d.`,
    "",
    ...declared.flatMap((device) => stanza(device, vrf)),
    ...(vrf ? managementVrf : []),
    "source /etc/network/interfaces.d/*",
  ]);
}

/** Cumulus has SSH and Ansible in this VRF from the start; without these lines a reload would take it away. */
const managementVrf = [
  "auto mgmt",
  "iface mgmt",
  "    address 127.0.0.1/8",
  "    address ::1/128",
  "    vrf-table auto",
];

function stanza(device: Device, vrf: boolean): readonly string[] {
  const address = device.address === undefined ? [] : [line`address ${device.address}`];
  const body = [...address, ...attributes(device, vrf), ...device.routes.map(routeLine)];
  return [line`auto ${device.name}`, `${line`iface ${device.name}`}${method(device)}`, ...indent(body, "    "), ""];
}

function method(device: Device): string {
  if (device.kind === "loopback") return " inet loopback";
  return device.kind === "port" && device.dhcp ? " inet dhcp" : "";
}

function attributes(device: Device, vrf: boolean): readonly string[] {
  switch (device.kind) {
    case "loopback":
      return [];
    case "port":
      return portAttributes(device, vrf);
    case "vxlan":
      return vxlanAttributes(device);
    case "bridge":
      return bridgeAttributes(device);
  }
}

function portAttributes(port: Port, vrf: boolean): readonly string[] {
  return [line`mtu ${port.mtu}`, ...(vrf && port.management ? ["vrf mgmt"] : [])];
}

function vxlanAttributes(vxlan: Vxlan): readonly string[] {
  return [
    line`mtu ${vxlan.mtu}`,
    line`vxlan-id ${vxlan.vni}`,
    line`vxlan-local-tunnelip ${vxlan.local}`,
    "vxlan-learning off",
    "bridge-learning off",
    "bridge-arp-nd-suppress on",
  ];
}

function bridgeAttributes(bridge: Bridge): readonly string[] {
  return [
    line`hwaddress ${bridge.mac}`,
    line`bridge-ports ${[bridge.vxlan, ...bridge.ports]}`,
    "bridge-stp off",
    "bridge-fd 0",
  ];
}

/** `gateway` is what ifupdown2 checks and undoes; it knows no other route. */
function routeLine(route: Route): string {
  if (route.to === defaultRoute) return line`gateway ${route.via}`;
  return line`up ip route replace ${route.to} via ${route.via}`;
}
