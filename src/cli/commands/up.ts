/** `lab up` */
import { exitCodes } from "../../errors.ts";
import { holding } from "../../flow/hold.ts";
import { findLab, type Lab } from "../../flow/lab.ts";
import { undoUp } from "../../flow/undo.ts";
import { bringUp, type UpResult } from "../../flow/up.ts";
import { readDesign } from "../../flow/state.ts";
import type { FlagsOf } from "../command.ts";
import { type AppContext, withSignal } from "../context.ts";
import type { upFlags } from "../flags.ts";
import { chooseUi, printJson, say } from "../output.ts";
import { selectDesign } from "../select.ts";

type Flags = FlagsOf<typeof upFlags>;

export async function runUp(context: AppContext, flags: Flags): Promise<number> {
  const { design } = await selectDesign(context, flags);
  const lab = await findLab(context.world, design.plan.lab, design.plan.hypervisor);
  const ui = chooseUi(context, flags);
  const result = await holding(lab, "lab up", (flags.wait ?? 0) * 1000, async () => {
    const before = await readDesign(lab.state);
    try {
      return await bringUp(lab, design, { ui, until: flags.until ?? "verify" });
    } catch (error) {
      if (!context.world.signal.aborted) throw error;
      say(context, "interrupted: undoing what this run made");
      await undoUp(await withoutInterrupt(context, lab), before, ui);
      return undefined;
    }
  });
  if (result === undefined) return exitCodes.interrupted;
  return report(context, flags, result);
}

function withoutInterrupt(context: AppContext, lab: Lab): Promise<Lab> {
  return findLab(withSignal(context.world, new AbortController().signal), lab.name, lab.driver.name);
}

function report(context: AppContext, flags: Flags, result: UpResult): number {
  const failed = result.verdicts.filter((verdict) => verdict.status === "fail");
  if (flags.json === true) printJson(context, { event: "result", ...result });
  return failed.length === 0 ? exitCodes.good : exitCodes.checkFailed;
}
