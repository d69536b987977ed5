/** The clocks of nodes against ours: machines of their own have clocks of their own. */

/** Asked in front of whatever is to be timed. Parts of a second are GNU's, and FreeBSD's from 14.1 on. */
export const dateArgv = ["date", "+%s.%N"] as const;

/** Milliseconds since the epoch; undefined of a `date` that knows no parts of a second. */
export function readDate(text: string): number | undefined {
  const [, seconds, fraction] = /^(\d{1,12})\.(\d{1,9})\n?$/.exec(text) ?? [];
  return seconds === undefined ? undefined : Number(seconds) * 1000 + Number(`0.${fraction}`) * 1000;
}

/** One look at a clock: ours before and after, and what it said in between. */
export interface Look {
  readonly beginMs: number;
  readonly endMs: number;
  readonly nodeMs: number;
}

/** How far a clock is ahead of ours, and how wrong that may be. */
export interface Offset {
  readonly aheadMs: number;
  readonly errorMs: number;
}

/** From the quickest look, whose answer had the least time to age; undefined of none. */
export function offsetOf(looks: readonly Look[]): Offset | undefined {
  const [best] = looks.toSorted((one, other) => one.endMs - one.beginMs - (other.endMs - other.beginMs));
  if (best === undefined) return undefined;
  const { beginMs, endMs, nodeMs } = best;
  return { aheadMs: nodeMs - (beginMs + endMs) / 2, errorMs: (endMs - beginMs) / 2 };
}
