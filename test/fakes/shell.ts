import { spawn } from "node:child_process";
import { join } from "node:path";
import type { ServerChannel } from "ssh2";
import { signalGroup } from "../../src/system/group.ts";

/** How a command ends; without exit code and signal its channel just closes, as when the server is killed. */
export interface Ending {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
  readonly signal?: string;
}

export interface ShellOptions {
  /** What stands for `/`, and for home. */
  readonly root: string;
  readonly env?: Readonly<Record<string, string>>;
  /** It goes on when its channel is gone, as under a real sshd. */
  readonly lasting?: boolean;
}

/** Runs a command for real; programs of the node come first. What is left of it ends with its channel, or by the function. */
export function runInShell(channel: ServerChannel, command: string, options: ShellOptions): () => void {
  const { root, lasting = false } = options;
  const { PATH: path = "/usr/bin:/bin", ...others } = options.env ?? {};
  const env = { PATH: `${join(root, "bin")}:${path}`, ROOT: root, LC_ALL: "C", ...others };
  const child = spawn("sh", ["-c", command], { cwd: root, env, detached: true });
  channel.pipe(child.stdin).on("error", () => undefined);
  child.stdout.on("data", (bytes: Buffer) => channel.write(bytes));
  child.stderr.on("data", (bytes: Buffer) => channel.stderr.write(bytes));
  child.once("close", (exitCode, signal) =>
    endChannel(channel, signal === null ? { exitCode: exitCode ?? 0 } : { signal: signal.slice("SIG".length) }),
  );
  let over = false;
  const kill = () => {
    if (!over) signalGroup(child.pid, "SIGKILL");
    over = true;
  };
  if (!lasting) channel.once("close", kill);
  return kill;
}

export function endChannel(channel: ServerChannel, { stdout, stderr, exitCode, signal }: Ending): void {
  if (stdout !== undefined) channel.write(stdout);
  if (stderr !== undefined) channel.stderr.write(stderr);
  if (exitCode !== undefined) channel.exit(exitCode);
  if (signal !== undefined) channel.exit(signal);
  channel.end();
}
