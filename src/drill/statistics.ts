/** Many runs in three numbers. */

export interface Statistics {
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** Undefined of nothing. The nearest rank: each number is one that was measured. */
export function statisticsOf(values: readonly number[]): Statistics | undefined {
  const sorted = values.toSorted((one, other) => one - other);
  const rank = (part: number) => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
  const [p50, p95, max] = [rank(0.5), rank(0.95), rank(1)];
  return p50 === undefined || p95 === undefined || max === undefined ? undefined : { n: sorted.length, p50, p95, max };
}
