/** What healthd says of itself: one value for `healthctl status`, JSON and metrics. */
import type { Keeper } from "../daemon/keeper.ts";
import type { Routing } from "../daemon/routing.ts";
import type { Seen } from "../machine/event.ts";
import { isAnnounced, type Mode, neededPasses, type Phase } from "../machine/state.ts";

export interface ServiceStatus {
  readonly name: string;
  readonly phase: Phase;
  readonly reason: string;
  /** Seconds in this phase. */
  readonly forS: number;
  readonly prefixes: readonly string[];
  readonly interface: string;
  /** What is to be, and what is. */
  readonly wanted: boolean;
  readonly seen: Seen;
  readonly mode: Mode;
  readonly passes: number;
  readonly neededPasses: number;
  readonly failures: number;
  readonly windowFailures: number;
  readonly flaps: number;
  /** Seconds until it may come up. */
  readonly heldS: number;
  /** Seconds until the address goes unless a check is completed; nothing while it is not announced. */
  readonly leaseS?: number;
  readonly checks: Readonly<Record<"ok" | "fail" | "unknown", number>>;
  readonly checkSeconds: number;
  readonly moves: Readonly<Partial<Record<Phase, number>>>;
  readonly failedActs: number;
  /** Seconds since 1970. */
  readonly lastOk?: number;
}

export interface Status {
  readonly pid: number;
  /** Nothing if healthd was not told where vtysh is. */
  readonly bgpd?: Routing;
  readonly services: readonly ServiceStatus[];
}

export function describeService(
  keeper: Pick<Keeper, "service" | "state" | "tally" | "seen">,
  now: number,
): ServiceStatus {
  const { name, prefixes, interface: loopback } = keeper.service();
  const state = keeper.state();
  const { lastOk, ...counts } = keeper.tally();
  const { phase, reason, mode, passes, failures, flaps } = state;
  return {
    name,
    phase,
    reason,
    forS: secondsFrom(now - state.since),
    prefixes,
    interface: loopback,
    wanted: isAnnounced(state),
    seen: keeper.seen(),
    mode,
    passes,
    neededPasses: neededPasses(state),
    failures,
    windowFailures: state.window.filter(Boolean).length,
    flaps,
    heldS: secondsFrom(state.heldUntil - now),
    ...(isAnnounced(state) && { leaseS: secondsFrom(state.knownAt + state.rules.leaseMs - now) }),
    ...counts,
    ...(lastOk !== undefined && { lastOk }),
  };
}

function secondsFrom(ms: number): number {
  return Math.max(0, Math.round(ms / 100) / 10);
}

/** A line per service, for people. */
export function formatStatus({ services, bgpd }: Status): string {
  const rows = services.map(({ name, phase, seen, prefixes, forS, mode, reason }) => [
    name,
    phase,
    seen,
    prefixes.join(","),
    `${Math.round(forS)} s`,
    mode === "ready" ? reason : `${reason} (${mode})`,
  ]);
  const all = [["service", "phase", "interface", "prefix", "for", "reason"], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const routing = bgpd?.answers === false ? [`bgpd does not answer: ${bgpd.reason}`] : [];
  return [...lines, ...routing].map((line) => `${line}\n`).join("");
}
