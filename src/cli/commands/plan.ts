/** `lab plan` */
import { exitCodes } from "../../errors.ts";
import { formatPlan } from "../../report/plan.ts";
import { formatPlanDetails } from "../../report/plan-details.ts";
import type { FlagsOf } from "../command.ts";
import type { AppContext } from "../context.ts";
import type { planFlags } from "../flags.ts";
import { layoutOf, printJson, printLines } from "../output.ts";
import { selectDesign } from "../select.ts";

export async function runPlan(context: AppContext, flags: FlagsOf<typeof planFlags>): Promise<number> {
  const { design } = await selectDesign(context, flags);
  if (flags.json === true) {
    printJson(context, design);
  } else {
    const counts = { steps: design.steps.length, checks: design.checks.length };
    printLines(context, formatPlan(design.plan, counts, layoutOf(context)));
    if (flags.verbose === true) printLines(context, formatPlanDetails(design.plan, design, layoutOf(context)));
  }
  return exitCodes.good;
}
