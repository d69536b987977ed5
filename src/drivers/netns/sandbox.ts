/**
 * One lab, one sandbox: a process in namespaces of its own. Its end takes every process, link, mount and route of the
 * lab with it; there is nothing else to clean. It is found by a mark in its arguments, never by a pid from a file.
 */
import {
  childrenOf,
  findProcesses,
  identify,
  isAlive,
  kill,
  type Process,
  type ProcessIdentity,
} from "../../system/processes.ts";
import type { Clock } from "../../system/clock.ts";
import { endByVariable } from "../../system/sweep.ts";
import type { Argv } from "../../kinds/kind.ts";

/** Stands in argv lists for the pid of the sandbox's first process, which is known only once it runs. */
export const sandboxPid = "$SANDBOX";

/** Variable of processes that visit the sandbox's network; its value is the sandbox's mark. */
export const visitorMark = "LAB_SANDBOX";

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

/** Nothing of the caller's environment gets into a lab: neither its settings nor its secrets. */
const cleanEnvironment = [
  "env",
  "-i",
  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  "LC_ALL=C.UTF-8",
];

/** The command that starts the sandbox and stays as its outer handle. */
export function startArgv(place: SandboxPlace): Argv {
  return [
    ...cleanEnvironment,
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
    ...cleanEnvironment,
    ...argv,
  ];
}

/**
 * Runs a command on the sandbox's own network and root directory, but among our processes: in the sandbox's pid namespace
 * the kernel would let the sandbox go only when somebody has waited for it, and we may have ended before. It is known by a
 * variable, so that it does not outlive the lab either.
 */
export function enterNetwork({ unprivileged, mark }: SandboxPlace, argv: Argv): Argv {
  return [
    ...["nsenter", "--target", sandboxPid],
    ...(unprivileged ? ["--user", "--preserve-credentials"] : []),
    ...["--mount", "--net", "--root", "--wd", "--"],
    ...cleanEnvironment,
    `${visitorMark}=${mark}`,
    ...argv,
  ];
}

/**
 * The pid of the sandbox's first process, or undefined if the sandbox does not run. One that another user made to look
 * like ours is none: we are about to enter it with all our rights.
 */
export function findSandbox(mark: string): number | undefined {
  const us = process.getuid?.();
  for (const { pid, user, argv } of findMarked(mark)) {
    const [inner] = user === us && argv[0] === "unshare" ? childrenOf(pid) : [];
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** `findSandbox` for whoever asks again and again: looks at all processes only when the one it knows is gone. */
export function sandboxFinder(mark: string): () => number | undefined {
  let known: ProcessIdentity | undefined;
  return () => {
    if (known !== undefined && isAlive(known)) return known.pid;
    const pid = findSandbox(mark);
    known = pid === undefined ? undefined : identify(pid);
    return pid;
  };
}

/** The outer process, and the inner one while it makes its root; not a pager or an editor that happens to have the mark. */
function findMarked(mark: string): Process[] {
  return findProcesses((argv) => argv.at(-1) === mark && argv.some((word) => word.endsWith("/sandbox.sh")));
}

/** Puts the pid into an argv list that was made before it was known. */
export function resolvePid(argv: Argv, pid: number): Argv {
  return argv.map((word) => (word === sandboxPid ? String(pid) : word));
}

/**
 * Ends the sandbox and its visitors, and waits until the kernel has taken all of it away. Tells how many sandboxes there
 * were, and which processes stay.
 */
export async function endSandbox(
  mark: string,
  clock: Clock,
  timeoutMs: number,
): Promise<{ readonly ended: number; readonly left: readonly number[] }> {
  const us = process.getuid?.();
  // Somebody else's process that only looks like ours is neither ended nor waited for.
  const marked = findMarked(mark).filter(({ user }) => user === us || us === undefined);
  const inner = marked.flatMap(({ pid }) => childrenOf(pid));
  const all = [...marked, ...inner.flatMap((pid) => identify(pid) ?? [])];
  for (const { pid } of all) kill(pid);
  const deadline = clock.now() + timeoutMs;
  const visitors = await endByVariable(visitorMark, mark, clock, timeoutMs);
  // The first process of a pid namespace is gone only when all others in it are.
  while (all.some(isAlive) && clock.now() < deadline) await clock.pause(5);
  return {
    ended: marked.filter(({ pid }) => !inner.includes(pid)).length,
    left: [...all.filter(isAlive).map(({ pid }) => pid), ...visitors.left],
  };
}
