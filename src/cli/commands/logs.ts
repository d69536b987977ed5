/** `lab logs` */
import type { Log } from "../../drivers/driver.ts";
import { exitCodes } from "../../errors.ts";
import type { Lab } from "../../flow/lab.ts";
import { labLogs, nodeLogs } from "../../flow/logs.ts";
import { runningDesign } from "../../flow/state.ts";
import type { FlagsOf } from "../command.ts";
import type { AppContext } from "../context.ts";
import type { globalFlags } from "../flags.ts";
import { printJson, printLines } from "../output.ts";
import { selectLab } from "../select.ts";
import { selectNodes } from "../select-nodes.ts";

type Flags = FlagsOf<typeof globalFlags>;

export async function runLogs(context: AppContext, flags: Flags, args: readonly string[]): Promise<number> {
  const lab = await selectLab(context, flags);
  const [wanted] = args;
  const logs = wanted === undefined ? await labLogs(lab) : await logsOf(lab, wanted);
  // A run that failed early has logs and no plan yet.
  if (logs.length === 0) await runningDesign(lab.state);
  if (flags.json === true) printJson(context, logs);
  else for (const { name, text } of logs) printLines(context, [`== ${name}`, text.trimEnd()]);
  return exitCodes.good;
}

async function logsOf(lab: Lab, wanted: string): Promise<readonly Log[]> {
  const { plan } = await runningDesign(lab.state);
  return nodeLogs(lab, plan, selectNodes(plan, wanted));
}
