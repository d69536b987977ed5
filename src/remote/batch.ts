/**
 * Several commands over one channel of SSH: each channel costs the node more than most commands do. The commands run one
 * after the other, and a line that no output can hold by chance tells where each ends, on both streams.
 */
import { randomBytes } from "node:crypto";

export interface Batch {
  /** A POSIX shell's command line. */
  readonly command: string;
  /** What each command printed, and its exit code, in order; only those that ended before the channel did. */
  split(stdout: string, stderr: string): readonly BatchPart[];
}

export interface BatchPart {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `commands` are quoted for the shell. */
export function makeBatch(commands: readonly string[]): Batch {
  const mark = `lab-${randomBytes(9).toString("hex")}`;
  const marks = `printf '\\n${mark} %s\\n' $?; printf '\\n${mark}\\n' >&2`;
  return {
    command: commands.map((command) => `${command}; ${marks}`).join("; "),
    split(stdout, stderr) {
      const errors = stderr.split(`\n${mark}\n`);
      const [first = "", ...rest] = stdout.split(`\n${mark} `);
      // Each piece begins with the exit code of the command before it.
      const pieces = rest.map((piece) => /^(\d+)\n([\s\S]*)$/.exec(piece) ?? []);
      const texts = [first, ...pieces.map(([, , text = ""]) => text)];
      return pieces.map(([, code = ""], index) => ({
        exitCode: Number(code),
        stdout: texts[index] ?? "",
        stderr: errors[index] ?? "",
      }));
    },
  };
}
