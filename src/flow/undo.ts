/** What an interrupted `up` leaves: what was there before it, and nothing else. */
import { LabError } from "../errors.ts";
import type { Design } from "./design.ts";
import { takeDown } from "./down.ts";
import { readJournal } from "./journal.ts";
import type { Lab } from "./lab.ts";
import { reachedStage } from "./reached.ts";
import { readDesign } from "./state.ts";
import type { Ui } from "./ui.ts";
import { bringUp, type StageName, stageNames } from "./up.ts";

/** A lab that ran before the run. */
export interface Before {
  readonly design: Design;
  /** How far it had been brought. */
  readonly stage: StageName;
  /** How many events its journal had. */
  readonly events: number;
}

/**
 * What the run finds; undefined if nothing runs. State alone is no lab: it outlives a restart of this machine. Neither is
 * a sandbox whose build never ended: nobody can have used it.
 */
export async function lookBefore(lab: Lab): Promise<Before | undefined> {
  const design = await readDesign(lab.state);
  if (design === undefined || !(await lab.driver.observe(design.plan)).running) return undefined;
  const events = await readJournal(lab.state.journal);
  const stage = reachedStage(events);
  return stage === undefined ? undefined : { design, stage, events: events.length };
}

/**
 * A new lab is removed whole; a changed one is brought back to its former design, as far as it was. What later stages have
 * written into guests cannot be taken out again: then the guests are made anew.
 */
export async function undoUp(lab: Lab, before: Before | undefined, ui: Ui): Promise<void> {
  try {
    if (before === undefined) await takeDown(lab);
    else {
      if (await wentFurther(lab, before)) await lab.driver.destroy();
      await bringUp(lab, before.design, { ui, until: earlier(before.stage, lastThatMakes) });
    }
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    throw new LabError({
      code: "E_UNDO",
      message: `interrupted, and what this run made could not be undone\n${error.message}`,
      hint: `lab down -n ${lab.name} removes all of it`,
      cause: error,
    });
  }
}

/** The last stage that makes anything; looking at it again, which is what verification does, brings nothing back. */
const lastThatMakes = "servers";

/** Whether the run has begun to make what the lab did not have before. */
async function wentFurther({ state }: Lab, { stage, events }: Before): Promise<boolean> {
  const since = (await readJournal(state.journal)).slice(events);
  const later = stageNames.slice(stageNames.indexOf(stage) + 1, stageNames.indexOf(lastThatMakes) + 1);
  return since.some((event) => event.event === "stage" && later.some((name) => name === event.stage));
}

function earlier(one: StageName, other: StageName): StageName {
  return stageNames.indexOf(one) < stageNames.indexOf(other) ? one : other;
}
