/** Plan → what the hypervisor makes, in order. Undo is the same list backwards. */
import type { PlanChange } from "./diff.ts";
import type { Plan, Step } from "./model.ts";

/** Sandbox, then segments, then guests: a guest's ports need something to be plugged into. */
export function stepsOf(plan: Plan): readonly Step[] {
  return [
    { id: "sandbox", kind: "sandbox" },
    ...plan.segments.map(({ name }): Step => ({ id: `segment:${name}`, kind: "segment", segment: name })),
    // The hypervisor itself is no guest: its port on the LAN is part of that segment.
    ...plan.nodes
      .filter((node) => node.guest.os !== "host")
      .map(({ name }): Step => ({ id: `guest:${name}`, kind: "guest", node: name })),
  ];
}

export interface StepsOfChange {
  /** Steps of the old plan to undo, in the order of undoing. */
  readonly undo: readonly Step[];
  /** Steps of the new plan to make afterwards. */
  readonly make: readonly Step[];
}

/** The steps between two plans of one lab; plugging, adjusting and files are no steps, see `PlanChange`. */
export function stepsOfChange(before: Plan, after: Plan, { nodes, segments }: PlanChange): StepsOfChange {
  const actions = new Map<string, string>([
    ...nodes.map(({ node, action }) => [`guest:${node}`, action] as const),
    ...segments.map(({ segment, action }) => [`segment:${segment}`, action] as const),
  ]);
  const sandbox = before.hypervisor === after.hypervisor ? undefined : "rebuild";
  const select = (plan: Plan, wanted: ReadonlySet<string>) =>
    stepsOf(plan).filter(({ id, kind }) => wanted.has((kind === "sandbox" ? sandbox : actions.get(id)) ?? ""));
  return {
    undo: select(before, new Set(["remove", "rebuild", "remake"])).toReversed(),
    make: select(after, new Set(["add", "rebuild", "remake"])),
  };
}
