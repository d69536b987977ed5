/**
 * What the driver asks of a host, whichever machine that is: commands, and the existence, text and entries of files. Words
 * that stand for what is known only there are resolved here.
 */
import { constants } from "node:fs";
import { copyFile, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { HostError } from "../../errors.ts";
import type { Argv } from "../../kinds/kind.ts";
import type { Exec, RunOptions, RunResult } from "../../system/exec.ts";
import { isMissing, readTextOr } from "../../system/files.ts";
import type { Limit } from "../../system/limit.ts";
import type { HostFinding } from "../driver.ts";
import { draftOf, removeDeadDrafts } from "./images/drafts.ts";
import { vmDataset, vmDir } from "./place.ts";

export interface HostRunOptions extends RunOptions {
  /** It changes something: over a connection that is lost it is neither repeated nor left half done. */
  readonly once?: true;
}

export interface Host {
  /** How people call it; absent for this machine. */
  readonly name?: string;
  /** In a session of its own, with standard input from `/dev/null` unless something is given. */
  run(argv: readonly string[], options?: HostRunOptions): Promise<RunResult>;
  /** A command whose standard input and output are one stream; it ends with the stream. */
  duplex(argv: readonly string[]): Duplex;
  /** Undefined for a file that is not there. */
  read(path: string): Promise<string | undefined>;
  exists(path: string): Promise<boolean>;
  /** Names in a directory; none if it is not there. */
  list(path: string): Promise<readonly string[]>;
  /** A large file of this machine to a place on the host, which only ever holds the whole of it. */
  put(from: string, to: string, onProgress?: (fraction: number) => void): Promise<void>;
  /** Whether commands can be run, and whether by root, without whom `vm` does nothing. */
  probe(): Promise<readonly HostFinding[]>;
  /** Removes what it has put on the machine for itself. */
  tidy?(): Promise<void>;
  /** Ways to what lies behind another machine; absent for this one, where addresses are enough. */
  readonly behind?: Behind;
}

export interface Behind {
  /** A stream to a port of an address that the host reaches. */
  openStream(address: string, port: number): Duplex;
  /** OpenSSH's ProxyCommand to `%h` and `%p`. */
  readonly proxy: Argv;
  /** A command of this machine that hands the terminal over to one there. */
  interact(argv: Argv): Promise<Argv>;
}

export interface LocalHostOptions {
  readonly exec: Exec;
  /** Whether whoever runs the commands is root. */
  readonly isRoot: boolean;
  /** Stands before absolute paths that the host fixes, such as `/dev/vmm`; empty but in tests. */
  readonly root?: string;
}

export function localHost({ exec, isRoot, root = "" }: LocalHostOptions): Host {
  const at = (path: string) => (/^\/(dev|usr)\//.test(path) ? join(root, path) : path);
  return {
    probe: () => Promise.resolve([isRoot ? { what: "root", status: "good" } : noRoot]),
    run: (argv, options) => (options?.once === true ? runWhenTold(exec, argv, options) : exec.try(argv, options)),
    duplex: (argv) => exec.duplex(argv),
    read: (path) => readTextOr(at(path), undefined),
    async exists(path) {
      try {
        await stat(at(path));
        return true;
      } catch (error) {
        if (isMissing(error) || isNoDirectory(error)) return false;
        throw error;
      }
    },
    async list(path) {
      try {
        return await readdir(at(path));
      } catch (error) {
        if (isMissing(error) || isNoDirectory(error)) return [];
        throw error;
      }
    },
    put: (from, to, onProgress) => putFile(from, at(to), onProgress),
  };
}

const noRoot: HostFinding = {
  what: "root",
  status: "missing",
  consequence: "vm has no finer privilege",
  fix: "doas lab …, or sudo lab …",
};

/**
 * A command that changes something begins when it is told to: should we be killed before the guard knows of it, it hears the
 * end of its input instead, and does nothing. Otherwise it would go on alone, and make what `lab down` has just found missing.
 */
async function runWhenTold(exec: Exec, argv: Argv, options: RunOptions): Promise<RunResult> {
  // What it leaves in the background keeps no pipe of ours.
  const start = `read -r told && exec "$@"${options.input === undefined ? " </dev/null" : ""}`;
  const input = Buffer.concat([Buffer.from("\n"), Buffer.from(options.input ?? "")]);
  const { argv: _, ...result } = await exec.try(["sh", "-c", start, "sh", ...argv], { ...options, input });
  return { argv, ...result };
}

/** Blocks are shared where the file system can. */
async function putFile(from: string, to: string, onProgress?: (fraction: number) => void): Promise<void> {
  await removeDeadDrafts(to);
  const draft = draftOf(to);
  try {
    await copyFile(from, draft, constants.COPYFILE_FICLONE);
    const file = await open(draft, "r+");
    await file.sync().finally(() => file.close());
    await rename(draft, to);
  } finally {
    await rm(draft, { force: true });
  }
  onProgress?.(1);
}

function isNoDirectory(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOTDIR";
}

/** The same host, for all commands of which there is one limit: looking at 64 guests is as many as starting them. */
export function limitHost(host: Host, limit: Limit): Host {
  return { ...host, run: (argv, options) => limit(() => host.run(argv, options)) };
}

/** Variables of rc.conf; those that are not set are left out. Undefined where there is no rc.conf at all: not FreeBSD. */
export async function readRcConf(
  host: Host,
  names: readonly string[],
): Promise<ReadonlyMap<string, string> | undefined> {
  const { stdout, exitCode } = await host.run(["sysrc", "-i", ...names], { timeoutMs: 10_000 });
  if (exitCode === undefined) return undefined;
  const lines = stdout.split("\n").flatMap((line) => {
    const [, key, value] = /^(\w+): (.*)$/.exec(line) ?? [];
    return key === undefined || value === undefined || value === "" ? [] : [[key, value] as const];
  });
  return new Map(lines);
}

/** What `vm_dir` in rc.conf means. */
export interface VmDir {
  readonly path: string;
  /** The ZFS dataset that is mounted there; absent where it is a directory like any other. */
  readonly dataset?: string;
}

/** Undefined where none is configured or mounted. */
export async function findVmDir(host: Host): Promise<VmDir | undefined> {
  const given = (await readRcConf(host, ["vm_dir"]))?.get("vm_dir");
  if (given === undefined) return undefined;
  if (!given.startsWith("zfs:")) return { path: given };
  const dataset = given.slice("zfs:".length);
  const argv = ["zfs", "get", "-H", "-o", "value", "mountpoint", dataset];
  const path = (await host.run(argv, { timeoutMs: 10_000 })).stdout.trim();
  return path.startsWith("/") ? { path, dataset } : undefined;
}

/** A host whose `$vm_dir` is known: paths and words that hold it, or its dataset, may be used as they are. */
export interface VmHost extends Host {
  readonly vmDir: string;
  /** Absent where `vm` has no ZFS. */
  readonly dataset?: string;
  resolve(text: string): string;
}

export function withVmDir(host: Host, { path: directory, dataset }: VmDir): VmHost {
  const resolve = (text: string) =>
    text.replaceAll(vmDir, () => directory).replaceAll(vmDataset, () => dataset ?? vmDataset);
  return {
    ...host,
    vmDir: directory,
    ...(dataset !== undefined && { dataset }),
    resolve,
    run: (argv, options) => host.run(argv.map(resolve), options),
    duplex: (argv) => host.duplex(argv.map(resolve)),
    read: (path) => host.read(resolve(path)),
    exists: (path) => host.exists(resolve(path)),
    list: (path) => host.list(resolve(path)),
    put: (from, to, onProgress) => host.put(from, resolve(to), onProgress),
  };
}

export function notConfigured({ name = "this machine" }: Host): HostError {
  return new HostError({
    code: "E_NO_VM_BHYVE",
    message: `vm-bhyve is not set up on ${name}: rc.conf names no vm_dir`,
    hint: "lab doctor --hypervisor vm-bhyve",
  });
}
