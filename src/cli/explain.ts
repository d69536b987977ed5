/** Errors → what a person reads, and the exit code. The only place that does either. */
import { type ExitCode, exitCodes, LabError } from "../errors.ts";

/** What, where and why from the error itself; the way out below. Anything unexpected is our bug and shows its stack. */
export function explainError(error: unknown): string {
  if (error instanceof LabError) {
    return error.hint === undefined ? error.message : `${error.message}\n  → ${error.hint}`;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${stack}\n  → this is a bug in lab: please report it with the lines above`;
}

export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof LabError ? error.exitCode : exitCodes.stepFailed;
}
