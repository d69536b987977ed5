/** Verdicts as every command shows them: text or JSON, JUnit on request, and the exit code. */
import { writeFile } from "node:fs/promises";
import { type ExitCode, exitCodes } from "../errors.ts";
import { formatJunit } from "../report/junit.ts";
import { formatShares } from "../report/share.ts";
import { formatVerdicts, verdictsToJson } from "../report/verdicts.ts";
import type { Verdict } from "../verify/model.ts";
import { summarise } from "../verify/summary.ts";
import type { AppContext } from "./context.ts";
import { layoutOf, type OutputFlags, printJson, printLines } from "./output.ts";

export function showVerdicts(context: AppContext, flags: OutputFlags, verdicts: readonly Verdict[]): void {
  if (flags.json === true) {
    printJson(context, verdictsToJson(verdicts));
    return;
  }
  const summary = summarise(verdicts);
  printLines(context, [
    ...formatVerdicts(verdicts, layoutOf(context)),
    "",
    ...formatShares(summary, layoutOf(context)),
  ]);
}

export async function writeJunit(path: string | undefined, verdicts: readonly Verdict[], lab: string): Promise<void> {
  if (path !== undefined) await writeFile(path, formatJunit(verdicts, lab));
}

export function verdictCode(verdicts: readonly Verdict[]): ExitCode {
  return summarise(verdicts).ok ? exitCodes.good : exitCodes.checkFailed;
}
