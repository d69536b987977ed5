/**
 * Process groups. Every command leads one of its own, so that ending it ends what it has started as well: a shell's
 * children, Ansible's workers, what `nsenter` forks into another pid namespace.
 */
import type { Readable } from "node:stream";
import { guardGroup } from "./guard.ts";
import { isRefusal } from "./processes.ts";
import { wasInterrupted } from "../errors.ts";

/** What is needed of a child process that leads its own group. */
export interface Leader {
  readonly pid?: number | undefined;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  once(event: "exit", listener: () => void): unknown;
}

export interface Limits {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long it may tidy up after SIGTERM; 2 s if absent. */
  readonly graceMs?: number | undefined;
}

export interface Watch {
  /** Why the command was ended; undefined while it was not. */
  cause(): "took too long" | typeof wasInterrupted | undefined;
  /** The command is over: nothing is left to watch. */
  stop(): void;
}

const usualGraceMs = 2000;
/** How long the last output of a command that was ended may take to arrive. */
const drainMs = 50;

/** Ends a command that takes too long or is interrupted: its group by SIGTERM, then by SIGKILL. */
export function watchGroup(child: Leader, { timeoutMs, signal, graceMs = usualGraceMs }: Limits): Watch {
  let cause: ReturnType<Watch["cause"]>;
  const timers: NodeJS.Timeout[] = [];
  const end = () => {
    signalGroup(child.pid, "SIGKILL");
    // Whoever left the group may hold our pipes for ever: nobody waits for that.
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  const endFor = (why: "took too long" | typeof wasInterrupted) => {
    if (cause !== undefined) return;
    cause = why;
    child.once("exit", () => timers.push(setTimeout(end, drainMs)));
    // One that exited before, and left only its pipes to others, waits for nothing but the drain.
    timers.push(setTimeout(end, isGone(child.pid) ? drainMs : graceMs));
    signalGroup(child.pid, "SIGTERM");
  };
  const interrupt = () => endFor(wasInterrupted);
  signal?.addEventListener("abort", interrupt, { once: true });
  if (timeoutMs !== undefined) timers.push(setTimeout(() => endFor("took too long"), timeoutMs));
  const forget = endWithUs(child.pid);
  return {
    cause: () => cause,
    stop() {
      for (const timer of timers) clearTimeout(timer);
      signal?.removeEventListener("abort", interrupt);
      forget();
    },
  };
}

/** Signals a whole group; one that is already gone, or belongs to somebody else by now, is fine. */
export function signalGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

/** Whether the leader itself has ended; a child that was not waited for yet has not. */
function isGone(pid: number | undefined): boolean {
  try {
    return pid === undefined || !process.kill(pid, 0);
  } catch {
    return true;
  }
}

const running = new Set<number>();

/**
 * Groups that still run when this process ends get SIGTERM from us if we can, and SIGKILL from the guard: whatever the way
 * out, no command of ours goes on alone. The result says that the group has ended.
 */
export function endWithUs(leader: number | undefined): () => void {
  if (leader === undefined) return () => undefined;
  if (running.size === 0) process.once("exit", endAll);
  running.add(leader);
  const release = guardGroup(leader);
  return () => {
    if (!running.delete(leader)) return;
    release();
    if (running.size === 0) process.removeListener("exit", endAll);
  };
}

function endAll(): void {
  for (const leader of running) signalGroup(leader, "SIGTERM");
}
