/**
 * What changes a node goes on there when the connection is lost: sshd hangs nobody up who has no terminal. Whoever begins
 * anew over another connection waits for it first, or two of them would be at the same files and daemons. Found by what is in
 * the arguments of their shells, on FreeBSD as on Linux.
 */
import { NodeError } from "../errors.ts";
import type { Session } from "./ssh.ts";

/** A command line that can be found while it runs: the shell stays, since it still has to leave. */
export function markAct(line: string): string {
  return `: lab-act; ${line}; exit $?`;
}

/**
 * Acts; batches (`makeBatch`); and the roles' scripts and checks, which name the candidates of their files. The brackets keep
 * the look from finding itself. Cumulus' `net` knows only one commit at a time by itself.
 */
export const actPattern = "[l]ab-(act|new|nvue|[0-9a-f]{18})";

/** As long as a command may take that is waited for. */
const usualS = 60;

const script = `left=$2
while pgrep -f "$1" >/dev/null; do
	left=$((left - 1))
	[ "$left" -gt 0 ] || { pgrep -fl "$1"; exit 75; }
	sleep 0.1
done`;

/** Waits until nothing runs on the node that a lost connection has left there. Throws NodeError that names what does. */
export async function awaitActs(session: Session, withinS = usualS): Promise<void> {
  const argv = ["sh", "-c", script, "sh", actPattern, String(10 * withinS)];
  const { exitCode, stdout } = await session.try(argv, { timeoutMs: 2000 * withinS });
  if (exitCode === 0) return;
  throw new NodeError(session.node, {
    code: "E_STILL_AT_IT",
    message: `what was begun over a lost connection has not ended in ${withinS} s: ${stdout.trim()}`,
    hint: `lab ssh ${session.node}`,
  });
}
