/**
 * The processes of a machine without Linux's /proc, as FreeBSD's ps(1) tells of them. What it prints is text: words of a
 * command are parted by blanks, and the environment stands before the command, parted from it by no more. procps takes the
 * same options and puts the environment last, so that the tests can run this on Linux.
 */
import { spawnSync } from "node:child_process";
import type { Process, ProcessIdentity, ProcessTable } from "./processes.ts";

/** One line of ps. */
export interface Row extends ProcessIdentity {
  readonly parent: number;
  readonly user: number;
  /** Has ended, and waits for its parent. */
  readonly zombie: boolean;
  readonly text: string;
}

/** Runs ps with these arguments; undefined where there is no ps. */
export type RunPs = (args: readonly string[]) => string | undefined;

/** A keyword with a header takes the rest of its argument for the header, so each has an argument of its own. */
const columns = ["pid", "ppid", "ruid", "state", "lstart", "command"].flatMap((name) => ["-o", `${name}=`]);
const all = ["-axww", ...columns];
/** With the environment; root is shown everybody's. */
const allWithEnvironment = ["-axeww", ...columns];

export function psTable(run: RunPs = runPs): ProcessTable {
  const list = () => parseRows(run(all) ?? "").filter(({ zombie }) => !zombie);
  const look = (pid: number): ProcessIdentity | undefined => {
    const text = run(["-ww", "-p", String(pid), ...columns]);
    if (text === undefined) return identifyBySignal(pid);
    const row = parseRows(text).find((one) => one.pid === pid && !one.zombie);
    return row && { pid, startTime: row.startTime };
  };
  // Our own start does not change, and whoever waits for a lock asks for it each time.
  let own: ProcessIdentity | undefined;
  return {
    identify: (pid) => (pid === process.pid ? (own ??= look(pid)) : look(pid)),
    /** ps counts seconds from a boot time that moves a little as the clock is set right: the last one may differ. */
    isSame: (one, other) => one === other || Math.abs(Number(one) - Number(other)) <= 1,
    find: (isWanted) =>
      list()
        .map(({ pid, startTime, user, text }): Process => ({ pid, startTime, user, argv: text.split(" ") }))
        .filter(({ argv }) => isWanted(argv)),
    withVariable: (name, value) =>
      bearersOf(`${name}=${value}`, list(), parseRows(run(allWithEnvironment) ?? "")).map(
        ({ pid, startTime, user }) => ({ pid, startTime, user }),
      ),
    childrenOf: (pid) => parseRows(run(all) ?? "").flatMap((row) => (row.parent === pid ? [row.pid] : [])),
  };
}

/** `  921     1     0 Is   Tue Nov 24 09:12:01 2026 /usr/sbin/sshd`, in the C locale and UTC. */
export function parseRows(text: string): Row[] {
  return text.split("\n").flatMap((line): Row[] => {
    const [, pid, parent, user, state = "", started = "", rest = ""] =
      /^\s*(\d+)\s+(\d+)\s+(-?\d+)\s+(\S+)\s+([A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ [\d:]{8} \d{4})\s*(.*)$/.exec(line) ??
      [];
    if (pid === undefined) return [];
    const startTime = String(Date.parse(`${started} UTC`) / 1000);
    const numbers = { pid: Number(pid), parent: Number(parent), user: Number(user) };
    return [{ ...numbers, startTime, zombie: state.startsWith("Z"), text: rest }];
  });
}

/**
 * Rows whose environment has a variable. Without its command, a line is the environment alone: a process that only has the
 * variable in its arguments, say somebody's grep, is none. After the value comes another variable or nothing.
 */
export function bearersOf(variable: string, plain: readonly Row[], withEnvironment: readonly Row[]): Row[] {
  const texts = new Map(withEnvironment.map((row) => [row.pid, row]));
  return plain.filter((row) => {
    const full = texts.get(row.pid);
    const environment = full?.startTime === row.startTime ? environmentOf(full.text, row.text) : "";
    for (let at = environment.indexOf(` ${variable}`); at >= 0; at = environment.indexOf(` ${variable}`, at + 1)) {
      if (/^(?:$| [^ =]+=)/.test(environment.slice(at + 1 + variable.length))) return true;
    }
    return false;
  });
}

/** With a blank before each variable. */
function environmentOf(text: string, command: string): string {
  if (text.endsWith(` ${command}`)) return ` ${text.slice(0, -command.length - 1)}`;
  return text.startsWith(`${command} `) ? text.slice(command.length) : "";
}

/** In UTC, so that a change of summer time changes nothing, and in a locale that shows letters as they are. */
const setting = ["LC_ALL=C.UTF-8", "TZ=UTC"];

function runPs(args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync("env", [...setting, "ps", ...args], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    stdio: ["ignore", "pipe", "ignore"],
  });
  // 1: no such process. 127: no such program.
  return status === 0 || status === 1 ? stdout : undefined;
}

/** Without ps, whether a pid exists is all that is known. */
function identifyBySignal(pid: number): ProcessIdentity | undefined {
  try {
    process.kill(pid, 0);
    return { pid, startTime: "unknown" };
  } catch (error) {
    // EPERM: it is there, but somebody else's.
    const isThere = error instanceof Error && "code" in error && error.code === "EPERM";
    return isThere ? { pid, startTime: "unknown" } : undefined;
  }
}
