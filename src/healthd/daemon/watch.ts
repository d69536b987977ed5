/**
 * Notices at once when a service's process ends. By looking, ten times a second: one system call, and 50 ms late on
 * average. Node has no pidfd and no kqueue, and a waiting child per service would cost more memory than this.
 */
import { existsSync, readFileSync } from "node:fs";

export interface Watch {
  /** Whether the process is there at all, or a new one if there was none: cheap, for every beat. */
  glance(): void;
  /** Whether it is still the same and no zombie: now and then. */
  look(): void;
}

/**
 * @param pidfile may be absent, and may name another process later
 * @param identify what a process is known by while it lives: a number may be used again
 */
export function watchProcess(
  pidfile: string,
  on: { readonly died: () => void; readonly born: () => void },
  identify: (pid: number) => string | undefined = identifyProcess,
  isThere: (pid: number) => boolean = isAlive,
): Watch {
  let known: { readonly pid: number; readonly identity: string } | undefined;
  let isFirst = true;
  const find = (): void => {
    const pid = readPid(pidfile);
    const identity = pid === undefined ? undefined : identify(pid);
    if (pid !== undefined && identity !== undefined) {
      known = { pid, identity };
      if (!isFirst) on.born();
    }
    isFirst = false;
  };
  const lose = (): void => {
    known = undefined;
    on.died();
  };
  const look = (): void => {
    if (known !== undefined && identify(known.pid) !== known.identity) lose();
  };
  const glance = (): void => {
    if (known === undefined) find();
    else if (!isThere(known.pid)) lose();
  };
  find();
  return { glance, look };
}

function readPid(file: string): number | undefined {
  const pid = Number(readText(file)?.trim());
  return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
}

/** By its start where /proc says it (proc(5): state is field 3, start time field 22), else by its number alone. */
function identifyProcess(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === undefined) return isAlive(pid) ? "" : undefined;
  // The name, field 2, may hold anything, brackets as well.
  const [state = "", ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A zombie answers nobody, though its number is taken until somebody fetches it.
  return /^[ZX]/.test(state) ? undefined : rest[18];
}

/** Asking /proc throws no exception, which a signal to somebody else's process does every time. */
function isAlive(pid: number): boolean {
  if (process.platform === "linux") return existsSync(`/proc/${pid}`);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return undefined;
  }
}
