/**
 * How a command ends: by its exit code, or by the first Ctrl-C, which means 130 and one line whatever it was at. The only
 * place that decides it; what waits for long takes the signal and may throw whatever it likes.
 */
import { CommandError } from "../errors.ts";
import { interrupted } from "../flow/interrupt.ts";
import { isTrouble, troubleError } from "../system/trouble.ts";

/** The exit code of a command that only looks: nothing is lost when it is left at once. */
export function orLeave(work: Promise<number>, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(interrupted());
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}

/** What was thrown, as what a user can act on: the interruption behind it, or what the file system refuses and where. */
export function understand(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted && isAbort(error)) return interrupted();
  return isTrouble(error) ? troubleError(error) : error;
}

function isAbort(error: unknown): boolean {
  return error instanceof CommandError ? error.interrupted : error instanceof Error && error.name === "AbortError";
}
