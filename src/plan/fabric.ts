/** What the routing derivations share: the topology, looked up once by node. */
import { formatSubnet, networkAddress, subnetOf, withoutLength } from "../topology/ipv4.ts";
import type { Topology, TopologyNode } from "../topology/topology.ts";
import type { End, Interface } from "./model.ts";

/** What is derived already when routing is; maps are by node name. */
export interface Fabric {
  readonly topology: Topology;
  readonly nodes: ReadonlyMap<string, TopologyNode>;
  readonly interfaces: ReadonlyMap<string, readonly Interface[]>;
  /** AS numbers of BGP speakers; who is missing here routes statically. */
  readonly asns: ReadonlyMap<string, number>;
  /** Loopback addresses without prefix length. */
  readonly loopbacks: ReadonlyMap<string, string>;
}

/** In natural order, management first; none for a node that is plugged into nothing. */
export function interfacesOf(fabric: Fabric, node: string): readonly Interface[] {
  return fabric.interfaces.get(node) ?? [];
}

/** The static address of an end, without prefix length. */
export function addressAt(fabric: Fabric, end: End): string | undefined {
  const port = interfacesOf(fabric, end.node).find(({ name }) => name === end.interface);
  return port?.address === undefined ? undefined : withoutLength(port.address);
}

/** The first data address of a node, without prefix length: how the rest of the lab knows a node that has no loopback. */
export function firstAddress(fabric: Fabric, node: string): string | undefined {
  const port = interfacesOf(fabric, node).find(({ purpose, address }) => purpose !== "management" && address);
  return port?.address === undefined ? undefined : withoutLength(port.address);
}

/** Subnets a node is plugged into with a static address, management excepted. */
export function ownSubnets(fabric: Fabric, node: string): readonly string[] {
  return interfacesOf(fabric, node).flatMap(({ purpose, address }) =>
    address === undefined || purpose === "management" ? [] : [subnetOfAddress(address)],
  );
}

/** `10.0.3.1/30` → `10.0.3.0/30`. */
export function subnetOfAddress(address: string): string {
  const subnet = subnetOf(address);
  return formatSubnet({ ...subnet, address: networkAddress(subnet) });
}
