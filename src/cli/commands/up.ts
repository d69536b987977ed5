/** `lab up` */
import { exitCodes } from "../../errors.ts";
import type { Design } from "../../flow/design.ts";
import { holding } from "../../flow/hold.ts";
import { findLab, type Lab } from "../../flow/lab.ts";
import { previewUp } from "../../flow/preview.ts";
import { askStatus } from "../../flow/status.ts";
import { lookBefore, undoUp } from "../../flow/undo.ts";
import { bringUp, type UpResult } from "../../flow/up.ts";
import { formatNext } from "../../report/next.ts";
import { formatStatus, statusToJson } from "../../report/status.ts";
import { verdictsToJson } from "../../report/verdicts.ts";
import type { FlagsOf } from "../command.ts";
import { type AppContext, withSignal } from "../context.ts";
import type { upFlags } from "../flags.ts";
import { chooseUi, layoutOf, painter, printJson, printLines, say } from "../output.ts";
import { selectDesign } from "../select.ts";
import { prepareJunit, showVerdicts, verdictCode } from "../verdicts.ts";

type Flags = FlagsOf<typeof upFlags>;

export async function runUp(context: AppContext, flags: Flags): Promise<number> {
  const { design, host } = await selectDesign(context, flags);
  const lab = await findLab(context.world, design.plan.lab, design.plan.hypervisor, host);
  if (flags.dryRun === true) {
    printLines(context, await previewUp(lab, design));
    return exitCodes.good;
  }
  const writeJunit = await prepareJunit(context, flags.junit);
  const result = await holding(lab, "lab up", (flags.wait ?? 0) * 1000, () => upOrUndo(context, flags, lab, design));
  if (result === undefined) return exitCodes.interrupted;
  await writeJunit(result.verdicts, lab.name);
  if (flags.json === true) printJson(context, resultToJson(lab.name, result));
  else await report(context, flags, lab, design, result);
  return verdictCode(result.verdicts, design.checks);
}

/** Undefined when the run was interrupted and undone. */
async function upOrUndo(context: AppContext, flags: Flags, lab: Lab, design: Design): Promise<UpResult | undefined> {
  const ui = chooseUi(context, flags);
  const before = await lookBefore(lab);
  try {
    return await bringUp(lab, design, { ui, until: flags.until ?? "verify" });
  } catch (error) {
    if (!context.world.signal.aborted) throw error;
    const former = before === undefined ? "taking down what this run made" : `back to where ${lab.name} was`;
    say(context, `interrupted: ${former}`);
    const calm = withSignal(context.world, new AbortController().signal);
    await undoUp(await findLab(calm, lab.name, lab.driver.name, lab.host), before, ui);
    return undefined;
  }
}

async function report(context: AppContext, flags: Flags, lab: Lab, design: Design, result: UpResult): Promise<void> {
  for (const reason of result.reasons) say(context, `changed: ${reason}`);
  if (!result.changed) say(context, `${lab.name} is up already; nothing changed`);
  if (result.verdicts.length === 0) return;
  const rows = result.rows.length > 0 ? result.rows : await askStatus(lab, design);
  printLines(context, ["", ...formatStatus(rows, layoutOf(context)), ""]);
  showVerdicts(context, flags, result.verdicts);
  const seconds = Object.values(result.timings).reduce((sum, time) => sum + time, 0) / 1000;
  printLines(context, ["", ...formatNext(design.plan, result.verdicts, seconds, painter(context))]);
}

/** What `lab up --json` prints last: of verdicts and nodes the same as `verify` and `status` print. */
export function resultToJson(lab: string, { changed, reasons, timings, convergeMs, verdicts, rows }: UpResult) {
  return {
    ...{ event: "result", lab, changed, reasons, timings, convergeMs: convergeMs ?? null },
    ...statusToJson(rows),
    ...verdictsToJson(verdicts),
  };
}
