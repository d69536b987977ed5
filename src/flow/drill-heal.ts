/** Mends what a drill has broken that was killed. */
import { LabError } from "../errors.ts";
import { routersTo } from "../drill/turns.ts";
import type { Plan, Service } from "../plan/model.ts";
import type { Fleet } from "../remote/fleet.ts";
import type { Clock } from "../system/clock.ts";
import { backWithinMs } from "../drill/judge.ts";
import { keysOf, openLabFleet } from "./access.ts";
import { until } from "./drain.ts";
import { forgetPending, mendFault, readPending } from "./drill-fault.ts";
import { brokenRouters } from "./drill-whole.ts";
import type { Lab } from "./lab.ts";

type Note = (text: string) => void;

/** For `up`: whatever comes after it proves that it worked. A node that does not run boots whole. */
export async function healLeft(lab: Lab, plan: Plan, running: readonly string[], note: Note): Promise<void> {
  const pending = await readPending(lab.state);
  if (pending === undefined) return;
  if (running.includes(pending.node)) {
    note(`mends what a drill has left: ${pending.title}`);
    const fleet = openLabFleet(lab, plan, await keysOf(lab, plan));
    try {
      await mendFault({ journal: lab.journal, fleet }, pending);
    } finally {
      fleet.close();
    }
  }
  await forgetPending(lab.state);
}

/** Mends, and waits until all routers are as planned. Resolves to what was broken; undefined where nothing is left. */
export async function healNow(lab: Lab, plan: Plan, fleet: Fleet, note: Note): Promise<string | undefined> {
  const pending = await readPending(lab.state);
  if (pending === undefined) return undefined;
  note(`mends what a drill has left: ${pending.title}`);
  await mendFault({ journal: lab.journal, fleet }, pending);
  await waitUntilWhole(lab.world.clock, plan, fleet);
  await forgetPending(lab.state);
  return pending.title;
}

/** Throws LabError where routers do not come back. Not to be interrupted: it is what an interruption ends with. */
export async function waitUntilWhole(clock: Clock, plan: Plan, fleet: Pick<Fleet, "try">): Promise<void> {
  const waiting = { clock, signal: new AbortController().signal, note: () => undefined };
  const served = plan.services.filter(({ servers }) => servers.length > 0);
  let broken: readonly string[] = [];
  const isWhole = async () => {
    broken = (await Promise.all(served.map((service) => brokenOf(plan, service, fleet)))).flat();
    return broken.length === 0;
  };
  if (await until(isWhole, backWithinMs, waiting)) return;
  throw new LabError({
    code: "E_NOT_MENDED",
    message: `${[...new Set(broken)].join(", ")}: no planned routes ${backWithinMs / 1000} s after the repair`,
    hint: "lab drill --repair tries again; lab verify says what is wrong; lab down, then lab up makes it anew",
  });
}

function brokenOf(plan: Plan, service: Service, fleet: Pick<Fleet, "try">): Promise<readonly string[]> {
  return brokenRouters(routersTo(plan, service), service, fleet);
}
