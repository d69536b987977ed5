/** Plan → what the hypervisor makes, in order. Undo is the same list backwards. */
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
