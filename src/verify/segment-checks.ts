/** Row 1: every node answers, and every segment joins the ports it should. */
import { keyOf } from "../plan/end.ts";
import type { End, Node, Plan, Segment } from "../plan/model.ts";
import { nodesByName } from "./expected-routes.ts";
import type { Check, PlannedEnd } from "./model.ts";
import { askAddresses, askHostname } from "./questions.ts";

/** Nodes first, then segments; the hypervisor itself is not asked for its name. */
export function segmentChecks(plan: Plan): readonly Check[] {
  const nodes = nodesByName(plan);
  const guests = plan.nodes.filter((node) => node.guest.os !== "host");
  return [...guests.map(checkHostname), ...plan.segments.flatMap((segment) => checkSegment(plan, segment, nodes))];
}

/** The one check that fails when a node does not answer at all; the others of that node are then skipped. */
function checkHostname(node: Node): Check {
  return {
    id: `node/${node.name}`,
    row: 1,
    title: `${node.name} answers and knows its name`,
    node: node.name,
    asks: [{ node: node.name, question: askHostname }],
    expect: { kind: "hostname", name: node.name },
    deadline: "settled",
  };
}

/** A link is one check, as one end alone says little; networks have one check per end, so that one node spoils one check. */
function checkSegment(plan: Plan, segment: Segment, nodes: ReadonlyMap<string, Node>): readonly Check[] {
  const ends = segment.ends.map((end) => plannedEnd(plan, segment, end, nodes));
  if (segment.kind === "link") {
    return [segmentCheck(segment.name, `${segment.name} joins ${ends.map(keyOf).join(" and ")}`, ends)];
  }
  return ends.map((end) => segmentCheck(`${segment.name}/${end.node}`, `${segment.name} has ${keyOf(end)}`, [end]));
}

function segmentCheck(name: string, title: string, ends: readonly PlannedEnd[]): Check {
  return {
    id: `segment/${name}`,
    row: 1,
    title,
    node: ends[0]?.node ?? name,
    asks: ends.map((end) => ({ node: end.node, question: askAddresses })),
    expect: { kind: "segment", ends },
    deadline: "settled",
  };
}

function plannedEnd(plan: Plan, segment: Segment, end: End, nodes: ReadonlyMap<string, Node>): PlannedEnd {
  const node = nodes.get(end.node);
  const port = node?.interfaces.find(({ name }) => name === end.interface);
  if (node?.guest.os === "host") {
    // The hypervisor's port is the bridge itself, which vm-bhyve calls after its switch.
    const bridge = plan.hypervisor === "vm-bhyve" ? `vm-${segment.name}` : end.interface;
    return { node: end.node, interface: bridge };
  }
  if (port === undefined) return { node: end.node, interface: end.interface };
  return { node: end.node, interface: end.interface, mac: port.mac, mtu: port.mtu };
}
