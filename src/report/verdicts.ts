/** Verdicts for people, one line per row of the reference and the failures in full; and for machines, with stable keys. */
import type { Row, Verdict } from "../verify/model.ts";
import { rowTitles } from "../verify/rows.ts";
import { summarise, type Summary } from "../verify/summary.ts";
import { type LayoutOptions, type Paint, plain } from "./paint.ts";
import { oneLine, padding } from "./width.ts";

/** The verdicts of one row, with its heading. */
export interface RowVerdicts {
  readonly row: Row;
  readonly title: string;
  readonly verdicts: readonly Verdict[];
}

/** Verdicts by row, in the order of the rows; rows without checks are left out. */
export function groupByRow(verdicts: readonly Verdict[]): readonly RowVerdicts[] {
  const rows = [...new Set(verdicts.map(({ row }) => row))].toSorted((one, other) => one - other);
  return rows.map((row) => ({
    row,
    title: rowTitles[row],
    verdicts: verdicts.filter((verdict) => verdict.row === row),
  }));
}

/** Lines without line breaks, the summary last. */
export function formatVerdicts(verdicts: readonly Verdict[], options: LayoutOptions = {}): readonly string[] {
  const paint = options.paint ?? plain;
  const groups = groupByRow(verdicts);
  return [...groups.flatMap((group) => formatRow(group, paint)), "", formatSummary(summarise(verdicts), paint)];
}

/** `96 checks: 94 passed, 1 failed, 1 skipped` */
function formatSummary({ passed, failed, skipped, ok }: Summary, paint: Paint = plain): string {
  const parts = [
    `${passed} passed`,
    ...(failed > 0 ? [paint("red", `${failed} failed`)] : []),
    ...(skipped > 0 ? [paint("yellow", `${skipped} skipped`)] : []),
  ];
  const total = passed + failed + skipped;
  return `${paint(ok ? "green" : "red", `${total} check${total === 1 ? "" : "s"}`)}: ${parts.join(", ")}`;
}

function formatRow({ row, title, verdicts }: RowVerdicts, paint: Paint): readonly string[] {
  const passed = verdicts.filter(({ status }) => status === "pass").length;
  const failures = verdicts.filter(({ status }) => status === "fail");
  const word = formatWord(failures.length, passed, verdicts.length, paint);
  const tally = passed === verdicts.length ? `${passed}` : `${passed} of ${verdicts.length}`;
  return [
    `${String(row).padStart(2)} ${word} ${title} ${paint("dim", `(${tally})`)}`,
    ...failures.flatMap((failure) => formatFailure(failure, paint)),
    ...formatSkips(verdicts, paint),
  ];
}

function formatWord(failed: number, passed: number, total: number, paint: Paint): string {
  if (failed > 0) return paint("red", "FAIL");
  if (passed === 0 && total > 0) return paint("yellow", "skip");
  return paint("green", "pass");
}

function formatFailure({ title, expected, seen, hint }: Verdict, paint: Paint): readonly string[] {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["expected", expected],
    ["seen", seen],
    ["try", hint],
  ];
  return [
    `     ${paint("red", oneLine(title))}`,
    ...facts.flatMap(([name, text]) => (text === undefined ? [] : [formatFact(name, text, paint)])),
  ];
}

function formatFact(name: string, text: string, paint: Paint): string {
  return `       ${paint("dim", name)}${padding(name, 10)}${oneLine(text)}`;
}

/** Skips of one reason share a line. */
function formatSkips(verdicts: readonly Verdict[], paint: Paint): readonly string[] {
  const counts = new Map<string, number>();
  for (const { status, reason = "no reason given" } of verdicts) {
    if (status === "skip") counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, number]) => `     ${paint("yellow", `${number} skipped`)}: ${oneLine(reason)}`);
}

/** What `lab verify --json` prints. Every key is always there; null stands for what does not apply. */
export interface VerdictsJson {
  readonly ok: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly spread: Summary["spread"];
  readonly checks: readonly {
    readonly id: string;
    readonly row: number;
    readonly title: string;
    readonly node: string;
    readonly status: Verdict["status"];
    readonly expected: string;
    readonly seen: string;
    readonly reason: string | null;
    readonly hint: string | null;
  }[];
}

/** Every key is always there; what a verdict does not have is null. */
export function verdictsToJson(verdicts: readonly Verdict[]): VerdictsJson {
  const { ok, passed, failed, skipped, spread } = summarise(verdicts);
  const checks = verdicts.map(({ check, row, title, node, status, expected, seen, reason, hint }) => ({
    id: check,
    row,
    title,
    node,
    status,
    expected,
    seen,
    reason: reason ?? null,
    hint: hint ?? null,
  }));
  return { ok, passed, failed, skipped, spread, checks };
}
