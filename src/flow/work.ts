/** What is there and what the plan wants → what to take away and what to make. Pure; crashes in between only make it shorter. */
import type { Observation } from "../drivers/driver.ts";
import { comparePlans, describeChange } from "../plan/diff.ts";
import type { End, Plan, Step } from "../plan/model.ts";
import { stepsOf } from "../plan/steps.ts";

export interface Work {
  /** Nothing of this lab runs. */
  readonly fresh: boolean;
  readonly remove: { readonly steps: readonly Step[]; readonly ports: readonly End[] };
  readonly make: { readonly steps: readonly Step[]; readonly ports: readonly End[] };
  /** One line for each thing that differs, and why. */
  readonly reasons: readonly string[];
}

/** The work between the stored plan, what was observed of it, and the new plan. */
export function planWork(before: Plan | undefined, after: Plan, seen: Observation): Work {
  if (before === undefined || !seen.running) {
    const none = { steps: [], ports: [] };
    return { fresh: true, remove: none, make: { steps: stepsOf(after), ports: portsOf(after) }, reasons: [] };
  }
  const change = comparePlans(before, after);
  const alive = new Set(seen.guests);
  const plugged = new Set(seen.ports.map(keyOf));
  const rebuilt = change.nodes.filter((node) => node.action === "rebuild").map((node) => node.node);
  const removed = change.nodes.filter((node) => node.action === "remove").map((node) => node.node);
  const dead = stepsOf(after).flatMap((step) => (step.kind === "guest" && !alive.has(step.node) ? [step.node] : []));
  const fresh = new Set([...rebuilt, ...dead]);

  const moved = new Set(change.nodes.flatMap((node) => node.plugged.map((port) => `${node.node}:${port}`)));
  const missing = (end: End) => fresh.has(end.node) || moved.has(keyOf(end)) || !plugged.has(keyOf(end));
  const ports = withPeers(after, portsOf(after).filter(missing));
  const present = new Set(seen.segments);
  const steps = stepsOf(after).filter(
    (step) =>
      (step.kind === "guest" && fresh.has(step.node)) || (step.kind === "segment" && !present.has(step.segment)),
  );
  const gone = new Set([...removed, ...rebuilt, ...dead]);
  const lost = new Set(change.segments.filter(({ action }) => action === "remove").map(({ segment }) => segment));
  const unplugged = change.nodes.flatMap((node) =>
    node.unplugged.map((port) => ({ node: node.node, interface: port })),
  );
  const known = new Set(change.nodes.map((node) => node.node));
  return {
    fresh: false,
    remove: {
      steps: stepsOf(before).filter(
        (step) => (step.kind === "guest" && gone.has(step.node)) || (step.kind === "segment" && lost.has(step.segment)),
      ),
      ports: unplugged,
    },
    make: { steps, ports },
    reasons: [
      ...describeChange(change),
      ...dead.filter((node) => !known.has(node)).map((node) => `${node}: does not run`),
    ],
  };
}

/** Ports that the hypervisor plugs in: those of guests. */
function portsOf(plan: Plan): End[] {
  return plan.nodes
    .filter((node) => node.guest.os !== "host")
    .flatMap((node) => node.interfaces.map((port) => ({ node: node.name, interface: port.name })));
}

/** A link is made whole: with one end goes the other. */
function withPeers(plan: Plan, ports: readonly End[]): End[] {
  const wanted = new Set(ports.map(keyOf));
  for (const segment of plan.segments) {
    if (segment.kind === "link" && segment.ends.some((end) => wanted.has(keyOf(end)))) {
      for (const end of segment.ends) wanted.add(keyOf(end));
    }
  }
  return portsOf(plan).filter((port) => wanted.has(keyOf(port)));
}

function keyOf(end: End): string {
  return `${end.node}:${end.interface}`;
}
