/**
 * The hypervisor contract. A driver turns plan steps into acts (argv lists, with what they read on standard input) and
 * knows how to undo them; one interpreter runs or prints the acts, so a dry run is never a second code path.
 */
import type { Duplex } from "node:stream";
import type { Argv, Hypervisor } from "../kinds/kind.ts";
import type { End, Node, Plan, RenderedFile, Route, Step } from "../plan/model.ts";
import type { RunOptions, RunResult } from "../system/exec.ts";
import type { Condition, Proof } from "./proof.ts";

/** One command of the hypervisor. */
export interface Act {
  /** What it does, for people: "start 14 guests". */
  readonly does: string;
  readonly argv: Argv;
  readonly input?: string | Uint8Array;
  /** What of the input people read, where that is packed. */
  readonly shown?: string;
  /** The command's standard streams are a guest's serial console, on which this is done. */
  readonly console?: ConsoleLogin;
  /** The process goes on after us; its first line on stdout says that it is ready. */
  readonly detached?: boolean;
  /** What it starts goes on after it has returned: it has a session of its own, and an interruption lets it finish. */
  readonly outlives?: boolean;
  readonly timeoutMs?: number;
  /** Removing what may be gone already. */
  readonly mayFail?: boolean;
  /** A file of this machine that gets this place on the hypervisor, where it only ever is whole; the command tells people. */
  readonly puts?: { readonly from: string; readonly to: string };
  /** What must hold before; else the act fails and nothing is run. */
  readonly needs?: readonly Condition[];
  /** Without all of these there is nothing to do. */
  readonly when?: readonly Condition[];
  /** What must hold afterwards, where the exit code does not tell. */
  readonly proof?: Proof;
  /** Guests that are told to do something; each must answer that it did. */
  readonly guests?: readonly string[];
}

/** A login by the password that every image of a kind has, and what root is to run then. */
export interface ConsoleLogin {
  readonly user: string;
  readonly password: string;
  readonly script: string;
  /** The way out for a person. */
  readonly hint: string;
}

/** Acts of one wave may run side by side; waves run one after the other. */
export type Wave = readonly Act[];

/** What to make: steps of the plan, and the ports to plug in (all ports of new guests, new ports of running ones). */
export interface Build {
  readonly plan: Plan;
  readonly steps: readonly Step[];
  readonly ports: readonly End[];
  /** Guests that go on, some of whose ports are new devices now: their configuration is to be applied to them again. */
  readonly replugged: readonly string[];
  /** The client that is the hypervisor itself has other routes now. */
  readonly rerouted: boolean;
  /** Files of the guests' first boot, host keys and authorised keys included; for a virtual machine the script that writes them. */
  readonly seeds: readonly RenderedFile[];
  /** Names of images that disks of new guests are clones of, as observed. */
  readonly cloned?: readonly string[];
  /** `ip -batch` text of the client that is the hypervisor itself. */
  readonly hostBatch: string;
}

/** What to take away from a lab that goes on: steps, ports and static routes of its old plan. */
export interface Removal {
  readonly plan: Plan;
  readonly steps: readonly Step[];
  readonly ports: readonly End[];
  /** Of nodes that go on: their files say what to add, and nothing says what to forget. */
  readonly routes: readonly { readonly node: string; readonly route: Route }[];
}

/** Something this machine lacks, and the command that mends it. */
export interface HostFinding {
  readonly what: string;
  readonly status: "good" | "fallback" | "missing";
  /** What is used instead, or what will not work. */
  readonly consequence?: string;
  /** A command a person can paste. */
  readonly fix?: string;
  /** Packages that `lab doctor --fix` installs. */
  readonly packages?: readonly string[];
}

/** What is there now. */
export interface Observation {
  readonly running: boolean;
  readonly guests: readonly string[];
  /** Ports of running guests that are plugged into something. */
  readonly ports: readonly End[];
  /** Segments of the plan that exist; a link exists with its ports. */
  readonly segments: readonly string[];
  /** Names of images that disks of new guests are clones of; all others are copied. */
  readonly cloned?: readonly string[];
}

/** How what guests' disks are made of comes to the hypervisor. */
export interface Placing {
  readonly waves: readonly Wave[];
  /** What to know of them, for people who read them before they are run. */
  readonly remarks: readonly string[];
}

/** How a connection is waited for. */
export interface Patience {
  /** How long one attempt may take, in seconds. */
  readonly attemptS: number;
  /** How often it is tried again, after a tenth of a second, before the connection fails. */
  readonly retries: number;
}

/** What somebody has written down, whole or its end. */
export interface Log {
  readonly name: string;
  readonly text: string;
}

/** What `down` removed, and what it found left afterwards. */
export interface Receipt {
  readonly removed: Readonly<Record<string, number>>;
  readonly left: readonly string[];
}

export interface Driver {
  readonly name: Hypervisor;
  /** The hypervisor as people call it, where it is not this machine. */
  readonly host?: string;
  /** What is missing on this machine, and for a plan if there is one; nothing is made. */
  probe(plan?: Plan): Promise<readonly HostFinding[]>;
  /** The acts that bring what guests' disks are made of to the hypervisor, where that is not where it is kept; it only asks. */
  placeImages?(plan: Plan): Promise<Placing>;
  /** The acts that make these steps, in waves. Pure. */
  build(build: Build): readonly Wave[];
  /** The acts that take these away from a lab that goes on. Pure. */
  remove(removal: Removal): readonly Wave[];
  /** The acts that remove the whole lab. Pure; printed by `lab down --dry-run`. */
  removeAll(plan: Plan): readonly Wave[];
  /** Runs or resolves an act here and now; of one that puts a file there, it tells what share is done. */
  perform(act: Act, signal?: AbortSignal, onFraction?: (fraction: number) => void): Promise<void>;
  observe(plan: Plan): Promise<Observation>;
  /** Removes everything of the lab, whatever state it is in, and proves that nothing is left. */
  destroy(): Promise<Receipt>;
  /** The ProxyCommand that reaches a node's SSH port; undefined where the address is reachable directly. */
  proxy(node: Node, patience: Patience): Argv | undefined;
  /** The same for a file that may be used when the lab is long gone: it must then lead nowhere. */
  lastingProxy(node: Node, patience: Patience): Argv | undefined;
  /** A stream to a node's SSH port by our own connection to the hypervisor, where there is one; it goes before `proxy`. */
  openStream?(node: Node): (() => Duplex) | undefined;
  /**
   * Waits until the hypervisor answers, where our connection to it may be lost. Throws LabError `E_HYPERVISOR_LOST` where it
   * stays away.
   */
  callAgain?(signal: AbortSignal): Promise<void>;
  /** The node through whose SSH another one is reached, where nothing else has a way to it. */
  jump?(node: Node): string | undefined;
  /** Runs a command on the hypervisor as the lab's client sees it, where a process of this machine is not enough. */
  runOnHost?(argv: Argv, options?: RunOptions): Promise<RunResult>;
  /** A command of this machine that hands the terminal over to one on the hypervisor; `onHost` if absent. */
  interactOnHost?(argv: Argv): Promise<Argv>;
  /**
   * Asks many guests at once without SSH, where the hypervisor can; by node, without those that do not run. Standard
   * output holds both streams.
   */
  askGuests?(
    asks: readonly { readonly node: string; readonly argv: Argv }[],
  ): Promise<ReadonlyMap<string, { readonly exitCode: number; readonly stdout: string }>>;
  /** What the hypervisor itself has written down of a guest, where that is not among the guest's files; it need not run. */
  hostLogs?(plan: Plan, node: string): Promise<readonly Log[]>;
  /** Wraps a command so that it runs on the hypervisor as the lab's client sees it. */
  onHost(argv: Argv): Argv;
}
