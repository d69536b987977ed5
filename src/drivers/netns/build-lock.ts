/**
 * One build of a cache at a time: its builds share apt's directories, and apt-get fails at once where another has its lock.
 * Whoever comes second waits, says for whom, and most often finds the image built.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { exitCodes, LabError } from "../../errors.ts";
import { withVariables } from "../../system/exec.ts";
import { takeLock } from "../../system/lock.ts";
import { endByVariable } from "../../system/sweep.ts";
import type { ImageOptions } from "./recipe.ts";

const pauseMs = 200;
const sweepMs = 5000;

/** Set to the cache in every command of a build. */
const mark = "LAB_BUILDS_IN";

/** Runs `work` alone; `onWait` is told once for whom it has to wait. Throws LabError when interrupted meanwhile. */
export async function buildingAlone<Result>(
  options: ImageOptions,
  onWait: (whom: string) => void,
  work: (marked: ImageOptions) => Promise<Result>,
): Promise<Result> {
  const { cache, clock, signal } = options;
  await mkdir(cache, { recursive: true });
  for (let waiting = false; ; waiting = true) {
    const since = new Date(clock.now()).toISOString();
    const lock = takeLock(join(cache, "build.lock"), "lab image build", since);
    if (lock.taken) {
      try {
        // Whoever is at it still, without the lock, is of a build that was killed.
        await endByVariable(mark, cache, clock, sweepMs);
        return await work({ ...options, exec: withVariables(options.exec, { [mark]: cache }) });
      } finally {
        lock.release();
      }
    }
    const { holder } = lock;
    if (!waiting) onWait(`"${holder.doing}" (pid ${holder.pid}, since ${holder.since})`);
    if (signal?.aborted === true) {
      throw new LabError({ code: "E_INTERRUPTED", message: "interrupted" }, exitCodes.interrupted);
    }
    await clock.pause(pauseMs, signal);
  }
}
