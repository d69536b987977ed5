import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { hostname } from "node:os";
import { afterEach } from "vitest";
import { vmBhyveDriver, type VmBhyveOptions } from "../../src/drivers/vm-bhyve/driver.ts";
import { type Host, localHost } from "../../src/drivers/vm-bhyve/host.ts";
import type { Act, Driver, Wave } from "../../src/drivers/driver.ts";
import { systemClock } from "../../src/system/clock.ts";
import { type Exec, localExec, type RunResult } from "../../src/system/exec.ts";
import { findProcesses, kill } from "../../src/system/processes.ts";
import { layOutHost, type Store } from "../vm-bhyve/lay-out.ts";
import { makePlace } from "./place.ts";
import { until } from "./processes.ts";

/** Another directory of programs, such as the real vm-bhyve's over stand-ins for FreeBSD's tools: see test/vm-bhyve/README.md. */
const bin = process.env["VM_BHYVE_BIN"] ?? join(import.meta.dirname, "..", "vm-bhyve", "bin");

export interface VmHostFake {
  readonly root: string;
  readonly vmDir: string;
  readonly host: Host;
  /** Variables of its shells. */
  readonly env: Readonly<Record<string, string>>;
  /** Path of one of its programs. */
  program(name: string): string;
  /** Runs a command on it, as a person would. */
  run(...argv: string[]): Promise<RunResult>;
  /** Commands that were run through the host so far. */
  readonly ran: readonly (readonly string[])[];
  /** The most of them that ran at once. */
  most(): number;
  driver(owner: string, options?: Partial<VmBhyveOptions>): Driver;
  fault(name: string, text?: string): void;
  mend(name: string): void;
  write(path: string, text: string): void;
  /** Undefined if there is none. */
  read(path: string): string | undefined;
  interfaces(): string[];
  /** All that could be left of a lab: entries of vm_dir, devices, interfaces, processes, switches. */
  traces(): Record<string, readonly string[]>;
  /** Ends everything that runs on it, without a word to anybody. */
  cutPower(): Promise<void>;
}

const made: VmHostFake[] = [];

afterEach(async () => {
  for (const host of made.splice(0)) await host.cutPower();
});

/** A host in a directory of its own, for one test: its power is cut after it. Its guests only sleep. */
export async function makeVmHost(version = "1.8", store: Store = "directory"): Promise<VmHostFake> {
  // vm-bhyve itself cannot copy an image to a directory with a space in its name.
  const root = makePlace("lab-vm-host-");
  layOutHost(root, store);
  const vmDir = join(root, "vm");
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const env = {
    VM_BHYVE_ROOT: root,
    VM_BHYVE_VERSION: version,
    PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}`,
  };
  const ran: (readonly string[])[] = [];
  let running = 0;
  let most = 0;
  const exec: Exec = {
    ...localExec,
    async try(argv, options = {}) {
      ran.push(argv);
      running += 1;
      most = Math.max(most, running);
      try {
        return await localExec.try(argv, { ...options, env: { ...env, ...options.env } });
      } finally {
        running -= 1;
      }
    },
  };
  const host = localHost({ exec, isRoot: true, root });
  const read = (path: string) => (existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : undefined);
  const run = (...argv: string[]) => localExec.try(argv, { env });
  const here = (path: string) => readdirSync(join(root, path)).filter((name) => !name.startsWith("."));
  const processes = () => findProcesses(() => true).filter(({ pid }) => runsOn(root, pid));
  await run("vm", "init");
  const fake: VmHostFake = {
    root,
    vmDir,
    host,
    env,
    program: (name) => (existsSync(join(bin, name)) ? join(bin, name) : `/usr/bin/${name}`),
    run,
    ran,
    most: () => most,
    driver: (owner, options = {}) =>
      vmBhyveDriver({ host, clock: systemClock, owner, timing: quick, parallel: 4, ...options }),
    fault: (name, text = "") => write(`faults/${name}`, text),
    mend: (name) => rmSync(join(root, "faults", name), { force: true }),
    write,
    read,
    interfaces: () => here("net"),
    traces: () => ({
      guests: here("vm"),
      devices: here("dev/vmm"),
      interfaces: here("net"),
      processes: processes().map(({ argv }) => argv.join(" ").trim()),
      switches: [...(read("vm/.config/system.conf") ?? "").matchAll(/^type_([^=]+)=/gm)].map((match) => match[1] ?? ""),
      templates: readdirSync(join(vmDir, ".templates")),
      records: readdirSync(join(vmDir, ".config")).filter((name) => name.startsWith("lab")),
    }),
    async cutPower() {
      for (let alive = processes(); alive.length > 0; alive = processes()) {
        for (const { pid } of alive) kill(pid);
        await systemClock.pause(5);
      }
      for (const directory of ["net", "dev/vmm"]) {
        rmSync(join(root, directory), { recursive: true });
        mkdirSync(join(root, directory));
      }
      write("sysctl/net.link.tap.up_on_open", "0\n");
    },
  };
  made.push(fake);
  return fake;
}

/** What never comes is waited for briefly; what comes, for as long as a busy machine may need. */
export const quick = { copyMs: 60_000, startMs: 30_000, steadyMs: 60, loginMs: 10_000, stopMs: 1000, goneMs: 4000 };

/** What `traces` says of a host on which no lab is. */
export const emptyTraces = {
  guests: [],
  devices: [],
  interfaces: [],
  processes: [],
  switches: [],
  templates: [],
  records: [],
};

/** How long a guest of the emulator may take to start or end, on whatever the test's machine has left. */
export const patientMs = 30_000;

/** A template of somebody else's, and for `vm create` without one. */
const foreignTemplate = [
  'loader="uefi"',
  'cpu="1"',
  'memory="256M"',
  'disk0_type="virtio-blk"',
  'disk0_name="d.img"',
  'network0_type="e1000"',
  'network0_switch="theirs"',
  "",
].join("\n");

/** A switch `theirs` and a guest `guest1` on it that runs, both somebody else's. */
export async function addForeign(host: VmHostFake): Promise<void> {
  host.write("vm/.templates/default.conf", foreignTemplate);
  await host.run("vm", "switch", "create", "theirs");
  await host.run("vm", "create", "guest1");
  await host.run("vm", "start", "guest1");
  const isUp = () => host.read("dev/vmm/guest1") !== undefined && host.read("vm/guest1/run.lock") !== undefined;
  await until(isUp, patientMs);
}

/** By its environment, or by its directory where it has overwritten that. */
function runsOn(root: string, pid: number): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    return environment.includes(`VM_BHYVE_ROOT=${root}`) || readlinkSync(`/proc/${pid}/cwd`) === root;
  } catch {
    return false;
  }
}

export async function performAll(driver: Pick<Driver, "perform">, waves: readonly Wave[]): Promise<void> {
  for (const wave of waves) {
    const outcomes = await Promise.allSettled(wave.map((act: Act) => driver.perform(act)));
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  }
}

export const thisHost = hostname();
