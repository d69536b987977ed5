import { type Holder, takeLock } from "../../src/system/lock.ts";

/** Who holds a lock now; undefined if nobody alive does. Where nobody does, nothing of the lock is left. */
export function lockHolder(path: string): Holder | undefined {
  const lock = takeLock(path, "look", "");
  if (!lock.taken) return lock.holder;
  lock.release();
  return undefined;
}
