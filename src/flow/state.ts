/** What is kept of one lab on disk, from `up` to `down`: plan, journal, lock, keys, SSH and Ansible files. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { HostError, LabError } from "../errors.ts";
import { planFormat } from "../plan/model.ts";
import { type HostUrl, parseHostUrl } from "../remote/hypervisor/url.ts";
import { isMissing, makeDirectory, readTextOr, removeTree, replaceFile } from "../system/files.ts";
import { isLabName } from "../topology/lab-name.ts";
import type { Verdict } from "../verify/model.ts";
import type { Design } from "./design.ts";

export interface State {
  readonly directory: string;
  readonly plan: string;
  readonly journal: string;
  /** Where the lab is, if on another machine. */
  readonly host: string;
  readonly keys: string;
  readonly identity: string;
  readonly knownHosts: string;
  readonly sshConfig: string;
  readonly inventory: string;
  readonly logs: string;
  /** Sockets of shared SSH connections. */
  readonly sockets: string;
  /** Mount point of the sandbox, empty when seen from outside. */
  readonly mountPoint: string;
  /** What a change has done to nodes beyond their own files, there until the change ends. */
  readonly touched: string;
  /** What a drill has broken, there until it is mended. */
  readonly drill: string;
  /** Beside the labs, so that `down` leaves them: the lock, which outlives the directory, and the last report. */
  readonly lock: string;
  readonly report: string;
}

export function locateState(root: string, lab: string): State {
  const directory = join(root, lab);
  return {
    directory,
    plan: join(directory, "plan.json"),
    journal: join(directory, "journal"),
    host: join(directory, "host"),
    keys: join(directory, "keys"),
    identity: join(directory, "keys", "identity"),
    knownHosts: join(directory, "known_hosts"),
    sshConfig: join(directory, "ssh_config"),
    inventory: join(directory, "inventory.yaml"),
    logs: join(directory, "logs"),
    sockets: join(directory, "s"),
    mountPoint: join(directory, "mnt"),
    touched: join(directory, "touched.json"),
    drill: join(directory, "drill.json"),
    lock: join(root, `${lab}.lock`),
    report: join(root, reports, `${lab}.json`),
  };
}

/** No lab can be called this. */
const reports = ".reports";

/** Names of the labs that have state; whatever else lies in the directory is none. */
export async function listLabs(root: string): Promise<string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory() && isLabName(entry.name)).map((entry) => entry.name);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

export async function makeDirectories(state: State): Promise<void> {
  for (const directory of [state.directory, state.keys, state.logs, state.sockets, state.mountPoint]) {
    await makeDirectory(directory);
  }
}

/** Before anything is made on the other machine, so that whoever comes later knows where to look. */
export async function writeHost(state: State, host: HostUrl | undefined): Promise<void> {
  if (host !== undefined) await replaceFile(state.host, `${host.text}\n`, 0o600);
}

/** The other machine on which a lab is; undefined for one on this machine, and where there is none. */
export async function readHost(state: State): Promise<HostUrl | undefined> {
  const text = await readTextOr(state.host, undefined);
  if (text === undefined) return undefined;
  try {
    return parseHostUrl(text.trim());
  } catch (cause) {
    const hint = "write the ssh:// URL of the lab's hypervisor into it, then lab down";
    throw new LabError({ code: "E_HOST_FILE", message: `${state.host} is damaged`, hint, cause });
  }
}

export async function removeState(state: State): Promise<void> {
  await removeTree(state.directory);
}

export async function writeDesign(state: State, design: Design): Promise<void> {
  await replaceFile(state.plan, `${JSON.stringify(design)}\n`, 0o600);
}

/** The stored design; undefined if there is none. Throws LabError for one that another version wrote, or not we at all. */
export async function readDesign(state: State): Promise<Design | undefined> {
  const text = await readTextOr(state.plan, undefined);
  if (text === undefined) return undefined;
  const design = parseDesign(text);
  if (design === undefined) {
    throw new LabError({
      code: "E_PLAN_FORMAT",
      message: `${state.plan} was written by another version of lab`,
      hint: "lab down, then lab up",
    });
  }
  return design;
}

function parseDesign(text: string): Design | undefined {
  try {
    const design = JSON.parse(text) as Partial<Design> | null;
    return design?.plan?.format === planFormat ? (design as Design) : undefined;
  } catch {
    return undefined;
  }
}

/** The design that is up now, for commands that only look at a lab. Throws LabError if there is none. */
export async function runningDesign(state: State): Promise<Design> {
  const design = await readDesign(state);
  if (design !== undefined) return design;
  throw new HostError({ code: "E_NO_LAB", message: `there is no lab in ${state.directory}`, hint: "lab up" });
}

/** The last verdicts of a lab, which `down` leaves. */
export async function writeVerdicts(state: State, verdicts: readonly Verdict[]): Promise<void> {
  await replaceFile(state.report, `${JSON.stringify(verdicts)}\n`, 0o600);
}
