/**
 * What verification speaks of: checks (what must be true, where, by when), questions (how a node is asked), answers and
 * verdicts. All of it is plain JSON. Nothing here asks: `remote/` does, and `judge.ts` reads what came back.
 */
import type { End } from "../plan/model.ts";

/** Row of the list of what the reference fabric must show; see `rows.ts`. Row 11 belongs to drills. */
export type Row = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12;

/** A command to run on a node: a program and its arguments, never a shell string. */
export interface Question {
  readonly kind: "command";
  readonly argv: readonly string[];
  readonly format: "json" | "text";
  /** Waits for the network for a while, so that no other question should queue behind it. */
  readonly waits?: true;
}

/** A question and who is asked. */
export interface Ask {
  readonly node: string;
  readonly question: Question;
}

/**
 * By when a check must hold, and in which order the classes are asked. `settled`: identity and configuration, true as soon
 * as the stage before is done. `routing`: sessions and routes, true once BGP has converged. `traffic`: what only makes
 * sense, or only costs little, once routing holds.
 */
export type Deadline = "settled" | "routing" | "traffic";

/** How long a check of each class may be asked again before its verdict stands, in milliseconds. */
export const deadlines: Readonly<Record<Deadline, number>> = { settled: 10_000, routing: 30_000, traffic: 15_000 };

/** One thing that must be true. */
export interface Check {
  /** Unique and stable, e.g. `next-hops/spine01/web`. */
  readonly id: string;
  readonly row: Row;
  /** A sentence that is true when the check holds. */
  readonly title: string;
  /** The node a verdict is about. */
  readonly node: string;
  /** What must be asked; answers are judged in this order. Empty only for facts that are handed in (the playbook's). */
  readonly asks: readonly Ask[];
  readonly expect: Expectation;
  readonly deadline: Deadline;
}

/** What each kind of check expects; one judge per kind. */
export interface Expectations {
  hostname: { readonly name: string };
  segment: { readonly ends: readonly PlannedEnd[] };
  addresses: { readonly interfaces: readonly PlannedAddresses[] };
  lease: { readonly mac: string; readonly address: string; readonly name: string };
  identical: { readonly files: readonly string[]; readonly nodes: readonly string[] };
  daemons: { readonly daemons: readonly string[] };
  vip: { readonly interface: string; readonly address: string };
  silent: { readonly address: string };
  sysctls: { readonly values: Readonly<Record<string, string | number>> };
  playbook: { readonly leaves: readonly string[] };
  sessions: { readonly peers: readonly PlannedPeer[] };
  port: { readonly peer: PlannedPeer; readonly prefixes: number };
  guards: { readonly peer: PlannedPeer } & Guards;
  serverGuard: { readonly ports: readonly string[] };
  bfd: { readonly peers: readonly PlannedPeer[] };
  nextHops: { readonly prefix: string; readonly hops: readonly NextHop[] };
  paths: { readonly prefix: string; readonly peers: readonly PlannedPeer[] };
  vteps: { readonly vni: number; readonly remotes: readonly { readonly node: string; readonly address: string }[] };
  returnPath: { readonly device: string; readonly gateway: string };
  trace: { readonly hops: readonly TraceHop[] };
  ping: { readonly ttl?: number };
  http: { readonly servers: readonly string[]; readonly text: string };
  spread: { readonly shares: Readonly<Record<string, number>>; readonly flows: number; readonly tolerance: number };
}

/** The name of a kind of check. */
export type ExpectationKind = keyof Expectations;

/** One expectation of the given kinds (of all kinds if none are given), told apart by `kind`. */
export type Expectation<Kind extends ExpectationKind = ExpectationKind> = {
  [K in Kind]: { readonly kind: K } & Expectations[K];
}[Kind];

/** A port and what it must show. */
export interface PlannedEnd extends End {
  /** Absent on the hypervisor's own end, which is a bridge of its own making. */
  readonly mac?: string;
  readonly mtu?: number;
}

/** What one port must have. */
export interface PlannedAddresses {
  readonly name: string;
  readonly mac: string;
  /** With prefix length; empty where the interface has only its link-local address. */
  readonly ipv4: readonly string[];
  readonly linkLocal: string;
}

/** A BGP or BFD peer as FRR calls it. */
export interface PlannedPeer {
  /** The peer as FRR names it: the interface, or the address on a numbered link. */
  readonly peer: string;
  readonly remoteAsn: number;
  readonly node: string;
}

/** Names of the filters on a session with a server. */
export interface Guards {
  /** The peer group of all servers: it alone says whether their AS is named by number. */
  readonly group: string;
  readonly prefixListIn: string;
  /** Absent where the back end that configures this leaf has no route-maps (NCLU). */
  readonly routeMapIn?: string;
  readonly prefixListOut: string;
  /** The session is hung up after so many prefixes, accepted or not; absent where NCLU has no words for it. */
  readonly alarm?: { readonly prefixes: number; readonly restartMinutes: number };
}

/** One next hop of a kernel's route. */
export interface NextHop {
  readonly device: string;
  /** Link-local or, on numbered links, IPv4 address of the next hop. */
  readonly via: string;
  readonly node: string;
}

/** One router on the way, or one of several that are equally good. */
export interface TraceHop {
  readonly role: string;
  /** Any of these addresses may answer for this hop. */
  readonly candidates: readonly { readonly node: string; readonly addresses: readonly string[] }[];
}

/** What came back. */
export type Answer =
  | { readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  /** The node could not be asked; the text says why. */
  | { readonly unreachable: string };

/** An answer of a node that could be asked. */
export type Reply = Exclude<Answer, { unreachable: string }>;

/** What the last playbook run reported, by leaf: Ansible's `changed=` of its recap. */
export type PlaybookFacts = Readonly<Record<string, { readonly changed: number; readonly failed: number }>>;

/** How the last playbook run ended: what it reported, or what Ansible said when it failed. */
export type PlaybookOutcome = PlaybookFacts | Error;

/** A check's outcome; all that reports show. */
export interface Verdict {
  readonly check: string;
  readonly row: Row;
  readonly title: string;
  readonly node: string;
  readonly status: "pass" | "fail" | "skip";
  readonly expected: string;
  readonly seen: string;
  /** Why a check was skipped. */
  readonly reason?: string;
  /** Asking again cannot change it: the node lacks what the check is about. */
  readonly final?: true;
  /** What to do, or where to look. */
  readonly hint?: string;
  /** Requests answered by each server, of checks that count them. */
  readonly share?: Readonly<Record<string, number>>;
}

/** A judge's answer, before the check's own words are added to it. */
export interface Finding {
  readonly good: boolean;
  readonly expected: string;
  readonly seen: string;
  /** Why it could not be judged at all, whatever is asked again; then neither good nor bad. */
  readonly reason?: string;
  readonly hint?: string;
  readonly share?: Readonly<Record<string, number>>;
}
