/** What is there and what the plan wants → what to take away and what to make. Pure; crashes in between only make it shorter. */
import type { Build, Observation, Removal } from "../drivers/driver.ts";
import { comparePlans, describeChange } from "../plan/diff.ts";
import { keyOf } from "../plan/end.ts";
import type { End, Node, Plan } from "../plan/model.ts";
import { stepsOf } from "../plan/steps.ts";

export interface Work {
  /** Nothing of this lab runs, or nothing of it can stay. */
  readonly fresh: boolean;
  readonly remove: Omit<Removal, "plan">;
  readonly make: Pick<Build, "steps" | "ports" | "replugged" | "rerouted">;
  /** One line for each thing that differs, and why. */
  readonly reasons: readonly string[];
}

/** The work between the stored plan, what was observed of it, and the new plan. */
export function planWork(before: Plan | undefined, after: Plan, seen: Observation): Work {
  if (before === undefined || !seen.running) return everything(after, []);
  const change = comparePlans(before, after);
  // Every node is reached over the one, and the other is what a bridge is called after.
  if (before.management.host !== after.management.host || hostPorts(before) !== hostPorts(after)) {
    return everything(after, describeChange(change));
  }
  const fresh = freshGuests(before, after, seen);
  const ports = portsToPlug(before, after, seen, new Set(fresh.keys()));
  const present = new Set(seen.segments);
  const wanted = new Set(guestsOf(after));
  // Where a link is a veth pair, it is made again with its ports.
  const undone = after.hypervisor === "netns" ? ["remove"] : ["remove", "remake"];
  const lost = new Set(change.segments.filter(({ action }) => undone.includes(action)).map(({ segment }) => segment));
  const old = new Set(portsOf(before).map(keyOf));
  return {
    fresh: false,
    remove: {
      steps: stepsOf(before).filter(
        (step) =>
          (step.kind === "guest" && (fresh.has(step.node) || !wanted.has(step.node))) ||
          (step.kind === "segment" && lost.has(step.segment)),
      ),
      ports: change.nodes.flatMap(({ node, unplugged }) => unplugged.map((port) => ({ node, interface: port }))),
      routes: after.nodes.filter(({ name }) => !fresh.has(name)).flatMap((node) => routesLost(before, node)),
    },
    make: {
      steps: stepsOf(after).filter(
        (step) =>
          (step.kind === "guest" && fresh.has(step.node)) ||
          (step.kind === "segment" && (!present.has(step.segment) || lost.has(step.segment))),
      ),
      ports,
      replugged: [
        ...new Set(ports.filter((port) => !fresh.has(port.node) && old.has(keyOf(port))).map((port) => port.node)),
      ],
      rerouted: hostRoutes(before) !== hostRoutes(after),
    },
    reasons: [
      ...describeChange(change),
      ...[...fresh].flatMap(([node, why]) => (why === "" ? [] : [`${node}: ${why}`])),
    ],
  };
}

function everything(after: Plan, reasons: readonly string[]): Work {
  return {
    fresh: true,
    remove: { steps: [], ports: [], routes: [] },
    make: { steps: stepsOf(after), ports: portsOf(after), replugged: [], rerouted: false },
    reasons,
  };
}

/** The hypervisor's own part in the lab, as a text to compare. */
function hostPorts({ nodes }: Plan): string {
  return JSON.stringify(nodes.filter((node) => node.guest.os === "host").map((node) => node.interfaces));
}

function hostRoutes({ nodes }: Plan): string {
  return JSON.stringify(nodes.filter((node) => node.guest.os === "host").map((node) => node.routes));
}

/** Static routes to where the new plan has none at all; any other is replaced. */
function routesLost(before: Plan, node: Node): Removal["routes"] {
  const kept = new Set(node.routes.map(({ to }) => to));
  const routes = before.nodes.find(({ name }) => name === node.name)?.routes ?? [];
  return routes.filter(({ to }) => !kept.has(to)).map((route) => ({ node: node.name, route }));
}

function guestsOf({ nodes }: Plan): string[] {
  return nodes.filter((node) => node.guest.os !== "host").map((node) => node.name);
}

/** Guests to make, each with what the change of plans does not say about it. */
function freshGuests(before: Plan, after: Plan, seen: Observation): ReadonlyMap<string, string> {
  const alive = new Set(seen.guests);
  const change = new Map(comparePlans(before, after).nodes.map((node) => [node.node, node.action]));
  const fresh = new Map<string, string>();
  for (const name of guestsOf(after)) {
    if (change.get(name) === "rebuild") fresh.set(name, "");
    else if (!alive.has(name)) fresh.set(name, change.has(name) ? "" : "does not run");
  }
  // A DHCP client does not survive its port; the server behind it starts anew as it would after a power cut.
  const plugged = new Set(portsToPlug(before, after, seen, new Set(fresh.keys())).map(keyOf));
  for (const { name, interfaces } of after.nodes) {
    const leased = interfaces.find(
      (port) => port.dhcp !== undefined && plugged.has(keyOf({ node: name, interface: port.name })),
    );
    if (leased !== undefined && !fresh.has(name)) fresh.set(name, `the link of ${leased.name} is made anew`);
  }
  return fresh;
}

/** All ports of fresh guests, and those of others that are new, moved or missing. */
function portsToPlug(before: Plan, after: Plan, seen: Observation, fresh: ReadonlySet<string>): End[] {
  const plugged = new Set(seen.ports.map(keyOf));
  const moved = new Set(
    comparePlans(before, after).nodes.flatMap(({ node, plugged: ports }) =>
      ports.map((port) => keyOf({ node, interface: port })),
    ),
  );
  const missing = (end: End) => fresh.has(end.node) || moved.has(keyOf(end)) || !plugged.has(keyOf(end));
  const ports = portsOf(after).filter(missing);
  // A switch of vm-bhyve stays while either of its guests comes and goes.
  return after.hypervisor === "netns" ? withPeers(after, ports) : ports;
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
