/** The program under test, run the way a user runs it, with a state directory of its own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { resultToJson } from "../../src/cli/commands/up.ts";
import { visitorMark } from "../../src/drivers/netns/sandbox.ts";
import { playbookMark } from "../../src/remote/ansible.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const program = join(root, "bin", "lab.mjs");

export type UpJson = ReturnType<typeof resultToJson>;
export type UpResult = UpJson & { readonly code: number | null };

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Place {
  readonly state: string;
  run(...args: string[]): Promise<Run>;
  start(...args: string[]): Started;
  /** `lab up --json`, and its result. */
  up(...args: string[]): Promise<UpResult>;
  /** OpenSSH with the lab's own configuration; `input` is the script's standard input. */
  ssh(lab: string, node: string, script: string, input?: string): Run;
  /** The same, left open once its script has said something; `ended` tells what it has become. */
  openSsh(lab: string, node: string, script: string): Promise<{ readonly ended: Promise<Run> }>;
  remove(): void;
}

/** What `lab up --json` says at its end; fails the test, with all the output, if it says nothing. */
export function resultOf({ code, stdout, stderr }: Run): UpResult {
  const last = stdout.trim().split("\n").at(-1) ?? "";
  if (!last.includes('"result"')) throw new Error(`lab up: exit code ${code}\n${stdout}\n${stderr}`);
  return { ...(JSON.parse(last) as UpJson), code };
}

export interface Started {
  readonly child: ChildProcess;
  readonly done: Promise<Run>;
}

/** A place for labs that nobody else uses. `env` comes on top of ours; `within` is a command that runs the program. */
export function makePlace(env: Readonly<Record<string, string>> = {}, within: readonly string[] = []): Place {
  const state = mkdtempSync(join(tmpdir(), "lab-live-"));
  const start = (...args: string[]): Started => {
    const [file = "", ...words] = [...within, process.execPath, program, ...args];
    const child = spawn(file, words, {
      env: { ...process.env, LAB_STATE_DIR: state, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      cwd: root,
    });
    return { child, done: collect(child) };
  };
  const sshArgv = (lab: string, node: string, script: string) => ["-F", join(state, lab, "ssh_config"), node, script];
  return {
    state,
    start,
    run: (...args) => start(...args).done,
    up: async (...args) => resultOf(await start("up", "--json", ...args).done),
    ssh(lab, node, script, input = "") {
      const argv = sshArgv(lab, node, script);
      const { status, stdout, stderr } = spawnSync("ssh", argv, { encoding: "utf8", input });
      return { code: status, stdout, stderr };
    },
    async openSsh(lab, node, script) {
      const child = spawn("ssh", sshArgv(lab, node, script), { stdio: ["pipe", "pipe", "pipe"] });
      const done = collect(child);
      await once(child.stdout, "data");
      // Wrapped, or whoever waits for the session to open would wait for its end.
      return { ended: done };
    },
    remove: () => rmSync(state, { recursive: true, force: true }),
  };
}

export function collect(child: ChildProcess): Promise<Run> {
  const output = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  return new Promise((resolve) => {
    child.on("close", (code) => resolve({ code, ...output }));
  });
}

/** What is left of the labs of a place: processes, mounts, files, sockets, directories; empty when all is gone. */
export function leftovers({ state }: Place): string[] {
  const processes = processesOf(state).map(({ pid, argv }) => `process ${pid}: ${argv.join(" ")}`);
  const mounts = pids().flatMap((pid) =>
    readProc(pid, "mounts")
      .split("\n")
      .filter((line) => line.includes(state))
      .map((line) => `mount seen by ${pid}: ${line}`),
  );
  const files = existsSync(state)
    ? readdirSync(state, { recursive: true, withFileTypes: true })
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((path) => path !== join(state, ".reports") && !path.startsWith(join(state, ".reports/")))
    : [];
  return [...processes, ...mounts, ...files];
}

/** Processes that name a directory in their arguments, or were started for a playbook or a visit of a lab there. */
export function processesOf(directory: string): { readonly pid: number; readonly argv: readonly string[] }[] {
  return pids()
    .filter((pid) => `${readProc(pid, "cmdline")}\0${readMarks(pid)}`.includes(directory))
    .map((pid) => ({ pid: Number(pid), argv: readProc(pid, "cmdline").split("\0").slice(0, -1) }));
}

function readMarks(pid: string): string {
  const variables = readProc(pid, "environ").split("\0");
  return variables.filter((one) => [playbookMark, visitorMark].some((mark) => one.startsWith(`${mark}=`))).join("\0");
}

function pids(): string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
}

/** Processes come and go while we look. */
function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

/** Checks that failed or were skipped; the guard against servers may be, on kernels that cannot hold it. */
export function notPassed({ checks }: UpJson): UpJson["checks"] {
  return checks.filter(({ id, status }) => status !== "pass" && !(status === "skip" && id.startsWith("server-guard/")));
}

/** Waits until a condition holds; throws after `withinMs`. */
export async function until(condition: () => boolean, withinMs: number, what: string): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`);
    await pause(2);
  }
}

/** Lines of the journal of a lab so far. */
export function journalOf({ state }: Pick<Place, "state">, lab: string): string[] {
  const path = join(state, lab, "journal");
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n").filter(Boolean) : [];
}
