/**
 * Two plans → what a second `lab up` has to touch, and why. Pure, and as sparing as the truth allows: a node whose
 * hardware is the same is never rebuilt, a new port on a running node is plugged in, anything else is a matter of files.
 */
import { keyOf } from "./end.ts";
import type { Plan, Segment } from "./model.ts";
import { compareNode, type NodeChange, whyRebuild } from "./node-diff.ts";

/** What differs between two plans of one lab. */
export interface PlanChange {
  /** Only what differs, in the order of the new plan; removed ones last. */
  readonly nodes: readonly NodeChange[];
  readonly segments: readonly SegmentChange[];
}

/** What becomes of one segment, and why. */
export interface SegmentChange {
  readonly segment: string;
  /** `remake`: undone and made again, both ends are replugged. `adjust`: members or MTU change while it carries traffic. */
  readonly action: "add" | "remove" | "remake" | "adjust";
  readonly reasons: readonly string[];
}

/** Compares the stored plan with the new one of the same lab. */
export function comparePlans(before: Plan, after: Plan): PlanChange {
  const old = new Map(before.nodes.map((node) => [node.name, node]));
  const kept = new Set(after.nodes.map((node) => node.name));
  const rebuilt = new Map(
    after.nodes.flatMap((node) => {
      const reasons = whyRebuild(before, after, old.get(node.name), node);
      return reasons.length === 0 ? [] : [[node.name, reasons] as const];
    }),
  );
  const segments = compareSegments(before, after, new Set(rebuilt.keys()));
  const replugged = new Set(segments.filter(({ action }) => action === "remake").map(({ segment }) => segment));
  const nodes = after.nodes.flatMap((node): readonly NodeChange[] => {
    const previous = old.get(node.name);
    if (previous === undefined) return [changeOf(node.name, "add", ["new"])];
    const reasons = rebuilt.get(node.name);
    if (reasons !== undefined) return [changeOf(node.name, "rebuild", reasons)];
    return compareNode({ plan: before, node: previous }, { plan: after, node }, replugged);
  });
  const removed = before.nodes
    .filter((node) => !kept.has(node.name))
    .map((node) => changeOf(node.name, "remove", ["no longer in the topology"]));
  return { nodes: [...nodes, ...removed], segments };
}

/** One line for each reason, e.g. `leaf05: new`, `spine01: interface swp7 added`, `leaf01: timers changed (files only)`. */
export function describeChange(change: PlanChange): readonly string[] {
  const subjects = [
    ...change.segments.map(({ segment, reasons }) => ({ name: segment, reasons, remark: "" })),
    ...change.nodes.map(({ node, action, reasons }) => ({
      name: node,
      reasons,
      remark: action === "files" ? " (files only)" : "",
    })),
  ];
  return subjects.flatMap(({ name, reasons, remark }) => reasons.map((reason) => `${name}: ${reason}${remark}`));
}

function changeOf(node: string, action: NodeChange["action"], reasons: readonly string[]): NodeChange {
  return { node, action, reasons, plugged: [], unplugged: [] };
}

function compareSegments(before: Plan, after: Plan, rebuilt: ReadonlySet<string>): readonly SegmentChange[] {
  const old = new Map(before.segments.map((segment) => [segment.name, segment]));
  const kept = new Set(after.segments.map((segment) => segment.name));
  const changes = after.segments.flatMap((segment): readonly SegmentChange[] => {
    const previous = old.get(segment.name);
    if (previous === undefined) return [{ segment: segment.name, action: "add", reasons: ["new"] }];
    const remake = whyRemake(before, after, previous, segment, rebuilt);
    if (remake.length > 0) return [{ segment: segment.name, action: "remake", reasons: remake }];
    const adjust = whyAdjust(before, after, previous, segment);
    return adjust.length === 0 ? [] : [{ segment: segment.name, action: "adjust", reasons: adjust }];
  });
  const removed = before.segments
    .filter((segment) => !kept.has(segment.name))
    .map(({ name }): SegmentChange => ({ segment: name, action: "remove", reasons: ["no longer in the topology"] }));
  return [...changes, ...removed];
}

/**
 * A link is its two ends: it cannot outlive either of them. A network can lose and win members. A link on vm-bhyve is a
 * switch, which stays while guests come and go; but taps take its MTU only when their guest starts.
 */
function whyRemake(
  before: Plan,
  after: Plan,
  previous: Segment,
  segment: Segment,
  rebuilt: ReadonlySet<string>,
): readonly string[] {
  if (before.hypervisor !== after.hypervisor) return [`hypervisor is ${after.hypervisor} now`];
  if (previous.kind !== segment.kind) return [`is a ${segment.kind} now`];
  if (segment.kind !== "link") return [];
  const ends = endsOf(segment).join(" – ");
  if (endsOf(previous).join(" – ") !== ends) return [`joins ${ends} now`];
  if (after.hypervisor === "vm-bhyve") return whyAdjust(before, after, previous, segment);
  return segment.ends.filter(({ node }) => rebuilt.has(node)).map(({ node }) => `${node} is rebuilt`);
}

function whyAdjust(before: Plan, after: Plan, previous: Segment, segment: Segment): readonly string[] {
  const [was, is] = [endsOf(previous), endsOf(segment)];
  const host = segment.kind === "management" && before.management.host !== after.management.host;
  return [
    ...is.filter((end) => !was.includes(end)).map((end) => `${end} joins`),
    ...was.filter((end) => !is.includes(end)).map((end) => `${end} leaves`),
    ...(previous.mtu === segment.mtu ? [] : [`MTU ${previous.mtu} → ${segment.mtu}`]),
    ...(host ? [`hypervisor's address ${before.management.host} → ${after.management.host}`] : []),
  ];
}

function endsOf(segment: Segment): readonly string[] {
  return segment.ends.map(keyOf);
}
