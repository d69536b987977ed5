/**
 * The build stage: hands traffic over, takes away what the new plan no longer has, then makes what is missing; the journal is
 * written first.
 */
import type { Act, Observation, Wave } from "../drivers/driver.ts";
import type { Plan, Step } from "../plan/model.ts";
import type { Design } from "./design.ts";
import { keysOf } from "./access.ts";
import { healLeft } from "./drill-heal.ts";
import { Handover } from "./handover.ts";
import { throwIfInterrupted } from "./interrupt.ts";
import type { Lab } from "./lab.ts";
import { hostBatch, seedFiles } from "./seeds.ts";
import { readDesign, writeDesign } from "./state.ts";
import { together } from "./together.ts";
import { planWork, type Work } from "./work.ts";

export interface Built {
  readonly changed: boolean;
  readonly reasons: readonly string[];
  readonly said: string;
  /** To be ended once the new next hops stand. */
  readonly handover: Handover;
}

/** Brings what guests' disks are made of to where they are made. */
export async function placeImages(lab: Lab, plan: Plan, tell: (percent: number, doing: string) => void): Promise<void> {
  const { waves } = (await lab.driver.placeImages?.(plan)) ?? { waves: [] };
  await perform(lab, waves, (doing) => tell(0, doing), tell);
}

export async function build(lab: Lab, design: Design, note: (text: string) => void): Promise<Built> {
  const stored = await readDesign(lab.state);
  const before = stored?.plan ?? design.plan;
  const seen = await lab.driver.observe(before);
  const work = planWork(stored?.plan, design.plan, seen);
  const handover = new Handover(lab, { before, after: design.plan, seen, work });
  await healLeft(lab, before, work.fresh ? [] : seen.guests, note);
  await handover.begin(note);
  // Whatever is left of a lab that does not run must not stand in the way of a new one.
  if (work.fresh) await lab.driver.destroy();
  await perform(lab, lab.driver.remove({ plan: before, ...work.remove }), note);
  // From here on `down` goes by the new plan: everything of the old one that it lacks is gone.
  await writeDesign(lab.state, design);
  await perform(lab, await composeBuild(lab, design, work, seen), note);
  return { changed: hasWork(work), reasons: work.reasons, said: describe(design, work), handover };
}

/** The acts that make what is missing, as `--dry-run` prints them. */
async function composeBuild(
  lab: Lab,
  design: Design,
  work: Work,
  { cloned = [] }: Observation,
): Promise<readonly Wave[]> {
  const { plan, files } = design;
  const seeds = seedFiles(plan, files, await keysOf(lab, plan));
  return lab.driver.build({ plan, ...work.make, seeds, cloned, hostBatch: hostBatch(plan) });
}

async function perform(
  lab: Lab,
  waves: readonly Wave[],
  note: (text: string) => void,
  tell?: (percent: number, doing: string) => void,
): Promise<void> {
  const { signal } = lab.world;
  for (const wave of waves) {
    throwIfInterrupted(signal);
    await together(wave, async (act: Act) => {
      note(act.does);
      lab.journal.write({ event: "begin", act: act.does, argv: act.argv });
      await lab.driver.perform(act, signal, (fraction) => tell?.(fraction * 100, act.does));
      lab.journal.write({ event: "done", act: act.does });
    });
  }
}

function hasWork({ make, remove }: Work): boolean {
  const { steps, ports, routes } = remove;
  return make.rerouted || make.steps.length + make.ports.length + steps.length + ports.length + routes.length > 0;
}

function describe(design: Design, work: Work): string {
  if (!hasWork(work)) return "everything runs already";
  const { plan } = design;
  if (work.fresh) return `${plan.nodes.length} nodes, ${plan.segments.length} segments`;
  const made = `${countGuests(work.make)} guests and ${work.make.ports.length} ports made`;
  return `${made}, ${countGuests(work.remove)} guests removed`;
}

function countGuests({ steps }: { readonly steps: readonly Step[] }): number {
  return steps.filter((step) => step.kind === "guest").length;
}
