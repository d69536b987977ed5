/**
 * The lock of a guest's serial console, which cu(1), `vm console` and our own first login take: a file with the number of the
 * process that holds it (uucplock(3)). Whoever is killed leaves it, and a later guest of the name would have a console that is
 * taken for ever if the number is somebody's by then.
 */
import type { Wave } from "../driver.ts";
import { isOurGuest } from "./guests.ts";

/** The side of a guest's null modem that people and programs open. */
export function consoleDevice(guest: string): string {
  return `/dev/nmdm-${guest}.1B`;
}

export function consoleLock(guest: string): string {
  return `/var/spool/lock/LCK..nmdm-${guest}.1B`;
}

/**
 * Of nobody's, of a dead process's or of our own login's, which a lost connection may have left waiting: that is ended. A
 * person at the console keeps it, and gives it back.
 */
const script = [
  'pid=; read -r pid rest <"$1"; case $pid in "" | *[!0-9]*) ;; *)' +
    ' case $(ps -ww -o args= -p "$pid") in *LCK..*"sh $2") kill "$pid" ;; esac; left=20',
  'while kill -0 "$pid" 2>/dev/null; do left=$((left - 1)); [ "$left" -gt 0 ] || exit 0; sleep 0.1; done ;; esac',
  'rm -f "$1"',
].join("; ");

export function removeConsoleLocks(owner: string, names: readonly string[]): Wave {
  return names.map((name) => ({
    does: `remove the console lock that somebody left at ${name}`,
    argv: ["sh", "-c", script, "sh", consoleLock(name), consoleDevice(name)],
    when: [isOurGuest(owner, name), { is: "there", paths: [consoleLock(name)] }],
    timeoutMs: 10_000,
    mayFail: true,
  }));
}
