/** Captured answers, and the checks of the fabric they were captured on. */
import { readFileSync } from "node:fs";
import { checksOf } from "../../src/verify/checks.ts";
import { judge } from "../../src/verify/judge.ts";
import type { Check, Reply, Verdict } from "../../src/verify/model.ts";
import { smallPlan } from "./small-plan.ts";

/** What a real node printed; see `fixtures/frr-10.3/README.md`. */
export function captured(name: string): Reply {
  const url = new URL(`fixtures/frr-10.3/${name}.txt`, import.meta.url);
  return printed(readFileSync(url, "utf8"));
}

export function printed(stdout: string, exitCode = 0, stderr = ""): Reply {
  return { exitCode, stdout, stderr };
}

const checks = new Map(checksOf(smallPlan).map((check) => [check.id, check]));

export function checkNamed(id: string): Check {
  const check = checks.get(id);
  if (check === undefined) throw new Error(`no check ${id}`);
  return check;
}

export function judged(id: string, ...replies: readonly Reply[]): Verdict {
  return judge(checkNamed(id), replies);
}
