/** Verdicts in numbers: what a command's exit code, its last line and the share per server come from. */
import type { Check, Deadline, Verdict } from "./model.ts";

/** One server's part of the flows. */
export interface ServerShare {
  readonly server: string;
  readonly flows: number;
  /** Of all answered flows, 0 … 1. */
  readonly share: number;
}

/** `ok` is false if any check failed. */
export interface Summary {
  readonly ok: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Per checked service, in the order of the checks. Empty while no spread was measured. */
  readonly spread: readonly { readonly check: string; readonly servers: readonly ServerShare[] }[];
}

/** Good when nothing failed: a check is skipped for a failure elsewhere, or where a fact or the kernel's help is missing. */
export function summarise(verdicts: readonly Verdict[]): Summary {
  const counted = (status: Verdict["status"]) => verdicts.filter((verdict) => verdict.status === status).length;
  return {
    ok: counted("fail") === 0,
    passed: counted("pass"),
    failed: counted("fail"),
    skipped: counted("skip"),
    spread: verdicts.flatMap(({ check, share }) => (share === undefined ? [] : [{ check, servers: sharesOf(share) }])),
  };
}

/**
 * Whether time is all that was lacking: sessions and routes were still missing when theirs was up, and nothing else failed
 * but traffic, which has no way without them.
 */
export function isLate(verdicts: readonly Verdict[], checks: readonly Check[]): boolean {
  const classes = new Map(checks.map(({ id, deadline }): [string, Deadline] => [id, deadline]));
  const failed = new Set(verdicts.flatMap(({ status, check }) => (status === "fail" ? [classes.get(check)] : [])));
  const excused: ReadonlySet<Deadline | undefined> = new Set<Deadline>(["routing", "traffic"]);
  return failed.has("routing") && [...failed].every((deadline) => excused.has(deadline));
}

function sharesOf(share: Readonly<Record<string, number>>): readonly ServerShare[] {
  const entries = Object.entries(share);
  const total = entries.reduce((sum, [, flows]) => sum + flows, 0);
  return entries.map(([server, flows]) => ({ server, flows, share: total === 0 ? 0 : flows / total }));
}
