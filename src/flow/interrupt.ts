/** What the first Ctrl-C means to a run: it ends as soon as what is under way has let go, and is undone. */
import { exitCodes, LabError } from "../errors.ts";
import type { Clock } from "../system/clock.ts";

/** How long work that was told to stop is waited for; a clean-up must not meet it on the way. */
const lingerMs = 2000;

export function interrupted(): LabError {
  return new LabError({ code: "E_INTERRUPTED", message: "interrupted" }, exitCodes.interrupted);
}

export function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw interrupted();
}

/** The result of `work`; rejects once the run is interrupted and the work, told to `stop`, is over or has had its time. */
export function untilInterrupted<Result>(
  work: Promise<Result>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  stop: () => void,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const interrupt = () => {
      stop();
      void clock.pause(lingerMs, over.signal).then(() => reject(interrupted()));
    };
    const settle = (answer: () => void) => {
      signal.removeEventListener("abort", interrupt);
      over.abort();
      if (!signal.aborted) answer();
    };
    if (signal.aborted) interrupt();
    else signal.addEventListener("abort", interrupt, { once: true });
    work.then(
      (result) => settle(() => resolve(result)),
      (error: unknown) => settle(() => reject(error as Error)),
    );
  });
}
