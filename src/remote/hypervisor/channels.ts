/**
 * Who may have how many channels. sshd allows ten sessions on one connection unless told otherwise (`MaxSessions`): the rest
 * waits here. Looks at files have places of their own, so that they need not wait for an image that is being copied; one
 * is for SFTP, and one stays free for ending what has been started. Forwarded connections do not count.
 */
import type { Clock } from "../../system/clock.ts";
import { type Limit, limitTo } from "../../system/limit.ts";
import { TooManySessions } from "./script.ts";

export interface Channels {
  readonly commands: Limit;
  readonly looks: Limit;
}

export function shareChannels(clock: Clock): Channels {
  const patiently =
    (limit: Limit): Limit =>
    (work) =>
      limit(() => whenThereIsRoom(clock, work));
  return { commands: patiently(limitTo(6)), looks: patiently(limitTo(2)) };
}

/** A server may allow fewer than usual: then somebody of ours has to end first. */
async function whenThereIsRoom<Result>(clock: Clock, work: () => Promise<Result>): Promise<Result> {
  for (let pauseMs = 50; ; pauseMs = Math.min(2 * pauseMs, 2000)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TooManySessions)) throw error;
      await clock.pause(pauseMs);
    }
  }
}
