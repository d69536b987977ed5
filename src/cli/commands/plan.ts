/** `lab plan` */
import { exitCodes } from "../../errors.ts";
import { formatPlan } from "../../report/plan.ts";
import type { FlagsOf } from "../command.ts";
import type { AppContext } from "../context.ts";
import type { globalFlags } from "../flags.ts";
import { layoutOf, printJson, printLines } from "../output.ts";
import { selectDesign } from "../select.ts";

export async function runPlan(context: AppContext, flags: FlagsOf<typeof globalFlags>): Promise<number> {
  const { design } = await selectDesign(context, flags);
  if (flags.json === true) {
    printJson(context, design);
  } else {
    const counts = { steps: design.steps.length, checks: design.checks.length };
    printLines(context, formatPlan(design.plan, counts, layoutOf(context)));
  }
  return exitCodes.good;
}
