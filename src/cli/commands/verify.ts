/** `lab verify` */
import { verifyRunning } from "../../flow/verify-running.ts";
import type { FlagsOf } from "../command.ts";
import type { AppContext } from "../context.ts";
import type { verifyFlags } from "../flags.ts";
import { chooseUi } from "../output.ts";
import { showVerdicts, verdictCode, writeJunit } from "../verdicts.ts";
import { selectLab } from "../select.ts";

export async function runVerify(context: AppContext, flags: FlagsOf<typeof verifyFlags>): Promise<number> {
  const lab = await selectLab(context, flags);
  const verdicts = await verifyRunning(lab, chooseUi(context, flags));
  await writeJunit(flags.junit, verdicts, lab.name);
  showVerdicts(context, flags, verdicts);
  return verdictCode(verdicts);
}
