/** When each router turned away after a fault, and came back after the repair. Milliseconds after the one or the other. */
import type { Observed, Seen, Turn } from "./model.ts";
import { isSame } from "./turns.ts";

/** Absent where it never happened. */
export interface Moments {
  /** The first change of any router's routes. */
  readonly detectedMs?: number;
  /** The last router of each tier no longer sends anything to what is lost. */
  readonly leafMs?: number;
  readonly spineMs?: number;
  readonly edgeMs?: number;
  /** All of them send it to others, where there are any. */
  readonly turnedMs?: number;
  /** All routers have their planned routes again, counted from the repair. */
  readonly backMs?: number;
}

export function momentsOf({ turns, seen, faultMs, repairMs }: Observed): Moments {
  const turning = turns.filter(isTurning);
  const during = (router: string) => (seen[router] ?? []).filter(({ atMs }) => atMs >= faultMs && atMs < repairMs);
  const turned = turning.map((turn) => ({
    role: turn.role,
    awayMs: after(faultMs, during(turn.router), (ports) => isAway(turn, ports)),
    turnedMs: after(faultMs, during(turn.router), (ports) => hasTurned(turn, ports)),
  }));
  const last = (role: Turn["role"]) => latest(turned.flatMap((one) => (role === one.role ? [one.awayMs] : [])));
  const first = turning.flatMap(({ router }) =>
    during(router)
      .slice(0, 1)
      .map(({ atMs }) => atMs - faultMs),
  );
  return withoutAbsent({
    detectedMs: first.length === 0 ? undefined : Math.min(...first),
    leafMs: last("leaf"),
    spineMs: last("spine"),
    edgeMs: last("edge"),
    turnedMs: latest(turned.map(({ turnedMs }) => turnedMs)),
    backMs: latest(turns.map((turn) => backAfter(turn, seen[turn.router] ?? [], repairMs))),
  });
}

/** Whether a router's routes lead to nothing that is lost, be it that they lead nowhere. */
function isAway({ turned = [], whole }: Pick<Turn, "turned" | "whole">, ports: readonly string[]): boolean {
  const lost = new Set(whole.filter((port) => !turned.includes(port)));
  return ports.every((port) => !lost.has(port));
}

/** The same, and to others where there are any; fewer than there could be are enough. */
export function hasTurned(turn: Pick<Turn, "turned" | "whole">, ports: readonly string[]): boolean {
  const { turned } = turn;
  return turned === undefined || (isAway(turn, ports) && (turned.length === 0 || ports.length > 0));
}

export function isTurning(turn: Turn): boolean {
  return turn.turned !== undefined;
}

/** From when on it held until the end. */
function after(
  startMs: number,
  seen: readonly Seen[],
  holds: (ports: readonly string[]) => boolean,
): number | undefined {
  const lastWrong = seen.findLastIndex(({ ports }) => !holds(ports));
  const right = seen[lastWrong + 1];
  return right === undefined ? undefined : right.atMs - startMs;
}

/** Zero for a router whose routes the repair found whole. */
function backAfter({ whole }: Turn, seen: readonly Seen[], repairMs: number): number | undefined {
  const lastWrong = seen.findLastIndex(({ ports }) => !isSame(ports, whole));
  const right = seen[lastWrong + 1];
  if (right === undefined) return lastWrong === -1 ? 0 : undefined;
  return Math.max(0, right.atMs - repairMs);
}

/** Undefined where one of them never came, or there is none. */
function latest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.flatMap((time) => time ?? []);
  return known.length === 0 || known.length < times.length ? undefined : Math.max(...known);
}

function withoutAbsent(moments: { readonly [Key in keyof Moments]: Moments[Key] | undefined }): Moments {
  return Object.fromEntries(Object.entries(moments).filter(([, ms]) => ms !== undefined));
}

/** One thing that happened. */
export interface Happening {
  /** Milliseconds after the fault; negative before it. */
  readonly ms: number;
  readonly node: string;
  /** What it is, or what the kernel sends to from then on. */
  readonly what: string;
}

/** The fault, the repair, and every change of every router's routes, in order. */
export function timelineOf({ fault, faultMs, repairMs, seen }: Observed): readonly Happening[] {
  const changes = Object.entries(seen).flatMap(([node, states]) =>
    // The first is what there was before.
    states.slice(1).map(({ atMs, ports }) => ({ atMs, node, what: ports.join(" ") || "no route" })),
  );
  const acts = [
    { atMs: faultMs, node: fault.node, what: "broken" },
    { atMs: repairMs, node: fault.node, what: "mended" },
  ];
  return [...acts, ...changes]
    .toSorted((one, other) => one.atMs - other.atMs)
    .map(({ atMs, node, what }) => ({ ms: Math.round(atMs - faultMs), node, what }));
}
