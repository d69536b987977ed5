/**
 * What ends our commands when we are killed ourselves and can do nothing any more: a shell in a session of its own, told of
 * each process group that begins and ends. Its input ends with us, whatever our end is, and then it kills the groups that
 * still run. (The kernel's parent-death signal, prctl(2), would reach only the first process of each group.)
 */
import { spawn } from "node:child_process";
import type { Socket } from "node:net";

const script = `
running=
while read -r what group; do
	case $what in
	begin) running="$running $group" ;;
	end)
		rest=
		for one in $running; do [ "$one" = "$group" ] || rest="$rest $one"; done
		running=$rest
		;;
	esac
done
for group in $running; do kill -s KILL -- "-$group"; done
`;

let guard: Socket | undefined;

/** Before a command is started, so that the guard can be told of it at once. */
export function postGuard(): Socket {
  guard ??= startGuard();
  return guard;
}

/** Tells the guard of a group that has begun; the result tells it that the group has ended. */
export function guardGroup(leader: number): () => void {
  const told = postGuard();
  told.write(`begin ${leader}\n`);
  return () => told.write(`end ${leader}\n`);
}

/** Its input. Our own end waits for neither, and a guard that is gone is no reason to stop. */
function startGuard(): Socket {
  const child = spawn("sh", ["-c", script], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  // A pipe to a child is a socket, which can be let go of.
  const input = child.stdin as Socket;
  child.on("error", () => undefined);
  input.on("error", () => undefined);
  child.unref();
  input.unref();
  return input;
}
