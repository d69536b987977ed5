/** The lock of one lab: whoever changes it holds it; a second run waits or is told who does. */
import { dirname } from "node:path";
import { exitCodes, LabError } from "../errors.ts";
import { makeDirectory } from "../system/files.ts";
import { takeLock } from "../system/lock.ts";
import { throwIfInterrupted } from "./interrupt.ts";
import type { Lab } from "./lab.ts";

const pauseMs = 200;

/** Runs `work` while holding the lab's lock. Waits up to `waitMs` for it, then throws LabError with exit code 6. */
export async function holding<Result>(
  lab: Lab,
  doing: string,
  waitMs: number,
  work: () => Promise<Result>,
): Promise<Result> {
  const { clock, signal } = lab.world;
  await makeDirectory(dirname(lab.state.lock));
  const deadline = clock.now() + waitMs;
  for (;;) {
    throwIfInterrupted(signal);
    const lock = takeLock(lab.state.lock, doing, new Date(clock.now()).toISOString());
    if (lock.taken) {
      try {
        return await work();
      } finally {
        lock.release();
      }
    }
    if (clock.now() >= deadline) {
      const { holder } = lock;
      throw new LabError(
        {
          code: "E_LOCKED",
          message: `${lab.name} is held by "${holder.doing}" (pid ${holder.pid}, since ${holder.since})`,
          hint: "wait for it, or give --wait SECONDS",
        },
        exitCodes.locked,
      );
    }
    await clock.pause(pauseMs, signal);
  }
}
