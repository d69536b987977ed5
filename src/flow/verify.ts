/** Asks the nodes, judges the answers, and asks again until everything holds or its deadline has passed. */
import { askNodes } from "../remote/ask.ts";
import type { Fleet } from "../remote/fleet.ts";
import type { Clock } from "../system/clock.ts";
import { judgeAll } from "../verify/judge.ts";
import {
  type Answer,
  type Check,
  type Deadline,
  deadlines,
  type PlaybookFacts,
  type Verdict,
} from "../verify/model.ts";
import { askKey, questionsOf } from "../verify/questions.ts";

export interface VerifyOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What the last playbook run reported; its check is skipped without it. */
  readonly facts?: PlaybookFacts;
  /** One look, no waiting. */
  readonly once?: boolean;
  readonly onProgress: (passed: number, total: number) => void;
}

/** Shortest pause between two looks; a look at a whole fabric takes longer than this. */
const pauseMs = 100;

/** Verdicts in the order of the checks. Traffic is sent only when there are routes for it, or no more hope of any. */
export async function verifyFabric(
  checks: readonly Check[],
  fleet: Fleet,
  options: VerifyOptions,
): Promise<readonly Verdict[]> {
  const verdicts = new Map<string, Verdict>();
  const classes: readonly (readonly Deadline[])[] = [["settled", "routing"], ["traffic"]];
  for (const deadlinesOfClass of classes) {
    const due = checks.filter((check) => deadlinesOfClass.includes(check.deadline));
    await settle(due, fleet, options, verdicts, checks.length);
  }
  return checks.flatMap((check) => verdicts.get(check.id) ?? []);
}

async function settle(
  due: readonly Check[],
  fleet: Fleet,
  options: VerifyOptions,
  verdicts: Map<string, Verdict>,
  total: number,
): Promise<void> {
  const { clock, signal } = options;
  const start = clock.now();
  let pending = due;
  for (;;) {
    signal.throwIfAborted();
    const answers = await askNodes(fleet, questionsOf(pending), { connectMs: 3000, timeoutMs: 30_000 });
    for (const verdict of judgeAll(pending, answersOf(pending, answers), options.facts)) {
      verdicts.set(verdict.check, verdict);
    }
    const passed = [...verdicts.values()].filter((verdict) => verdict.status === "pass").length;
    options.onProgress(passed, total);
    const elapsed = clock.now() - start;
    pending = pending.filter(
      (check) => verdicts.get(check.id)?.status !== "pass" && elapsed < deadlines[check.deadline],
    );
    if (pending.length === 0 || options.once === true) return;
    await clock.pause(pauseMs, signal);
  }
}

function answersOf(checks: readonly Check[], answers: ReadonlyMap<string, Answer>): ReadonlyMap<string, Answer> {
  return new Map(
    checks.flatMap((check) =>
      check.asks.map((ask) => [askKey(ask), answers.get(askKey(ask)) ?? { unreachable: "was not asked" }] as const),
    ),
  );
}
