/** Verdicts in numbers: what a command's exit code, its last line and the share per server come from. */
import type { Verdict } from "./model.ts";

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

function sharesOf(share: Readonly<Record<string, number>>): readonly ServerShare[] {
  const entries = Object.entries(share);
  const total = entries.reduce((sum, [, flows]) => sum + flows, 0);
  return entries.map(([server, flows]) => ({ server, flows, share: total === 0 ? 0 : flows / total }));
}
