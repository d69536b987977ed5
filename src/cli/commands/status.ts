/** `lab status` */
import { exitCodes } from "../../errors.ts";
import { runningDesign } from "../../flow/state.ts";
import { askStatus } from "../../flow/status.ts";
import { formatStatus, statusToJson } from "../../report/status.ts";
import type { FlagsOf } from "../command.ts";
import type { AppContext } from "../context.ts";
import type { globalFlags } from "../flags.ts";
import { layoutOf, printJson, printLines } from "../output.ts";
import { selectLab } from "../select.ts";

export async function runStatus(context: AppContext, flags: FlagsOf<typeof globalFlags>): Promise<number> {
  const lab = await selectLab(context, flags);
  const rows = await askStatus(lab, await runningDesign(lab.state));
  if (flags.json === true) printJson(context, { lab: lab.name, ...statusToJson(rows) });
  else printLines(context, formatStatus(rows, layoutOf(context)));
  return exitCodes.good;
}
