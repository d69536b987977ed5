/** A whole FreeBSD host with vm-bhyve, emulated in namespaces: see test/vm-bhyve/README.md. `lab` runs on it as it is. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { childrenOf, kill } from "../../src/system/processes.ts";
import { layOutHost } from "../vm-bhyve/lay-out.ts";
import { collect, resultOf, root as repository, type Run, type UpResult } from "./lab.ts";

const emulator = join(repository, "test", "vm-bhyve");
/** The real vm-bhyve over stand-ins for FreeBSD's tools, or the emulator: see test/vm-bhyve/README.md. */
const bin = process.env["VM_BHYVE_BIN"] ?? join(emulator, "bin");

export interface StartedHere {
  readonly done: Promise<Run>;
  /** SIGKILL reaches the program itself, not what carries it into the host. */
  kill(): void;
  /** The same, but what it has started is killed before it, and has no time to clear up. */
  killAll(): void;
}

export interface WholeHost {
  readonly root: string;
  /** Where the labs of this host have their state. */
  readonly state: string;
  /** `lab` with these arguments, for vm-bhyve unless they say otherwise. */
  lab(...args: string[]): Promise<Run>;
  /** The same, to be killed. */
  start(...args: string[]): StartedHere;
  up(...args: string[]): Promise<UpResult>;
  /** Starts a command on the host. */
  enter(...argv: string[]): ReturnType<typeof spawn>;
  /** A command on the host, as a person would run it. */
  run(...argv: string[]): Promise<Run>;
  fault(name: string, text?: string): void;
  mend(name: string): void;
  /** All that could be left of a lab, by kind: entries of vm_dir, devices, interfaces, switches, records, locks, processes. */
  traces(): Promise<Record<string, readonly string[]>>;
  /** Ends everything on it and boots it again, as after a power cut. */
  cutPower(): Promise<void>;
  remove(): Promise<void>;
}

/** @param guests `asleep`: guests only sleep, as in the driver's own tests */
export async function makeWholeHost(guests: "real" | "asleep" = "real"): Promise<WholeHost> {
  const root = mkdtempSync(join(tmpdir(), "lab-hv-"));
  layOutHost(root);
  const state = join(root, "state");
  const env = {
    ...process.env,
    VM_BHYVE_ROOT: root,
    VM_BHYVE_VERSION: "1.8",
    LAB_STATE_DIR: state,
    LAB_HYPERVISOR: "vm-bhyve",
    PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}`,
  };
  mkdirSync(join(root, "usr/local/share"), { recursive: true });
  mkdirSync(join(root, "host"));
  symlinkSync(imageRoot(), join(root, "host", "image"));
  symlinkSync(join(repository, "images/embedded/overlay"), join(root, "host", "overlay"));
  if (guests === "real") symlinkSync("host", join(root, "whole"));
  let { outer, inner } = await boot(root, env);
  const enter = (...argv: string[]) =>
    spawn("nsenter", ["--target", String(inner), ...within, ...namespaces, `--wd=${repository}`, "--", ...argv], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
  const run = (...argv: string[]) => collect(enter(...argv));
  const start = (...args: string[]) => {
    const child = enter(process.execPath, join(repository, "bin", "lab.mjs"), ...args);
    const programs = () => (child.pid === undefined ? [] : childrenOf(child.pid));
    return {
      done: collect(child),
      kill: () => programs().forEach(kill),
      killAll: () => programs().flatMap(withDescendants).toReversed().forEach(kill),
    };
  };
  const here = (path: string) =>
    existsSync(join(root, path)) ? readdirSync(join(root, path)).filter((name) => !name.startsWith(".")) : [];
  const system = () =>
    existsSync(join(root, "vm/.config/system.conf")) ? readFileSync(join(root, "vm/.config/system.conf"), "utf8") : "";
  const end = async () => {
    outer.kill("SIGKILL");
    await once(outer, "exit");
  };
  await run("vm", "init");
  return {
    root,
    state,
    enter,
    run,
    start,
    lab: (...args) => start(...args).done,
    up: async (...args) => resultOf(await start("up", "--json", ...args).done),
    fault: (name, text = "") => writeFileSync(join(root, "faults", name), text),
    mend: (name) => rmSync(join(root, "faults", name), { force: true }),
    async traces() {
      const links = (await run("ip", "-brief", "link", "show")).stdout.split("\n");
      const processes = (await run("ps", "-axo", "args=")).stdout.split("\n");
      const locks = (await run("ls", "/var/spool/lock")).stdout.split("\n").filter(Boolean);
      return {
        guests: here("vm"),
        devices: here("dev/vmm"),
        interfaces: [...here("net"), ...links.flatMap((line) => /^(tap\S*|vm-\S+|bridge\d+)/.exec(line)?.[1] ?? [])],
        switches: [...system().matchAll(/^type_([^=]+)=/gm)].map((match) => match[1] ?? ""),
        templates: readdirSync(join(root, "vm/.templates")),
        records: readdirSync(join(root, "vm/.config")).filter((name) => name.startsWith("lab")),
        locks,
        state: here("state"),
        processes: processes.map((line) => line.trim()).filter((line) => /^(bhyve: |\S*sh \S*vm _run )/.test(line)),
      };
    },
    async cutPower() {
      await end();
      for (const directory of ["net", "dev/vmm"]) {
        rmSync(join(root, directory), { recursive: true });
        mkdirSync(join(root, directory));
      }
      ({ outer, inner } = await boot(root, env));
    },
    async remove() {
      await end();
      // Files of guests may belong to mapped ids.
      if (!isRoot) execFileSync("unshare", [...mapped, "rm", "-rf", root]);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** What `traces` says of a host on which no lab is. */
export const noTraces = {
  guests: [],
  devices: [],
  interfaces: [],
  switches: [],
  templates: [],
  records: [],
  locks: [],
  state: [],
  processes: [],
};

const namespaces = ["--net", "--mount", "--pid", "--uts", "--ipc"];
/** An ordinary user's host has a user namespace with the ranges of subuid(5), as a sandbox has. */
const isRoot = process.getuid?.() === 0;
const mapped = isRoot ? [] : ["--user", "--map-root-user", "--map-auto"];
const within = isRoot ? [] : ["--user", "--preserve-credentials"];

async function boot(root: string, env: NodeJS.ProcessEnv): Promise<{ outer: ChildProcess; inner: number }> {
  const script = ["sh", join(emulator, "host", "host.sh"), root];
  const outer = spawn("unshare", [...mapped, ...namespaces, "--fork", "--kill-child", ...script], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(outer, "exit").then(([code]) => `exit code ${code}`);
  const why = await Promise.race([ended, once(outer.stdout ?? outer, "data").then(() => undefined)]);
  const [inner] = childrenOf(outer.pid ?? 0);
  if (inner === undefined) throw new Error(`the emulated host did not boot: ${why}`);
  return { outer, inner };
}

/** The root of the embedded guests, which the set-up of the live tests has built. */
function imageRoot(): string {
  const program = join(repository, "bin", "lab.mjs");
  const list = execFileSync(process.execPath, [program, "image", "list", "--json"], { encoding: "utf8" });
  const [image] = JSON.parse(list) as { root: string }[];
  if (image === undefined) throw new Error("there is no embedded image");
  return image.root;
}

/** A process before those that it has started, and they have. */
function withDescendants(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(withDescendants)];
}
