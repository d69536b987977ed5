/**
 * A command that is run exactly once, whatever becomes of the connection. It has a directory of its own there, in that of
 * its run; the script that is sent claims it, runs the command and records how it ended. Sent again over a new connection,
 * the same script finds the claim, waits for the record and tells it. A script that is still under way somewhere when all
 * this is over finds the claim too, or the run's directory gone, and does nothing. Pure: texts, and what answers say.
 */
import { quoteForShell } from "../quote.ts";

export interface Job {
  /** Of the job, relative to the home directory of the login. */
  readonly directory: string;
  /** Quoted for the shell. */
  readonly command: string;
  /** Its standard input is the file `input` of the directory; `/dev/null` otherwise. */
  readonly hasInput: boolean;
}

/** Of each stream of a job; what it says beyond that stays there, and goes with the directory. */
const mostBytes = 1024 * 1024;

/** When a process was started, which tells it from a later one of the same number. FreeBSD's and Linux' ps know the word. */
const startOf = 'startOf() { LC_ALL=C ps -o lstart= -p "$1" 2>/dev/null; }';

/** The script of a job. Its first line on standard output tells what is known: `done CODE`, or `gone`. */
export function jobScript({ directory, command, hasInput }: Job): string {
  const input = hasInput ? '"$job/input"' : "/dev/null";
  return `
job=${quoteForShell([directory])}
${startOf}
mkdir "$job" 2>/dev/null
if mkdir "$job/begun" 2>/dev/null; then
	# Ended from outside, it still records how the command took it; the command itself gets the signal as usual.
	trap : HUP INT TERM
	echo "$$ $(startOf $$)" >"$job/group"
	${command} <${input} >"$job/out" 2>"$job/err"
	echo $? >"$job/code.new"
	mv "$job/code.new" "$job/code"
else
	until [ -e "$job/code" ]; do
		[ -d "$job/begun" ] || { echo gone; exit 0; }
		if read -r pid start <"$job/group" 2>/dev/null; then
			# The process that records is the login's own. Between the two looks it may have ended well.
			kill -0 "$pid" 2>/dev/null || [ -e "$job/code" ] || { echo gone; exit 0; }
		fi
		sleep 0.1
	done
fi
read -r code <"$job/code"
echo "done $code"
head -c ${mostBytes} "$job/out"
head -c ${mostBytes} "$job/err" >&2
exit 0`;
}

/**
 * Makes the directory of a run, private to the login, and ends what a run that was killed has left beside it: its commands
 * get a second to end by themselves, since a guest that is just being started is better started than half started.
 */
export function sweepScript(place: string, run: string, asRoot: readonly string[]): string {
  const kill = (name: string) => `${quoteForShell([...asRoot, "kill", `-${name}`])} "-$pid"`;
  return `
umask 077
place=${quoteForShell([place])}
run=${quoteForShell([run])}
mkdir -p "$run" || exit 1
${startOf}
runs() { [ ! -e "$1/code" ] && read -r pid start <"$1/group" 2>/dev/null && [ "$(echo $(startOf "$pid"))" = "$(echo $start)" ]; }
waitFor() { tries=$2; while runs "$1" && [ "$tries" -gt 0 ]; do tries=$((tries - 1)); sleep 0.1; done; }
for job in "$place"/*/*/; do
	job=\${job%/}
	[ -d "$job" ] || continue
	waitFor "$job" 10
	if runs "$job"; then ${kill("TERM")}; waitFor "$job" 20; fi
	if runs "$job"; then ${kill("KILL")}; fi
done
for old in "$place"/*/; do [ "\${old%/}" = "$run" ] || rm -rf "$old"; done
exit 0`;
}

/** Takes away what nobody needs of jobs that are over; their claims and ends stay, for scripts that come late. */
export function clearScript(directories: readonly string[]): string {
  const files = directories.flatMap((directory) =>
    ["input", "out", "err", "group"].map((name) => `${directory}/${name}`),
  );
  return files.length === 0 ? "" : quoteForShell(["rm", "-f", ...files]);
}

/** What a job's script says. */
export type Outcome = { readonly code: number; readonly stdout: string } | "gone" | undefined;

/** Undefined for an answer that is none, such as that of a shell that ended in the middle. */
export function readOutcome(stdout: string): Outcome {
  const [, word = "", code = "", rest = ""] = /^(gone|done)(?: (\d+))?\n([^]*)$/.exec(stdout) ?? [];
  if (word === "gone") return "gone";
  return code === "" ? undefined : { code: Number(code), stdout: rest };
}
