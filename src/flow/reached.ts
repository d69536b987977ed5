/** How far a lab has been brought, by its journal. */
import type { JournalEvent } from "./journal.ts";
import { type StageName, stageNames } from "./up.ts";

/**
 * The last stage that has ended since the build last made or removed something: later ones that ended before that were
 * about other guests. Undefined for a lab whose build never ended.
 */
export function reachedStage(events: readonly JournalEvent[]): StageName | undefined {
  let reached = -1;
  for (const event of events) {
    if (event.event !== "stage" || event.state !== "done") continue;
    const stage = stageNames.findIndex((name) => name === event.stage);
    reached = event.changed === true ? stage : Math.max(reached, stage);
  }
  return stageNames[reached];
}
