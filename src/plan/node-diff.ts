/** One node in two plans: is it still the same machine, which ports come and go, and which of its files differ, with reasons. */
import { compareFacets, facetsOf, isEqual, type Placed, showChange } from "./facets.ts";
import type { Interface, Neighbor, Node, Plan } from "./model.ts";

/** What becomes of one node, and why. */
export interface NodeChange {
  readonly node: string;
  /** `plug`: ports come and go on the running guest, and its files change. `files`: nothing but files and what they apply. */
  readonly action: "add" | "remove" | "rebuild" | "plug" | "files";
  readonly reasons: readonly string[];
  /** Interfaces to plug in, of the new plan; one that moves is in both lists. */
  readonly plugged: readonly string[];
  /** Interfaces to pull out, of the old plan. */
  readonly unplugged: readonly string[];
}

/** Why the guest cannot stay; empty for a new node and where it can. */
export function whyRebuild(before: Plan, after: Plan, previous: Node | undefined, node: Node): readonly string[] {
  if (previous === undefined) return [];
  if (before.hypervisor !== after.hypervisor) return [`hypervisor is ${after.hypervisor} now`];
  if (previous.role !== node.role) return [`role ${previous.role} → ${node.role}`];
  if (previous.kind !== node.kind) return [`kind ${previous.kind} → ${node.kind}`];
  // A namespace has no memory, disk or loader of its own.
  const machine = after.hypervisor === "vm-bhyve" && !isEqual(previous.machine, node.machine);
  return machine ? ["its virtual machine is another"] : [];
}

/** At most one change, for a node that stays. `replugged` are the segments that are made again under its ports. */
export function compareNode(before: Placed, after: Placed, replugged: ReadonlySet<string>): readonly NodeChange[] {
  const ports = comparePorts(before.node, after.node, replugged);
  const reasons = [
    ...ports.reasons,
    ...compareNeighbors(before.node, after.node),
    ...compareFacets(facetsOf(before), facetsOf(after)),
  ];
  if (reasons.length === 0) return [];
  const { plugged, unplugged } = ports;
  const action = plugged.length + unplugged.length > 0 ? "plug" : "files";
  return [{ node: after.node.name, action, reasons, plugged, unplugged }];
}

function comparePorts(before: Node, after: Node, replugged: ReadonlySet<string>) {
  const old = new Map(before.interfaces.map((port) => [port.name, port]));
  const kept = new Set(after.interfaces.map((port) => port.name));
  const reasons: string[] = [];
  const plugged: string[] = [];
  const unplugged: string[] = [];
  for (const port of before.interfaces.filter(({ name }) => !kept.has(name))) {
    unplugged.push(port.name);
    reasons.push(`interface ${port.name} removed`);
  }
  for (const port of after.interfaces) {
    const previous = old.get(port.name);
    const moved =
      previous && (whyMoved(previous, port) ?? (replugged.has(port.segment) ? "plugged in again" : undefined));
    if (previous === undefined || moved !== undefined) plugged.push(port.name);
    if (moved !== undefined) unplugged.push(port.name);
    const reason = previous === undefined ? "added" : (moved ?? whySettings(previous, port));
    if (reason !== undefined) reasons.push(`interface ${port.name} ${reason}`);
  }
  return { reasons, plugged, unplugged };
}

function whyMoved(before: Interface, after: Interface): string | undefined {
  if (before.segment !== after.segment) return `moved from ${before.segment} to ${after.segment}`;
  return before.mac === after.mac ? undefined : `has MAC ${after.mac} now`;
}

/** What a guest changes by itself once it has its new files. */
function whySettings(before: Interface, after: Interface): string | undefined {
  const settings = ["mtu", "address", "dhcp", "vlan", "purpose"] as const;
  const changed = settings.filter((setting) => before[setting] !== after[setting]);
  if (changed.length === 0) return undefined;
  return changed.map((setting) => showChange(setting, before[setting], after[setting])).join(", ");
}

function compareNeighbors(before: Node, after: Node): readonly string[] {
  const old = neighborsOf(before);
  const now = neighborsOf(after);
  return [
    ...[...old].filter(([port]) => !now.has(port)).map(([port]) => `neighbor ${port} removed`),
    ...[...now].filter(([port]) => !old.has(port)).map(([port]) => `neighbor ${port} added`),
    ...[...now]
      .filter(([port, neighbor]) => old.has(port) && !isEqual(old.get(port), neighbor))
      .map(([port]) => `neighbor ${port} changed`),
  ];
}

/** A server's configuration names nobody: whoever is at the other end of its port is its leaf. */
function neighborsOf(node: Node): ReadonlyMap<string, Partial<Neighbor>> {
  const neighbors = node.bgp?.neighbors ?? [];
  return new Map(
    neighbors.map((neighbor) => [neighbor.interface, node.role === "server" ? { group: neighbor.group } : neighbor]),
  );
}
