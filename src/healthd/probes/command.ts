/** Runs a program of the administrator's in a process group of its own, none of which outlives its deadline. */
import { spawn } from "node:child_process";

export interface Ended {
  /** The exit code, or the signal that ended it. */
  readonly code: number | NodeJS.Signals;
  /** The beginning of what it printed, errors included. */
  readonly output: string;
}

const mostOutput = 65_536;
/** healthd's own environment is not the administrator's programs' business. */
const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * @param signal ends the whole group at once: the promise rejects
 * @throws the system's error if it cannot be started
 */
export function runCommand(
  [program = "", ...words]: readonly string[],
  signal: AbortSignal,
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const env = { PATH: searchPath, LC_ALL: "C", ...environment };
  const child = spawn(program, words, { detached: true, stdio: ["ignore", "pipe", "pipe"], env });
  const killGroup = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // The whole group has ended by itself.
    }
  };
  return new Promise<Ended>((resolve, reject) => {
    let output = "";
    const collect = (chunk: Buffer): void => {
      if (output.length < mostOutput) output += chunk.toString();
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", reject);
    // What it leaves behind would keep the pipes open for as long as it likes.
    child.on("exit", killGroup);
    child.on("close", (code, ended) => resolve({ code: code ?? ended ?? "SIGKILL", output }));
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  }).finally(() => {
    killGroup();
    child.stdout.destroy();
    child.stderr.destroy();
  });
}
