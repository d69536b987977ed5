/** Verdicts as every command shows them: text or JSON, JUnit on request, and the exit code. */
import { writeFile } from "node:fs/promises";
import { type ExitCode, exitCodes } from "../errors.ts";
import { formatJunit } from "../report/junit.ts";
import { formatShares } from "../report/share.ts";
import { formatTable } from "../report/table.ts";
import { formatVerdicts, verdictsToJson } from "../report/verdicts.ts";
import type { Verdict } from "../verify/model.ts";
import { summarise } from "../verify/summary.ts";
import type { AppContext } from "./context.ts";
import { layoutOf, type OutputFlags, printJson, printLines } from "./output.ts";

interface VerdictFlags extends OutputFlags {
  readonly verbose?: boolean;
}

export function showVerdicts(context: AppContext, flags: VerdictFlags, verdicts: readonly Verdict[]): void {
  if (flags.json === true) {
    printJson(context, verdictsToJson(verdicts));
    return;
  }
  const summary = summarise(verdicts);
  printLines(context, [
    ...(flags.verbose === true ? [...listChecks(context, verdicts), ""] : []),
    ...formatVerdicts(verdicts, layoutOf(context)),
    "",
    ...formatShares(summary, layoutOf(context)),
  ]);
}

/** Every check with what was seen; the rows that follow tell more of those that failed. */
function listChecks(context: AppContext, verdicts: readonly Verdict[]): readonly string[] {
  const styles = { pass: "green", fail: "red", skip: "yellow" } as const;
  const columns = [{ title: "ROW" }, { title: "CHECK" }, { title: "VERDICT" }, { title: "SEEN" }];
  const rows = verdicts.map(({ row, title, status, seen }) => [
    { text: String(row) },
    { text: title },
    { text: status, style: styles[status] },
    { text: seen },
  ]);
  return formatTable({ columns, rows }, layoutOf(context));
}

export async function writeJunit(path: string | undefined, verdicts: readonly Verdict[], lab: string): Promise<void> {
  if (path !== undefined) await writeFile(path, formatJunit(verdicts, lab));
}

export function verdictCode(verdicts: readonly Verdict[]): ExitCode {
  return summarise(verdicts).ok ? exitCodes.good : exitCodes.checkFailed;
}
