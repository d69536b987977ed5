/** VLANs stretched over the leaves, and the anycast services of the servers. */
import type { Topology, TopologyService, TopologyVlan } from "../topology/topology.ts";
import { subnetOf } from "../topology/ipv4.ts";
import { type Fabric, firstAddress } from "./fabric.ts";
import { gatewayMacOf } from "./mac.ts";
import type { Service, Vlan } from "./model.ts";
import { ethernetMtu, type Mtus } from "./mtu.ts";
import { nodesOf } from "../topology/numbers.ts";

/** Every leaf carries every VLAN and relays its DHCP: an answer may arrive at any of them. */
export function compileVlan(fabric: Fabric, vlan: TopologyVlan, mtus: Mtus): Vlan {
  const dhcp = vlan.dhcp === undefined ? undefined : firstAddress(fabric, vlan.dhcp);
  return {
    name: vlan.name,
    id: vlan.id,
    vni: vlan.vni,
    subnet: vlan.subnet,
    gateway: `${vlan.gateway}/${subnetOf(vlan.subnet).length}`,
    gatewayMac: gatewayMacOf(vlan.id),
    bridge: `br${vlan.id}`,
    vxlan: `vni${vlan.vni}`,
    mtu: mtus.vlans.get(vlan.name) ?? ethernetMtu,
    ...(vlan.dhcp !== undefined && dhcp !== undefined && { dhcp: { server: vlan.dhcp, address: dhcp } }),
    leaves: nodesOf(fabric.topology, "leaf").map((leaf) => leaf.name),
  };
}

/** lo0 belongs to the system, so the first service is on lo1, as in the article. */
export function compileService(service: TopologyService, index: number): Service {
  const { name, prefix, port, servers } = service;
  return { name, prefix, interface: `lo${index + 1}`, port, servers };
}

/** Names, in the order of the topology. */
export function servicesOn(topology: Topology, node: string): readonly string[] {
  return topology.services.filter(({ servers }) => servers.includes(node)).map(({ name }) => name);
}
