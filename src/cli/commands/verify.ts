/** `lab verify` */
import { holding } from "../../flow/hold.ts";
import { runningDesign } from "../../flow/state.ts";
import { verifyRunning } from "../../flow/verify-running.ts";
import type { FlagsOf } from "../command.ts";
import type { AppContext } from "../context.ts";
import type { verifyFlags } from "../flags.ts";
import { chooseUi } from "../output.ts";
import { prepareJunit, showVerdicts, verdictCode } from "../verdicts.ts";
import { selectLab } from "../select.ts";

export async function runVerify(context: AppContext, flags: FlagsOf<typeof verifyFlags>): Promise<number> {
  const lab = await selectLab(context, flags);
  const writeJunit = await prepareJunit(context, flags.junit);
  // Before the lock: where there is no lab, nothing is made.
  await runningDesign(lab.state);
  const { verdicts, checks } = await holding(lab, "lab verify", (flags.wait ?? 0) * 1000, async () => {
    const design = await runningDesign(lab.state);
    return { verdicts: await verifyRunning(lab, design, chooseUi(context, flags)), checks: design.checks };
  });
  await writeJunit(verdicts, lab.name);
  showVerdicts(context, flags, verdicts);
  return verdictCode(verdicts, checks);
}
