/** `lab down` */
import { countOf } from "../../count.ts";
import { combineErrors, exitCodes } from "../../errors.ts";
import { takeDown } from "../../flow/down.ts";
import { holding } from "../../flow/hold.ts";
import type { Lab } from "../../flow/lab.ts";
import { previewDown } from "../../flow/preview.ts";
import { listLabs, readDesign } from "../../flow/state.ts";
import type { FlagsOf } from "../command.ts";
import type { AppContext } from "../context.ts";
import type { downFlags } from "../flags.ts";
import { printJson, printLines, say } from "../output.ts";
import { selectDesign, selectLab } from "../select.ts";

type Flags = FlagsOf<typeof downFlags>;

export async function runDown(context: AppContext, flags: Flags): Promise<number> {
  const labs = flags.all === true ? await allLabs(context, flags) : [await selectLab(context, flags)];
  const errors: unknown[] = [];
  // One that is held or will not go must not keep the others.
  for (const lab of labs) await downOne(context, flags, lab).catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw combineErrors(errors);
  return exitCodes.good;
}

async function downOne(context: AppContext, flags: Flags, lab: Lab): Promise<void> {
  if (flags.dryRun === true) {
    // Of a topology that is named, also while it is not up.
    const named = flags.topology === undefined ? undefined : (await selectDesign(context, flags)).design;
    const design = (await readDesign(lab.state)) ?? named;
    printLines(context, design === undefined ? [] : previewDown(lab, design));
    return;
  }
  const start = context.world.clock.now();
  const receipt = await holding(lab, "lab down", (flags.wait ?? 0) * 1000, () => takeDown(lab));
  const seconds = (context.world.clock.now() - start) / 1000;
  if (flags.json === true) {
    printJson(context, { lab: lab.name, seconds, ...receipt });
    return;
  }
  const removed = Object.entries(receipt.removed).map(([what, number]) => countOf(number, what));
  say(context, `${lab.name}: removed ${removed.join(", ")}; 0 left (${seconds.toFixed(1)} s)`);
}

async function allLabs(context: AppContext, flags: Flags): Promise<Lab[]> {
  const names = await listLabs(context.world.stateRoot);
  // Each is where it is.
  const { host: _host, ...others } = flags;
  return Promise.all(names.map((name) => selectLab(context, { ...others, name })));
}
