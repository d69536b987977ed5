/**
 * One lab, one sandbox: a process in namespaces of its own. Its end takes every process, link, mount and route of the
 * lab with it; there is nothing else to clean. It is found by a mark in its arguments, never by a pid from a file.
 */
import { childrenOf, findByArgument, identify, isAlive, kill } from "../../system/processes.ts";
import type { Clock } from "../../system/clock.ts";
import type { Argv } from "../../kinds/kind.ts";

/** Stands in argv lists for the pid of the sandbox's first process, which is known only once it runs. */
export const sandboxPid = "$SANDBOX";

export interface SandboxPlace {
  /** Directory of the static scripts and the overlay that every root gets. */
  readonly assets: string;
  /** Read-only root built from Debian packages. */
  readonly image: string;
  /** Empty directory that becomes the sandbox's mount point, seen only inside. */
  readonly mountPoint: string;
  /** Unique mark of this lab, e.g. its state directory. */
  readonly mark: string;
  /** Not root: a user namespace with the ranges of subuid(5) gives the rights. */
  readonly unprivileged: boolean;
}

/** The command that starts the sandbox and stays as its outer handle. */
export function startArgv(place: SandboxPlace): Argv {
  return [
    "unshare",
    ...(place.unprivileged ? ["--user", "--map-root-user", "--map-auto"] : []),
    ...["--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child"],
    ...["sh", `${place.assets}/sandbox.sh`, place.image, `${place.assets}/overlay`, place.mountPoint, place.mark],
  ];
}

/** Runs a command inside the sandbox, on its own root directory. */
export function enter(unprivileged: boolean, argv: Argv): Argv {
  return [
    ...["nsenter", "--target", sandboxPid],
    ...(unprivileged ? ["--user", "--preserve-credentials"] : []),
    ...["--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd", "--"],
    ...argv,
  ];
}

/** The pid of the sandbox's first process, or undefined if the sandbox does not run. */
export function findSandbox(mark: string): number | undefined {
  for (const outer of findByArgument(mark)) {
    const [inner] = childrenOf(outer);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** Puts the pid into an argv list that was made before it was known. */
export function resolvePid(argv: Argv, pid: number): Argv {
  return argv.map((word) => (word === sandboxPid ? String(pid) : word));
}

/** Ends the sandbox and waits until the kernel has taken all of it away. Returns how many outer processes were ended. */
export async function endSandbox(mark: string, clock: Clock, timeoutMs: number): Promise<number> {
  const outer = findByArgument(mark);
  const all = [...outer, ...outer.flatMap(childrenOf)].flatMap((pid) => identify(pid) ?? []);
  for (const process of all) kill(process.pid);
  const deadline = clock.now() + timeoutMs;
  // The first process of a pid namespace is gone only when all others in it are.
  while (all.some(isAlive) && clock.now() < deadline) await clock.pause(5);
  return outer.length;
}
