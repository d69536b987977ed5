/** Verdicts as JUnit XML, the form CI systems read: a test suite per row, a test case per check, its node the class. */
import type { Verdict } from "../verify/model.ts";
import { groupByRow, type RowVerdicts } from "./verdicts.ts";

/** A complete document, ending in a line break. No times: what a check costs depends on the others it shares answers with. */
export function formatJunit(verdicts: readonly Verdict[], lab: string): string {
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escapeXml(lab)}" ${tallies(verdicts)}>`,
    ...groupByRow(verdicts).flatMap(formatSuite),
    "</testsuites>",
  ];
  return `${lines.join("\n")}\n`;
}

function tallies(verdicts: readonly Verdict[]): string {
  const counted = (status: Verdict["status"]) => verdicts.filter((verdict) => verdict.status === status).length;
  return `tests="${verdicts.length}" failures="${counted("fail")}" errors="0" skipped="${counted("skip")}"`;
}

function formatSuite({ row, title, verdicts }: RowVerdicts): readonly string[] {
  return [
    `  <testsuite name="${escapeXml(`${row}. ${title}`)}" ${tallies(verdicts)}>`,
    ...verdicts.flatMap(formatCase),
    "  </testsuite>",
  ];
}

function formatCase(verdict: Verdict): readonly string[] {
  const head = `<testcase classname="${escapeXml(verdict.node)}" name="${escapeXml(verdict.title)}"`;
  const result = formatResult(verdict);
  return result === undefined ? [`    ${head}/>`] : [`    ${head}>`, `      ${result}`, "    </testcase>"];
}

function formatResult({ status, expected, seen, reason, hint }: Verdict): string | undefined {
  if (status === "pass") return undefined;
  if (status === "skip") return `<skipped message="${escapeXml(reason ?? "")}"/>`;
  const facts = [`expected: ${expected}`, `seen: ${seen}`, ...(hint === undefined ? [] : [`try: ${hint}`])];
  return `<failure message="${escapeXml(seen)}">${escapeXml(facts.join("\n"))}</failure>`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  "\n": "&#10;",
  "\t": "&#9;",
  "\r": "&#13;",
};

/** XML 1.0 has no way to write most control characters, lone surrogates, U+FFFE and U+FFFF: they become U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replaceAll(/[&<>"'\n\t\r]/g, (character) => entities[character] ?? character);
}
