/** Verdicts as every command shows them: text or JSON, JUnit on request, and the exit code. */
import { open, unlink, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type ExitCode, exitCodes, UsageError } from "../errors.ts";
import { formatJunit } from "../report/junit.ts";
import { formatShares } from "../report/share.ts";
import { formatTable } from "../report/table.ts";
import { formatVerdicts, verdictsToJson } from "../report/verdicts.ts";
import { readTextOr } from "../system/files.ts";
import { isTrouble, reasonOf } from "../system/trouble.ts";
import type { Check, Verdict } from "../verify/model.ts";
import { isLate, summarise } from "../verify/summary.ts";
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

/** Writes the JUnit report that was asked for. */
export type WriteJunit = (verdicts: readonly Verdict[], lab: string) => Promise<void>;

/** Throws UsageError where no report can be written: better before a long run than after it. */
export async function prepareJunit(context: AppContext, given: string | undefined): Promise<WriteJunit> {
  if (given === undefined) return () => Promise.resolve();
  const path = resolve(context.cwd, given);
  try {
    // Whether it may be written is known only by opening it; nothing is left of the try.
    const isThere = (await readTextOr(path, undefined)) !== undefined;
    await (await open(path, "a")).close();
    if (!isThere) await unlink(path);
  } catch (error) {
    if (!isTrouble(error)) throw error;
    throw new UsageError({
      code: "E_JUNIT",
      message: `cannot write the JUnit report ${given}: ${reasonOf(error)}`,
      hint: "name a file in a folder that is there and yours: --junit FILE",
      cause: error,
    });
  }
  return (verdicts, lab) => writeFile(path, formatJunit(verdicts, lab));
}

export function verdictCode(verdicts: readonly Verdict[], checks: readonly Check[]): ExitCode {
  if (summarise(verdicts).ok) return exitCodes.good;
  return isLate(verdicts, checks) ? exitCodes.notConverged : exitCodes.checkFailed;
}
