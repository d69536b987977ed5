/** dnsmasq as DHCP server far from its clients, and as relay on every leaf. It serves no DNS anywhere. */
import type { Interface, Node, Plan, Vlan } from "../plan/model.ts";
import { countAddresses, formatAddress, networkAddress, subnetOf, withoutLength } from "../topology/ipv4.ts";
import { line, textOf } from "./line.ts";

/** Where Debian's dnsmasq looks for configuration. */
export const dnsmasqPath = "/etc/dnsmasq.d/lab.conf";
/** Where isc-dhcp-relay, the relay of Cumulus, has its settings. */
export const relayDefaultsPath = "/etc/default/isc-dhcp-relay";

/** The server: it knows its clients by MAC and the VLAN by the relay's address, and answers nobody else. */
export function renderDhcpServer(plan: Plan, node: Node): string {
  const vlans = plan.vlans.filter(({ dhcp }) => dhcp?.server === node.name);
  const listens = node.interfaces.filter(({ purpose }) => purpose !== "management").map(({ name }) => name);
  return textOf([
    "port=0",
    ...listens.map((name) => line`interface=${name}`),
    "bind-interfaces",
    "no-hosts",
    "no-resolv",
    "log-dhcp",
    "dhcp-authoritative",
    "dhcp-leasefile=/var/lib/misc/dnsmasq.leases",
    ...vlans.flatMap((vlan) => vlanLines(plan, vlan)),
  ]);
}

function vlanLines(plan: Plan, vlan: Vlan): readonly string[] {
  const subnet = subnetOf(vlan.subnet);
  const mask = formatAddress(2 ** 32 - countAddresses(subnet));
  return [
    "",
    line`dhcp-range=set:${vlan.name},${formatAddress(networkAddress(subnet))},static,${mask},1h`,
    line`dhcp-option=tag:${vlan.name},option:router,${withoutLength(vlan.gateway)}`,
    line`dhcp-option=tag:${vlan.name},option:mtu,${vlan.mtu}`,
    ...plan.nodes.flatMap((host) =>
      host.interfaces.filter((port) => port.vlan === vlan.name).flatMap((port) => hostLine(host, port)),
    ),
  ];
}

function hostLine(node: Node, { mac, dhcp }: Interface): readonly string[] {
  return dhcp === undefined ? [] : [line`dhcp-host=${mac},${node.name},${withoutLength(dhcp)}`];
}

/**
 * The relay: one per leaf, as an answer goes to whichever leaf the fabric picks for the shared gateway address. dnsmasq
 * rather than isc-dhcp-relay, which drops answers that arrive by an unnumbered uplink.
 */
export function renderDhcpRelay(vlans: readonly Vlan[]): string {
  return textOf([
    "port=0",
    "no-resolv",
    "log-dhcp",
    ...vlans.map(({ bridge }) => line`interface=${bridge}`),
    ...vlans.flatMap(({ gateway, dhcp }) =>
      dhcp === undefined ? [] : [line`dhcp-relay=${withoutLength(gateway)},${dhcp.address}`],
    ),
  ]);
}

/** The same for Cumulus, whose isc-dhcp-relay is patched for unnumbered uplinks. */
export function renderRelayDefaults(node: Node, vlans: readonly Vlan[]): string {
  const uplinks = node.interfaces.filter(({ purpose }) => purpose === "fabric").map(({ name }) => name);
  const servers = [...new Set(vlans.flatMap(({ dhcp }) => dhcp?.address ?? []))];
  const ports = [...vlans.map(({ bridge }) => bridge), ...uplinks].map((name) => line`-i ${name}`);
  return textOf([line`SERVERS="${servers}"`, `INTF_CMD="${ports.join(" ")}"`, 'OPTIONS=""']);
}
