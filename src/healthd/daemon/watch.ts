/**
 * Notices at once when a service's process ends. By looking: ten times a second, which costs two system calls each and is
 * 50 ms late on average. Node has no pidfd and no kqueue, and a waiting child per service costs more memory than this.
 */
import { readFileSync } from "node:fs";

const everyMs = 100;

export interface Watch {
  /** Looks at the processes now; by itself it does so every tenth of a second. */
  look(): void;
  close(): void;
}

/**
 * @param pidfile may be absent, and may name another process later
 * @param identify what a process is known by while it lives: a number may be used again
 */
export function watchProcess(
  pidfile: string,
  on: { readonly died: () => void; readonly born: () => void },
  identify: (pid: number) => string | undefined = identifyProcess,
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
  const look = (): void => {
    if (known === undefined) return find();
    if (identify(known.pid) === known.identity) return;
    known = undefined;
    on.died();
  };
  find();
  const timer = setInterval(look, everyMs);
  return { look, close: () => clearInterval(timer) };
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

function isAlive(pid: number): boolean {
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
