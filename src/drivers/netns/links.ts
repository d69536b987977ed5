/**
 * Segments as `ip -batch` text: a veth pair for two ends, a bridge in the sandbox's own namespace for more. One batch
 * makes all links of a lab in a fraction of a second; a process per link would take most of the boot.
 */
import { keyOf } from "../../plan/end.ts";
import { hashText } from "../../plan/hash.ts";
import type { End, Interface, Node, Plan, Segment, Step } from "../../plan/model.ts";
import type { Removal } from "../driver.ts";

/** Kernel limit for interface names (IFNAMSIZ - 1). */
const longestName = 15;

interface Plug {
  readonly node: Node;
  readonly port: Interface;
}

/**
 * Batch text that makes the bridges among `steps` and plugs in `ports`. The guests' namespaces exist by name. Bridges that
 * are there are set up again: a run that was killed may have left one half made.
 */
export function linkBatch(plan: Plan, steps: readonly Step[], ports: readonly End[]): string {
  if (ports.length === 0 && !steps.some((step) => step.kind === "segment")) return "";
  const made = new Set(steps.flatMap((step) => (step.kind === "segment" ? [step.segment] : [])));
  const wanted = new Set(ports.map(keyOf));
  const isWanted = (plug: Plug) => wanted.has(keyOfPlug(plug));
  return textOf(
    plan.segments.flatMap((segment) => {
      const plugs = plugsOf(plan, segment);
      if (segment.kind === "link") return plugs.some(isWanted) ? vethPair(plugs) : [];
      const bridge = bridgeName(plan, segment);
      const members = plugs.filter((plug) => plug.node.guest.os !== "host");
      return [
        ...(made.has(segment.name) ? [addBridge(plan, segment, bridge)] : []),
        ...setUpBridge(plan, segment, bridge),
        ...members.filter(isWanted).map((plug) => outerEnd(segment, plug)),
        // Members that are there already join a bridge that is made anew.
        ...members.filter((plug) => isWanted(plug) || made.has(segment.name)).map((plug) => join(bridge, plug)),
      ];
    }),
  );
}

/** Links to delete in one place: `ip -batch` knows no other namespace than its own. */
export interface Unlinking {
  /** A guest's namespace; the sandbox's own if absent. */
  readonly guest?: string;
  readonly devices: readonly string[];
  /** `ip -batch` text. */
  readonly batch: string;
}

/**
 * Pulls out the ports of guests that stay, and removes the bridges among the steps. What a stopped guest was plugged into
 * goes as well: the kernel clears a namespace only when the last connection in it has given up, minutes later, and the names
 * are wanted again.
 */
export function unlinkBatches({ plan, steps, ports }: Removal): readonly Unlinking[] {
  const stopped = new Set(steps.flatMap((step) => (step.kind === "guest" ? [step.node] : [])));
  const removed = new Set(steps.flatMap((step) => (step.kind === "segment" ? [step.segment] : [])));
  const ends = plan.segments.flatMap(({ kind, ends: both }) =>
    kind === "link" && both.some((end) => stopped.has(end.node)) ? both : [],
  );
  const outer = plan.segments.flatMap((segment) => {
    if (segment.kind === "link") return [];
    const gone = plugsOf(plan, segment).filter((plug) => stopped.has(plug.node.name));
    return [...gone.map(outerName), ...(removed.has(segment.name) ? [bridgeName(plan, segment)] : [])];
  });
  const inner = [...ports, ...ends].filter((end) => !stopped.has(end.node));
  const guests = [...new Set(inner.map((end) => end.node))];
  return [
    ...(outer.length === 0 ? [] : [unlinking(outer)]),
    ...guests.map((guest) => {
      const own = inner.filter((end) => end.node === guest);
      return Object.assign({ guest }, unlinking(own.map((end) => end.interface)));
    }),
  ];
}

function unlinking(devices: readonly string[]): Unlinking {
  const names = [...new Set(devices)];
  return { devices: names, batch: textOf(names.map((name) => `link delete ${name}`)) };
}

/** Segments of the plan that exist: bridges by name, links by their ports. */
export function presentSegments(plan: Plan, ports: readonly End[], bridges: ReadonlySet<string>): string[] {
  const plugged = new Set(ports.map(keyOf));
  return plan.segments
    .filter((segment) =>
      segment.kind === "link"
        ? segment.ends.every((end) => plugged.has(keyOf(end)))
        : bridges.has(bridgeName(plan, segment)),
    )
    .map((segment) => segment.name);
}

/**
 * The bridge of a segment is named like the hypervisor's own interface, if that is one of its ends; else like the segment,
 * where the kernel and other names leave that free. The same in every plan that has the segment.
 */
function bridgeName(plan: Plan, segment: Segment): string {
  const host = plugsOf(plan, segment).find(({ node }) => node.guest.os === "host");
  if (host !== undefined) return host.port.name;
  const taken = ["lo", ...plan.nodes.filter(({ guest }) => guest.os === "host").flatMap(portNames)];
  return segment.name.length <= longestName && !taken.includes(segment.name)
    ? segment.name
    : `b${hashText(segment.name).toString(16).padStart(8, "0")}`;
}

function portNames({ interfaces }: Node): string[] {
  return interfaces.map(({ name }) => name);
}

function vethPair([first, second]: readonly Plug[]): string[] {
  if (first === undefined || second === undefined) return [];
  return [`link add ${device(first)} type veth peer ${device(second)}`];
}

/** Multicast snooping is off: nobody queries here, and neighbour discovery must not wait for it. */
function addBridge(plan: Plan, segment: Segment, bridge: string): string {
  const host = plugsOf(plan, segment).find(({ node }) => node.guest.os === "host");
  const address = host === undefined ? "" : `address ${host.port.mac} `;
  return `link add name ${bridge} ${address}type bridge forward_delay 0 stp_state 0 mcast_snooping 0`;
}

function setUpBridge(plan: Plan, segment: Segment, bridge: string): string[] {
  return [
    `link set ${bridge} mtu ${segment.mtu} up`,
    ...(segment.kind === "management" ? [`address replace ${plan.management.host} dev ${bridge}`] : []),
  ];
}

/** The outer end is named after what it leads to, so that members may come and go in any order. */
function outerName(plug: Plug): string {
  return `p${hashText(keyOfPlug(plug)).toString(16).padStart(8, "0")}`;
}

function outerEnd(segment: Segment, plug: Plug): string {
  return `link add ${device(plug)} type veth peer name ${outerName(plug)} mtu ${segment.mtu}`;
}

function join(bridge: string, plug: Plug): string {
  return `link set ${outerName(plug)} master ${bridge} up`;
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

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}
