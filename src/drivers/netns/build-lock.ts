/**
 * One build of a cache at a time: its builds share apt's directories, and apt-get fails at once where another has its lock.
 * Whoever comes second waits, says for whom, and most often finds the image built.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { exitCodes, LabError } from "../../errors.ts";
import { takeLock } from "../../system/lock.ts";
import type { ImageOptions } from "./recipe.ts";

const pauseMs = 200;

/** Runs `work` alone; `onWait` is told once for whom it has to wait. Throws LabError when interrupted meanwhile. */
export async function buildingAlone<Result>(
  { cache, clock, signal }: ImageOptions,
  onWait: (whom: string) => void,
  work: () => Promise<Result>,
): Promise<Result> {
  await mkdir(cache, { recursive: true });
  for (let waiting = false; ; waiting = true) {
    const since = new Date(clock.now()).toISOString();
    const lock = takeLock(join(cache, "build.lock"), "lab image build", since);
    if (lock.taken) {
      try {
        return await work();
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
