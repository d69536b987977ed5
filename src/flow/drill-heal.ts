/** Leaves a lab whole: after each fault, and after a drill that was killed. */
import { setMaxListeners } from "node:events";
import { backWithinMs } from "../drill/judge.ts";
import { rescueOf } from "../drill/rescue.ts";
import { routersTo } from "../drill/turns.ts";
import { LabError } from "../errors.ts";
import type { Plan, Service } from "../plan/model.ts";
import type { Fleet } from "../remote/fleet.ts";
import type { Clock } from "../system/clock.ts";
import { keysOf, openLabFleet } from "./access.ts";
import { until } from "./drain.ts";
import { askAgain } from "./drill-again.ts";
import { forgetPending, mendFault, type Pending, type Place, readPending } from "./drill-fault.ts";
import { brokenRouters } from "./drill-whole.ts";
import { journalled } from "./journal.ts";
import type { Lab } from "./lab.ts";
import { together } from "./together.ts";

const rescueLimits = { connectMs: 60_000, timeoutMs: 60_000 };

type Note = (text: string) => void;

export interface Healing {
  readonly plan: Plan;
  readonly place: Place;
  readonly clock: Clock;
  readonly note: Note;
}

/** Connections that no Ctrl-C ends: what is broken is mended over them. */
export async function withLastingFleet<Result>(
  lab: Lab,
  plan: Plan,
  work: (fleet: Fleet) => Promise<Result>,
): Promise<Result> {
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  const fleet = openLabFleet({ ...lab, world: { ...lab.world, signal } }, plan, await keysOf(lab, plan));
  try {
    return await work(fleet);
  } finally {
    fleet.close();
  }
}

/** For `up`: whatever comes after it proves that it worked. A node that does not run boots whole. */
export async function healLeft(lab: Lab, plan: Plan, running: readonly string[], note: Note): Promise<void> {
  const pending = await readPending(lab.state);
  if (pending === undefined) return;
  if (running.includes(pending.node)) {
    note(`mends what a drill has left: ${pending.title}`);
    await withLastingFleet(lab, plan, (fleet) => mendFault({ journal: lab.journal, fleet }, pending));
  }
  await forgetPending(lab.state);
}

/** Mends what a drill has left that was killed. Resolves to what it was; undefined where there is nothing. */
export async function healNow(healing: Healing): Promise<string | undefined> {
  const { place, note } = healing;
  const pending = await readPending(place.state);
  if (pending === undefined) return undefined;
  note(`mends what a drill has left: ${pending.title}`);
  await mendWhole(healing, pending);
  return pending.title;
}

/** Mends a fault, and whatever it takes until all routers are as planned. Not to be interrupted. */
export async function mendWhole(healing: Healing, pending: Pending): Promise<void> {
  await mendFault(healing.place, pending);
  await becomeWhole(healing, pending.node);
}

/**
 * Waits for routers whose fault is mended; those that do not come back are helped. Throws LabError where not even that does
 * it; what was broken is then still on record.
 */
export async function becomeWhole(healing: Healing, node: string): Promise<void> {
  const { place, note } = healing;
  if ((await waitUntilWhole(healing)).length > 0) {
    await rescue(healing, node);
    const broken = await waitUntilWhole(healing);
    if (broken.length > 0) throw notMended(broken);
    note("all routers are as planned again");
  }
  await forgetPending(place.state);
}

/** Starts bgpd anew where that may help. Servers are reached by way of leaves, which may take their time to come back. */
export async function rescue({ plan, place, note }: Healing, broken: string): Promise<void> {
  await together(rescueOf(plan, broken), async ({ node, acts }) => {
    note(`${node}: starts bgpd anew, since routers do not come back by themselves`);
    await askAgain(() => place.fleet.try(node, ["true"], rescueLimits));
    return journalled(place.journal, `drill: start bgpd of ${node} anew`, () =>
      place.fleet.batch(node, acts, rescueLimits),
    );
  });
}

/** Routers that have not come back in time. */
async function waitUntilWhole({ clock, plan, place: { fleet } }: Healing): Promise<readonly string[]> {
  const waiting = { clock, signal: new AbortController().signal, note: () => undefined };
  const served = plan.services.filter(({ servers }) => servers.length > 0);
  let broken: readonly string[] = [];
  const isWhole = async () => {
    broken = (await Promise.all(served.map((service) => brokenOf(plan, service, fleet)))).flat();
    return broken.length === 0;
  };
  await until(isWhole, backWithinMs, waiting);
  return [...new Set(broken)];
}

function notMended(broken: readonly string[]): LabError {
  return new LabError({
    code: "E_NOT_MENDED",
    message: `${broken.join(", ")}: no planned routes ${backWithinMs / 1000} s after the repair, and bgpd's new start`,
    hint: "lab drill --repair tries again; lab verify says what is wrong; lab down, then lab up makes it anew",
  });
}

function brokenOf(plan: Plan, service: Service, fleet: Pick<Fleet, "try">): Promise<readonly string[]> {
  return brokenRouters(routersTo(plan, service), service, fleet);
}
