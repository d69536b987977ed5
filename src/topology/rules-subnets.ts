/** Subnets: written as networks, usable, apart from each other, and large enough for what is in them. */
import { findKind } from "../kinds/registry.ts";
import type { Mistake } from "./mistake.ts";
import { countAddresses, formatAddress, hostRange, networkAddress, subnetOf, type Subnet } from "./ipv4.ts";
import type { Rule } from "./subject.ts";
import { faultOfBlock } from "./special.ts";
import { overlappingPairs, usedSubnets } from "./subnets.ts";

const subnetsAreNetworks: Rule = ({ topology }) =>
  usedSubnets(topology).flatMap(({ path, text, subnet }): readonly Mistake[] => {
    const network = networkAddress(subnet);
    if (network === subnet.address) return [];
    const hint = `Write ${formatAddress(network)}/${subnet.length}`;
    return [{ path, message: `${text} is an address in a subnet, not a subnet`, hint }];
  });

const subnetsAreUsable: Rule = ({ topology }) =>
  usedSubnets(topology).flatMap(({ path, owner, text, subnet }): readonly Mistake[] => {
    const fault = faultOfBlock(subnet);
    const hint = "Take one of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10";
    return fault === undefined ? [] : [{ path, message: `${owner} cannot use ${text}: ${fault}`, hint }];
  });

const subnetsAreApart: Rule = ({ topology }) =>
  overlappingPairs(usedSubnets(topology)).map(([later, earlier]) => ({
    path: later.path,
    message: `${later.text} of ${later.owner} overlaps ${earlier.text} of ${earlier.owner}`,
    hint: "Every part of the fabric needs addresses of its own",
  }));

const linksHaveTwoAddresses: Rule = ({ topology }) =>
  topology.links.flatMap(({ subnet }, index): readonly Mistake[] => {
    if (subnet === undefined || [30, 31].includes(subnetOf(subnet).length)) return [];
    const path = ["links", index, "subnet"];
    return [{ path, message: `${subnet} is not a subnet for two routers`, hint: "Use a /30 or a /31" }];
  });

/** Spines and leaves take a loopback each; edges only if one is written. */
const loopbacksSuffice: Rule = ({ topology }) => {
  const pool = subnetOf(topology.defaults.loopbacks);
  const need = topology.nodes.filter(
    (node) => node.role === "spine" || node.role === "leaf" || node.loopback !== undefined,
  ).length;
  return tooSmall(["defaults", "loopbacks"], "the loopback pool", pool, need, "loopback");
};

/** One address for the hypervisor, one for each management port. */
const managementSuffices: Rule = ({ topology }) => {
  const pool = subnetOf(topology.defaults.management);
  const nodes = topology.nodes.filter((node) => findKind(node.kind)?.ports.management !== undefined);
  return tooSmall(["defaults", "management"], "the management network", pool, nodes.length + 1, "address");
};

/** A gateway, and an address for every port. */
const vlansSuffice: Rule = ({ topology }) =>
  topology.vlans.flatMap((vlan) => {
    const ports = topology.links.filter((link) => link.vlan === vlan.name).length;
    const path = ["vlans", vlan.name, "subnet"];
    return tooSmall(path, `VLAN ${vlan.name}`, subnetOf(vlan.subnet), ports + 1, "host");
  });

function tooSmall(
  path: Mistake["path"],
  owner: string,
  subnet: Subnet,
  need: number,
  noun: string,
): readonly Mistake[] {
  const { first, last } = hostRange(subnet);
  const room = last - first + 1;
  if (room >= need) return [];
  const length = Array.from({ length: 31 }, (_, index) => 30 - index).find((size) => roomOf(size) >= need) ?? 0;
  const plural = noun === "address" ? "addresses" : `${noun}s`;
  const message = `${owner} needs ${need} ${plural}, and a /${subnet.length} has room for ${room}`;
  return [{ path, message, hint: `Use a /${length} or larger` }];
}

function roomOf(length: number): number {
  return countAddresses({ address: 0, length }) - 2;
}

/** The rules of this file, in the order they are told. */
export const subnetRules: readonly Rule[] = [
  subnetsAreNetworks,
  subnetsAreUsable,
  subnetsAreApart,
  linksHaveTwoAddresses,
  loopbacksSuffice,
  managementSuffices,
  vlansSuffice,
];
