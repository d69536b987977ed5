/**
 * Segments as `ip -batch` text: a veth pair for two ends, a bridge in the sandbox's own namespace for more. One batch
 * makes all links of a lab in a fraction of a second; a process per link would take most of the boot.
 */
import type { Interface, Node, Plan, Segment } from "../../plan/model.ts";

/** Kernel limit for interface names (IFNAMSIZ - 1). */
const longestName = 15;

/** Batch text, in order, that makes these segments. The guests' namespaces exist under their names. */
export function linkBatch(plan: Plan, names: ReadonlySet<string>): string {
  const nodes = new Map(plan.nodes.map((node) => [node.name, node]));
  return plan.segments
    .flatMap((segment, index) => (names.has(segment.name) ? segmentLines(plan, nodes, segment, index) : []))
    .map((line) => `${line}\n`)
    .join("");
}

/** Batch text that removes these segments from guests that go on; a veth end takes its peer along. */
export function unlinkBatch(plan: Plan, names: ReadonlySet<string>): string {
  return plan.segments
    .flatMap((segment, index) => (names.has(segment.name) ? [removal(plan, segment, index)] : []))
    .map((line) => `${line}\n`)
    .join("");
}

/** The bridge of a segment with more than two ends: named like the hypervisor's own interface if that is one of them. */
export function bridgeName(plan: Plan, segment: Segment, index: number): string {
  const host = segment.ends.find((end) => plan.nodes.find((node) => node.name === end.node)?.guest.os === "host");
  if (host !== undefined) return host.interface;
  return segment.name.length <= longestName ? segment.name : `segment${index}`;
}

function segmentLines(plan: Plan, nodes: ReadonlyMap<string, Node>, segment: Segment, index: number): string[] {
  const ends = segment.ends.flatMap((end) => {
    const node = nodes.get(end.node);
    const port = node?.interfaces.find((candidate) => candidate.name === end.interface);
    return node === undefined || port === undefined ? [] : [{ node, port }];
  });
  const [first, second] = ends;
  if (segment.kind === "link" && first !== undefined && second !== undefined) {
    return [`link add ${device(first.node, first.port)} type veth peer ${device(second.node, second.port)}`];
  }
  const bridge = bridgeName(plan, segment, index);
  const host = ends.find(({ node }) => node.guest.os === "host");
  return [
    `link add name ${bridge} ${host === undefined ? "" : `address ${host.port.mac} `}type bridge forward_delay 0 stp_state 0 mcast_snooping 0`,
    `link set ${bridge} mtu ${segment.mtu} up`,
    ...(segment.kind === "management" ? [`address add ${plan.management.host} dev ${bridge}`] : []),
    ...ends
      .filter(({ node }) => node.guest.os !== "host")
      .flatMap(({ node, port }, position) => {
        const outer = `${bridge.slice(0, longestName - 5)}.${position + 1}`;
        return [
          `link add ${device(node, port)} type veth peer name ${outer} mtu ${segment.mtu}`,
          `link set ${outer} master ${bridge} up`,
        ];
      }),
  ];
}

function device(node: Node, port: Interface): string {
  return `name ${port.name} address ${port.mac} mtu ${port.mtu} netns ${node.name}`;
}

function removal(plan: Plan, segment: Segment, index: number): string {
  const [first] = segment.ends;
  return segment.kind === "link" && first !== undefined
    ? `-netns ${first.node} link delete ${first.interface}`
    : `link delete ${bridgeName(plan, segment, index)}`;
}
