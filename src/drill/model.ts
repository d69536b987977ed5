/**
 * What drills speak of: a scenario (what can go wrong), a fault (one case of it in this lab, and its repair), what the
 * kernels and the clients saw of it. All of it is plain data; nothing here acts.
 */
import type { Argv } from "../kinds/kind.ts";
import type { Plan, Service } from "../plan/model.ts";

/** Something that can go wrong. Adding one is adding a file beside the others and a line in `registry.ts`. */
export interface Scenario {
  readonly name: string;
  /** What happens and what is mended, in a clause. */
  readonly summary: string;
  /** One case for each node or link that it can happen to, in the order of the plan; runs take them in turn. */
  readonly faults: (plan: Plan, service: Service) => readonly Fault[] | Unfit;
}

/** Why a lab cannot have this drill, in a clause. */
export interface Unfit {
  readonly unfit: string;
}

/** One thing that goes wrong on one node. */
export interface Fault {
  /** In a clause, e.g. `lo1 of server01 is destroyed`. */
  readonly title: string;
  /** Where it is made, and mended. */
  readonly node: string;
  /** One after the other in one round trip; each must succeed. */
  readonly acts: readonly Argv[];
  /** Mends whatever the acts did, or the first of them: some may fail, for there is nothing for them to do. */
  readonly repair: readonly Argv[];
  /** Daemons of FRR start anew, by the repair. */
  readonly startsAnew?: true;
  readonly lost: Lost;
  /** How long routers may take to turn away, in milliseconds. */
  readonly turnWithinMs: number;
}

/** What takes no part in serving while the fault lasts. */
export interface Lost {
  readonly servers?: readonly string[];
  /** Routers. */
  readonly nodes?: readonly string[];
  /** Names of segments. */
  readonly segments?: readonly string[];
}

/** A router and the ports its kernel sends the service's packets to. */
export interface Turn {
  readonly router: string;
  readonly role: "leaf" | "spine" | "edge";
  /** While all is well. */
  readonly whole: readonly string[];
  /** While the fault lasts; undefined for a router that is lost itself. */
  readonly turned: readonly string[] | undefined;
}

/** What a kernel's routes to the service were from a moment on. */
export interface Seen {
  /** Milliseconds since the epoch, by the clock of this machine. */
  readonly atMs: number;
  readonly ports: readonly string[];
}

/** One request of a client, as it was sent; nothing was tried again. */
export interface Request {
  readonly client: string;
  /** When it was sent, in milliseconds since the epoch by the clock of this machine. */
  readonly atMs: number;
  /** How long the whole exchange took, or took to fail. */
  readonly tookMs: number;
  /** Who answered. */
  readonly server?: string;
  /** Why nobody did, e.g. `ECONNREFUSED`. */
  readonly error?: string;
}

/** What the kernel of a router counted. */
export interface Counted {
  /** Packets that it dropped since their time to live was over: each went in a circle. */
  readonly expired: number;
  readonly forwarded: number;
}

/** All that was seen of one fault. */
export interface Observed {
  readonly fault: Fault;
  readonly turns: readonly Turn[];
  /** When the fault was made, and when it was mended. */
  readonly faultMs: number;
  readonly repairMs: number;
  /** When steady traffic after the recovery began; undefined where routers did not come back. */
  readonly wholeMs?: number;
  /** By router, in order of time. */
  readonly seen: Readonly<Record<string, readonly Seen[]>>;
  readonly requests: readonly Request[];
  /** How many requests the clients say they have sent. */
  readonly sent: number;
  /** By router, from just before the fault to the end. */
  readonly counted: Readonly<Record<string, Counted>>;
  /** How far the clocks of nodes may be off, at most; 0 where all have one kernel. */
  readonly clockMs: number;
}
