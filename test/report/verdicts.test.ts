import { describe, expect, it } from "vitest";
import { escapeXml, formatJunit } from "../../src/report/junit.ts";
import { formatVerdicts, verdictsToJson } from "../../src/report/verdicts.ts";
import type { Verdict } from "../../src/verify/model.ts";

const verdicts: readonly Verdict[] = [
  {
    check: "next-hops/spine01/web",
    row: 7,
    title: "spine01's kernel sends 172.20.0.1 to leaf01, leaf02",
    node: "spine01",
    status: "fail",
    expected: "2 next hops: swp3 swp4",
    seen: "1 next hop: swp4; missing swp3 (leaf01)",
    hint: "lab exec spine01 -- ip route show 172.20.0.1/32",
  },
  {
    check: "sessions/spine01",
    row: 7,
    title: "spine01 has BGP sessions",
    node: "spine01",
    status: "pass",
    expected: "3 sessions",
    seen: "3 of 3 sessions up",
  },
  {
    check: "sessions/leaf01",
    row: 7,
    title: "leaf01 has BGP sessions",
    node: "leaf01",
    status: "skip",
    expected: "1 session",
    seen: "",
    reason: "leaf01 does not answer",
  },
  {
    check: "node/spine01",
    row: 1,
    title: "spine01 answers",
    node: "spine01",
    status: "pass",
    expected: "a",
    seen: "a",
  },
  {
    check: "playbook/leaves",
    row: 5,
    title: "the playbook ran",
    node: "leaf01",
    status: "skip",
    expected: "changed=0",
    seen: "",
    reason: "the playbook did not run in this verification",
  },
];

describe("verdicts for people", () => {
  it("are one line per row, with failures in full and skips by reason", () => {
    expect(formatVerdicts(verdicts)).toEqual([
      " 1 pass Every node answers and every segment joins the ports it should (1)",
      " 5 skip A second run of the playbook changes nothing (0 of 1)",
      "     1 skipped: the playbook did not run in this verification",
      " 7 FAIL Spines and edges: one next hop per leaf with a live server; EVPN joins the leaves (1 of 3)",
      "     spine01's kernel sends 172.20.0.1 to leaf01, leaf02",
      "       expected  2 next hops: swp3 swp4",
      "       seen      1 next hop: swp4; missing swp3 (leaf01)",
      "       try       lab exec spine01 -- ip route show 172.20.0.1/32",
      "     1 skipped: leaf01 does not answer",
      "",
      "5 checks: 2 passed, 1 failed, 2 skipped",
    ]);
  });

  it("take the caller's colours", () => {
    const lines = formatVerdicts(verdicts, { paint: (style, text) => `<${style}>${text}</>` });
    expect(lines[0]).toMatch(/^ 1 <green>pass<\/> /);
    expect(lines.at(-1)).toBe("<red>5 checks</>: 2 passed, <red>1 failed</>, <yellow>2 skipped</>");
  });
});

describe("verdicts for machines", () => {
  it("have every key, null where it does not apply", () => {
    const { checks, ...totals } = verdictsToJson(verdicts);
    expect(totals).toEqual({ ok: false, passed: 2, failed: 1, skipped: 2, spread: [] });
    const keys = ["id", "row", "title", "node", "status", "expected", "seen", "reason", "hint"];
    for (const check of checks) expect(Object.keys(check)).toEqual(keys);
    expect(checks[1]).toMatchObject({ id: "sessions/spine01", reason: null, hint: null });
  });

  it("are JUnit, a suite per row and a case per check", () => {
    expect(formatJunit(verdicts, "a & b")).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="a &amp; b" tests="5" failures="1" errors="0" skipped="2">
  <testsuite name="1. Every node answers and every segment joins the ports it should" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="spine01" name="spine01 answers"/>
  </testsuite>
  <testsuite name="5. A second run of the playbook changes nothing" tests="1" failures="0" errors="0" skipped="1">
    <testcase classname="leaf01" name="the playbook ran">
      <skipped message="the playbook did not run in this verification"/>
    </testcase>
  </testsuite>
  <testsuite name="7. Spines and edges: one next hop per leaf with a live server; EVPN joins the leaves" tests="3" failures="1" errors="0" skipped="1">
    <testcase classname="spine01" name="spine01&apos;s kernel sends 172.20.0.1 to leaf01, leaf02">
      <failure message="1 next hop: swp4; missing swp3 (leaf01)">expected: 2 next hops: swp3 swp4&#10;seen: 1 next hop: swp4; missing swp3 (leaf01)&#10;try: lab exec spine01 -- ip route show 172.20.0.1/32</failure>
    </testcase>
    <testcase classname="spine01" name="spine01 has BGP sessions"/>
    <testcase classname="leaf01" name="leaf01 has BGP sessions">
      <skipped message="leaf01 does not answer"/>
    </testcase>
  </testsuite>
</testsuites>
`);
  });

  it("escape what XML cannot hold", () => {
    expect(escapeXml('<a b="c">&\'\n\u0000\u001b\ud800葉😀')).toBe(
      "&lt;a b=&quot;c&quot;&gt;&amp;&apos;&#10;\ufffd\ufffd\ufffd葉😀",
    );
  });
});
