/** Asks the nodes, judges the answers, and asks again until everything holds or its deadline has passed. */
import type { Driver } from "../drivers/driver.ts";
import { askNodes } from "../remote/ask.ts";
import type { Fleet } from "../remote/fleet.ts";
import type { Clock } from "../system/clock.ts";
import { judgeAll, judgePlayed } from "../verify/judge.ts";
import { isForFrr } from "../verify/bundle.ts";
import { type Answer, type Check, deadlines, type PlaybookOutcome, type Verdict } from "../verify/model.ts";
import { askKey, questionsOf } from "../verify/questions.ts";
import { throwIfInterrupted } from "./interrupt.ts";

export interface VerifyOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Waits for the hypervisor, which what does not answer may lie behind; its time is nobody's. */
  readonly callAgain?: Driver["callAgain"];
  /** How the last playbook run ended; its check is skipped without it. A promise is waited for last. */
  readonly played?: PlaybookOutcome | Promise<PlaybookOutcome>;
  /** Most milliseconds that a check is asked again, whatever its class allows: a fabric that is up need not converge. */
  readonly patienceMs?: number;
  readonly onProgress: (passed: number, total: number) => void;
  /** The kernels of all routers have the routes they should, or that was given up. */
  readonly onConverged?: () => void;
}

/** Shortest pause between two looks; a look at a whole fabric takes longer than this. */
const pauseMs = 100;

export interface Verification {
  /** In the order of the checks. */
  readonly verdicts: readonly Verdict[];
  /** What the nodes answered last, by `askKey`. */
  readonly answers: ReadonlyMap<string, Answer>;
  /** Milliseconds until the kernels of all routers had the routes they should, or that was given up. */
  readonly convergeMs: number;
}

/**
 * What the kernels of the routers hold is asked before the rest: it is the last thing to converge and the cheapest to look
 * at. Traffic is sent only when there are routes for it, or no more hope of any.
 */
export async function verifyFabric(
  checks: readonly Check[],
  fleet: Fleet,
  options: VerifyOptions,
): Promise<Verification> {
  const verdicts = new Map<string, Verdict>();
  const answers = new Map<string, Answer>();
  const played = checks.filter((check) => check.expect.kind === "playbook");
  const asked = checks.filter((check) => check.expect.kind !== "playbook");
  const routes = asked.filter((check) => check.expect.kind === "nextHops");
  const traffic = asked.filter((check) => check.deadline === "traffic");
  // Each call of vtysh is dear: FRR is asked everything at once, when there is something to tell.
  const settled = asked.filter(
    ({ deadline, asks }) => deadline === "settled" && !asks.some(({ question }) => isForFrr(question)),
  );
  const rest = asked.filter((check) => ![routes, traffic, settled].some((some) => some.includes(check)));
  const watch = (due: readonly Check[]) => settle(due, fleet, options, { verdicts, answers, total: checks.length });
  const ending = Promise.resolve(options.played);
  // Until it is waited for nobody would hear of its failure, and Node ends the program for that.
  ending.catch(() => undefined);
  const start = options.clock.now();
  const routed = async (): Promise<number> => {
    await watch(routes);
    const convergeMs = options.clock.now() - start;
    options.onConverged?.();
    await Promise.all([watch(rest), watch(traffic)]);
    return convergeMs;
  };
  const [convergeMs] = await Promise.all([routed(), watch(settled)]);
  const outcome = await ending;
  const silent = silentNodes(asked, answers);
  for (const check of played) verdicts.set(check.id, judgePlayed(check, outcome, silent));
  return { verdicts: checks.flatMap((check) => verdicts.get(check.id) ?? []), answers, convergeMs };
}

/** Nodes that were asked and did not answer. */
function silentNodes(checks: readonly Check[], answers: ReadonlyMap<string, Answer>): ReadonlySet<string> {
  const asks = checks.flatMap((check) => check.asks);
  return new Set(asks.flatMap((ask) => (isSilence(answers.get(askKey(ask))) ? [ask.node] : [])));
}

function isSilence(answer: Answer | undefined): boolean {
  return answer !== undefined && "unreachable" in answer;
}

/** What is known so far. */
interface Known {
  readonly verdicts: Map<string, Verdict>;
  readonly answers: Map<string, Answer>;
  /** How many checks there are. */
  readonly total: number;
}

/** Asks until all hold, or each that does not has had its time. */
async function settle(
  due: readonly Check[],
  fleet: Fleet,
  options: VerifyOptions,
  { verdicts, answers, total }: Known,
): Promise<void> {
  const { clock, signal } = options;
  let start = clock.now();
  const limit = (check: Check) => Math.min(deadlines[check.deadline], options.patienceMs ?? Infinity);
  for (let pending = due; pending.length > 0;) {
    throwIfInterrupted(signal);
    const heard = await askNodes(fleet, questionsOf(pending), { connectMs: 3000, timeoutMs: 30_000 });
    for (const [key, answer] of heard) answers.set(key, answer);
    if (options.callAgain !== undefined && [...heard.values()].some(isSilence)) {
      const silent = clock.now();
      await options.callAgain(signal);
      start += clock.now() - silent;
    }
    for (const verdict of judgeAll(pending, answersOf(pending, heard))) verdicts.set(verdict.check, verdict);
    const passed = [...verdicts.values()].filter((verdict) => verdict.status === "pass").length;
    options.onProgress(passed, total);
    const elapsed = clock.now() - start;
    pending = pending.filter((check) => isOpen(verdicts.get(check.id)) && elapsed < limit(check));
    if (pending.length === 0) return;
    await clock.pause(pauseMs, signal);
  }
}

/** Whether another answer could still change it. */
function isOpen(verdict: Verdict | undefined): boolean {
  return verdict?.status !== "pass" && verdict?.final !== true;
}

function answersOf(checks: readonly Check[], answers: ReadonlyMap<string, Answer>): ReadonlyMap<string, Answer> {
  return new Map(
    checks.flatMap((check) =>
      check.asks.map((ask) => [askKey(ask), answers.get(askKey(ask)) ?? { unreachable: "was not asked" }] as const),
    ),
  );
}
