/**
 * Segments as `ip -batch` text: a veth pair for two ends, a bridge in the sandbox's own namespace for more. One batch
 * makes all links of a lab in a fraction of a second; a process per link would take most of the boot.
 */
import { hashText } from "../../plan/hash.ts";
import type { End, Interface, Node, Plan, Segment, Step } from "../../plan/model.ts";
import type { Removal } from "../driver.ts";

/** Kernel limit for interface names (IFNAMSIZ - 1). */
const longestName = 15;

interface Plug {
  readonly node: Node;
  readonly port: Interface;
}

/** Batch text that makes the bridges among `steps` and plugs in `ports`. The guests' namespaces exist by name. */
export function linkBatch(plan: Plan, steps: readonly Step[], ports: readonly End[]): string {
  const made = new Set(steps.flatMap((step) => (step.kind === "segment" ? [step.segment] : [])));
  const wanted = new Set(ports.map(keyOf));
  return textOf(
    plan.segments.flatMap((segment, index) => {
      const plugs = plugsOf(plan, segment);
      if (segment.kind === "link") return plugs.some((plug) => wanted.has(keyOfPlug(plug))) ? vethPair(plugs) : [];
      const bridge = bridgeName(plan, segment, index);
      return [
        ...(made.has(segment.name) ? bridgeLines(plan, segment, bridge) : []),
        ...plugs
          .filter((plug) => plug.node.guest.os !== "host" && wanted.has(keyOfPlug(plug)))
          .flatMap((plug) => memberLines(segment, bridge, plug)),
      ];
    }),
  );
}

/** Batch text that pulls out the ports of guests that stay, and removes the bridges among the steps. */
export function unlinkBatch({ plan, steps, ports }: Removal): string {
  const stopped = new Set(steps.flatMap((step) => (step.kind === "guest" ? [step.node] : [])));
  const removed = new Set(steps.flatMap((step) => (step.kind === "segment" ? [step.segment] : [])));
  return textOf([
    ...ports
      .filter((port) => !stopped.has(port.node))
      .map((port) => `-netns ${port.node} link delete ${port.interface}`),
    ...plan.segments.flatMap((segment, index) =>
      segment.kind !== "link" && removed.has(segment.name) ? [`link delete ${bridgeName(plan, segment, index)}`] : [],
    ),
  ]);
}

/** Segments of the plan that exist: bridges by name, links by their ports. */
export function presentSegments(plan: Plan, ports: readonly End[], bridges: ReadonlySet<string>): string[] {
  const plugged = new Set(ports.map(keyOf));
  return plan.segments
    .filter((segment, index) =>
      segment.kind === "link"
        ? segment.ends.every((end) => plugged.has(keyOf(end)))
        : bridges.has(bridgeName(plan, segment, index)),
    )
    .map((segment) => segment.name);
}

/** The bridge of a segment is named like the hypervisor's own interface, if that is one of its ends. */
function bridgeName(plan: Plan, segment: Segment, index: number): string {
  const host = plugsOf(plan, segment).find(({ node }) => node.guest.os === "host");
  if (host !== undefined) return host.port.name;
  return segment.name.length <= longestName ? segment.name : `segment${index}`;
}

function vethPair([first, second]: readonly Plug[]): string[] {
  if (first === undefined || second === undefined) return [];
  return [`link add ${device(first)} type veth peer ${device(second)}`];
}

/** Multicast snooping is off: nobody queries here, and neighbour discovery must not wait for it. */
function bridgeLines(plan: Plan, segment: Segment, bridge: string): string[] {
  const host = plugsOf(plan, segment).find(({ node }) => node.guest.os === "host");
  const address = host === undefined ? "" : `address ${host.port.mac} `;
  return [
    `link add name ${bridge} ${address}type bridge forward_delay 0 stp_state 0 mcast_snooping 0`,
    `link set ${bridge} mtu ${segment.mtu} up`,
    ...(segment.kind === "management" ? [`address add ${plan.management.host} dev ${bridge}`] : []),
  ];
}

/** The outer end is named after what it leads to, so that members may come and go in any order. */
function memberLines(segment: Segment, bridge: string, plug: Plug): string[] {
  const outer = `p${hashText(keyOfPlug(plug)).toString(16).padStart(8, "0")}`;
  return [
    `link add ${device(plug)} type veth peer name ${outer} mtu ${segment.mtu}`,
    `link set ${outer} master ${bridge} up`,
  ];
}

function device({ node, port }: Plug): string {
  return `name ${port.name} address ${port.mac} mtu ${port.mtu} netns ${node.name}`;
}

function plugsOf(plan: Plan, segment: Segment): Plug[] {
  return segment.ends.flatMap((end) => {
    const node = plan.nodes.find((candidate) => candidate.name === end.node);
    const port = node?.interfaces.find((candidate) => candidate.name === end.interface);
    return node === undefined || port === undefined ? [] : [{ node, port }];
  });
}

function keyOfPlug({ node, port }: Plug): string {
  return keyOf({ node: node.name, interface: port.name });
}

function keyOf(end: End): string {
  return `${end.node}:${end.interface}`;
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}
