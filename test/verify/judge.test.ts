import { describe, expect, it } from "vitest";
import { checksOf } from "../../src/verify/checks.ts";
import { judge, judgeAll } from "../../src/verify/judge.ts";
import type { Answer } from "../../src/verify/model.ts";
import { askKey } from "../../src/verify/questions.ts";
import { summarise } from "../../src/verify/summary.ts";
import { captured, checkNamed, printed } from "./answers.ts";
import { smallPlan } from "./small-plan.ts";

const checks = checksOf(smallPlan);
const leaf01 = checks.filter((check) => check.asks.some((ask) => ask.node === "leaf01"));

describe("a node that does not answer", () => {
  const answers = new Map<string, Answer>(
    leaf01.flatMap((check) =>
      check.asks.map((ask): [string, Answer] => [
        askKey(ask),
        ask.node === "leaf01" ? { unreachable: "no route to host" } : printed("[]"),
      ]),
    ),
  );
  const verdicts = judgeAll(leaf01, answers);

  it("costs exactly one failure, which names it and why", () => {
    expect(verdicts.filter(({ status }) => status === "fail")).toEqual([
      expect.objectContaining({
        check: "node/leaf01",
        node: "leaf01",
        seen: "leaf01 does not answer: no route to host",
      }),
    ]);
  });

  it("makes every other check that needs it a skip", () => {
    const others = verdicts.filter(({ check }) => check !== "node/leaf01");
    expect(others.length).toBeGreaterThan(10);
    for (const verdict of others) expect(verdict).toMatchObject({ status: "skip", reason: "leaf01 does not answer" });
  });

  it("is named by its neighbours' failures as well", () => {
    expect(judge(checkNamed("next-hops/spine01/web"), [captured("broken-spine01-routes")]).seen).toContain("leaf01");
  });
});

describe("the playbook's check", () => {
  const check = checkNamed("playbook/leaves");
  const unchanged = { changed: 0, failed: 0 };

  it("is skipped where the playbook did not run", () => {
    expect(judge(check, [])).toMatchObject({ status: "skip", reason: "the playbook did not run in this verification" });
  });

  it("passes when nothing changed on any leaf", () => {
    expect(judge(check, [], { leaf01: unchanged, leaf02: unchanged }).status).toBe("pass");
  });

  it("names the leaves that changed, failed or were left out", () => {
    const facts = { leaf01: { changed: 2, failed: 0 } };
    expect(judge(check, [], facts).seen).toBe("leaf01 changed=2; leaf02 was not in the run");
    expect(judge(check, [], { leaf01: { changed: 0, failed: 1 }, leaf02: unchanged }).seen).toBe("leaf01 failed=1");
  });
});

describe("a summary", () => {
  it("is good without failures, and knows every server's share", () => {
    const flows = printed(JSON.stringify({ total: 4, failed: 0, servers: { server01: 1, server02: 2, server03: 1 } }));
    const verdicts = [judge(checkNamed("spread/web"), [flows]), judge(checkNamed("playbook/leaves"), [])];
    expect(summarise(verdicts)).toEqual({
      ok: true,
      passed: 1,
      failed: 0,
      skipped: 1,
      spread: [
        {
          check: "spread/web",
          servers: [
            { server: "server01", flows: 1, share: 0.25 },
            { server: "server02", flows: 2, share: 0.5 },
            { server: "server03", flows: 1, share: 0.25 },
          ],
        },
      ],
    });
  });

  it("is not good with one failure", () => {
    expect(summarise([judge(checkNamed("node/leaf01"), [printed("x")])])).toMatchObject({ ok: false, failed: 1 });
  });
});
