/** VLANs: ids and VNIs of their own, a gateway that is a host, and a DHCP server beyond the fabric. */
import type { Mistake } from "./mistake.ts";
import { addressOf, containsAddress, isHostAddress, subnetOf } from "./ipv4.ts";
import { nameSome, nodesOfRole, unknownNode, type Rule } from "./subject.ts";
import { withArticle } from "./words.ts";

function uniqueBy(field: "id" | "vni", noun: string): Rule {
  return ({ topology }) => {
    const owners = new Map<number, string>();
    return topology.vlans.flatMap((vlan): readonly Mistake[] => {
      const owner = owners.get(vlan[field]);
      owners.set(vlan[field], owner ?? vlan.name);
      if (owner === undefined) return [];
      const message = `${vlan.name} has the ${noun} ${vlan[field]} of ${owner}`;
      return [{ path: ["vlans", vlan.name, field], message, hint: "Every VLAN needs its own" }];
    });
  };
}

const gatewaysAreHosts: Rule = ({ topology }) =>
  topology.vlans.flatMap((vlan): readonly Mistake[] => {
    const subnet = subnetOf(vlan.subnet);
    const gateway = addressOf(vlan.gateway);
    if (isHostAddress(subnet, gateway)) return [];
    const fault = containsAddress(subnet, gateway)
      ? `is the network or broadcast address of ${vlan.subnet}`
      : `is outside of ${vlan.subnet}`;
    const hint = "Take a host address of the subnet, or leave gateway out for the first one";
    return [{ path: ["vlans", vlan.name, "gateway"], message: `the gateway ${vlan.gateway} ${fault}`, hint }];
  });

const dhcpServersServe: Rule = (subject) =>
  subject.topology.vlans.flatMap(({ name, dhcp }): readonly Mistake[] => {
    if (dhcp === undefined || subject.lost.nodes.has(dhcp)) return [];
    const path = ["vlans", name, "dhcp"];
    const role = subject.nodes.get(dhcp)?.role;
    if (role === undefined) return unknownNode(subject, dhcp, path, "dhcp");
    if (role !== "dhcp") {
      const known = nodesOfRole(subject, "dhcp").map((node) => node.name);
      const hint = nameSome("Add a node with the role dhcp", known);
      return [{ path, message: `${dhcp} is ${withArticle(role)} and does not serve DHCP`, hint }];
    }
    const plugged = subject.topology.networks.some(({ members }) => members.some((member) => member.node === dhcp));
    if (plugged || !subject.complete) return [];
    return [{ path, message: `${dhcp} is on no network`, hint: "Make it a member of one of the networks" }];
  });

/** Servers know nothing by themselves: without DHCP they have no name and no address. */
const serversAreServed: Rule = ({ topology }) => {
  const used = new Set(topology.links.map((link) => link.vlan));
  return topology.vlans
    .filter((vlan) => vlan.dhcp === undefined && used.has(vlan.name))
    .map((vlan) => ({
      path: ["vlans", vlan.name],
      at: "key",
      message: `${vlan.name} has servers, and nobody gives them addresses`,
      hint: "Add dhcp: with the name of a node of that role",
    }));
};

/** The rules of this file, in the order they are told. */
export const vlanRules: readonly Rule[] = [
  uniqueBy("id", "VLAN id"),
  uniqueBy("vni", "VNI"),
  gatewaysAreHosts,
  dhcpServersServe,
  serversAreServed,
];
