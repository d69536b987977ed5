/** What an interrupted `up` leaves: what was there before it, and nothing else. */
import type { Design } from "./design.ts";
import { takeDown } from "./down.ts";
import type { Lab } from "./lab.ts";
import type { Ui } from "./ui.ts";
import { bringUp } from "./up.ts";

/** A new lab is removed whole; a changed one is brought back to its former design. */
export async function undoUp(lab: Lab, before: Design | undefined, ui: Ui): Promise<void> {
  if (before === undefined) await takeDown(lab);
  else await bringUp(lab, before, { ui, until: "servers" });
}
