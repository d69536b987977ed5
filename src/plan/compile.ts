/**
 * Topology → Plan: the table of contents of the core. Everything the topology leaves open is derived here, in this order,
 * each thing in its own file. Pure: the same topology gives the same bytes on any machine.
 */
import type { Guest, Hypervisor } from "../kinds/kind.ts";
import { findKind } from "../kinds/registry.ts";
import { withoutLength } from "../topology/ipv4.ts";
import type { Topology, TopologyNode } from "../topology/topology.ts";
import { assignLeases, assignLoopbacks, assignManagement, managementHost } from "./address.ts";
import { assignAsns } from "../topology/asn.ts";
import { bgpOf } from "./bgp.ts";
import { type Cable, layCables } from "./cables.ts";
import { type Fabric, firstAddress, interfacesOf } from "./fabric.ts";
import { listInterfaces } from "./interfaces.ts";
import { assignMacs } from "./mac.ts";
import { type Interface, type Node, type Plan, planFormat, type Reach, type Segment } from "./model.ts";
import { measureMtus } from "./mtu.ts";
import { tagOf } from "./names.ts";
import { numberNodes } from "../topology/numbers.ts";
import { compileService, compileVlan, servicesOn } from "./overlay.ts";
import { routesOf } from "./routes.ts";
import { settleOnHost } from "./shared-host.ts";
import { assignSeeds, sysctlsOf } from "./sysctls.ts";

/** What does not stand in the topology. */
export interface CompileOptions {
  readonly hypervisor: Hypervisor;
  /** Name of the lab, where it is not the topology's own (`--name`). */
  readonly lab?: string;
}

/** Expects a topology that passed the rules of its room; total on those. */
export function compilePlan(written: Topology, options: CompileOptions): Plan {
  const { hypervisor, lab = written.name } = options;
  const tag = tagOf(lab);
  // Whoever is left out leaves the others their numbers.
  const numbers = numberNodes(written);
  const { topology, leftOut } = settleOnHost(written, hypervisor, lab, tag);
  const cables = layCables(topology, tag, {
    management: assignManagement(topology, numbers),
    leases: assignLeases(topology, numbers),
  });
  const ends = cables.flatMap((cable) => cable.ends);
  const fabric: Fabric = {
    topology,
    nodes: new Map(topology.nodes.map((node) => [node.name, node])),
    interfaces: listInterfaces(topology.nodes, cables, assignMacs(topology, lab, ends)),
    asns: assignAsns(topology, numbers),
    loopbacks: assignLoopbacks(topology, numbers),
  };
  const seeds = assignSeeds(topology);
  const mtus = measureMtus(topology);
  return {
    format: planFormat,
    lab,
    tag,
    hypervisor,
    timers: topology.defaults.timers,
    management: { subnet: topology.defaults.management, host: managementHost(topology) },
    nodes: topology.nodes.map((node) => compileNode(fabric, node, hypervisor, seeds.get(node.name) ?? 1)),
    segments: cables.map(compileSegment),
    vlans: topology.vlans.map((vlan) => compileVlan(fabric, vlan, mtus)),
    services: topology.services.map(compileService),
    ...(leftOut.length > 0 && { leftOut }),
  };
}

function compileNode(fabric: Fabric, node: TopologyNode, hypervisor: Hypervisor, seed: number): Node {
  const { name, role } = node;
  const kind = findKind(node.kind);
  if (kind === undefined) throw new TypeError(`${name}: unknown kind ${node.kind}`);
  const guest = kind.guests[hypervisor];
  const interfaces = interfacesOf(fabric, name);
  const routes = routesOf(fabric, node);
  const loopback = fabric.loopbacks.get(name);
  const bgp = bgpOf(fabric, name, routes);
  return {
    name,
    role,
    kind: kind.name,
    guest,
    ...(kind.machine && { machine: kind.machine }),
    interfaces,
    ...(loopback !== undefined && { loopback: `${loopback}/32` }),
    ...(bgp && { bgp }),
    routes,
    reach: reachOf(fabric, guest, interfaces, firstAddress(fabric, name)),
    sysctls: sysctlsOf(role, guest.os, seed),
    services: servicesOn(fabric.topology, name),
  };
}

/** Management where there is a port for it; else in band, by the address from DHCP. */
function reachOf(fabric: Fabric, guest: Guest, interfaces: readonly Interface[], first: string | undefined): Reach {
  if (guest.os === "host") return { via: "local", address: first ?? "127.0.0.1" };
  const management = interfaces.find(({ purpose }) => purpose === "management")?.address;
  if (management !== undefined) return { via: "management", address: withoutLength(management) };
  const lease = interfaces.find(({ dhcp }) => dhcp !== undefined)?.dhcp;
  const from = vantageOf(fabric.topology);
  const address = lease === undefined ? (first ?? "") : withoutLength(lease);
  return { via: "in-band", address, ...(from !== undefined && { from }) };
}

/** Where in-band connections start: at the hypervisor if it is a client of the lab, else at any client. */
function vantageOf(topology: Topology): string | undefined {
  const clients = topology.nodes.filter(({ role }) => role === "client" || role === "dhcp");
  const host = clients.find(({ kind }) => findKind(kind)?.guests.netns.os === "host");
  return (host ?? clients[0])?.name;
}

function compileSegment({ name, kind, mtu, ends }: Cable): Segment {
  return { name, kind, mtu, ends: ends.map(({ node, interface: port }) => ({ node, interface: port })) };
}
