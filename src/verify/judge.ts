/** Check + what its nodes answered → a verdict with expected and seen. Never throws, whatever a node printed. */
import { LabError } from "../errors.ts";
import { bad, type Judge, listNames, unless } from "./finding.ts";
import {
  judgeAddresses,
  judgeDaemons,
  judgeHostname,
  judgeIdentical,
  judgeLease,
  judgeSegment,
  judgeSilent,
  judgeSysctls,
  judgeVip,
} from "./judge-hosts.ts";
import {
  judgeBfd,
  judgeNextHops,
  judgePaths,
  judgePort,
  judgeReturnPath,
  judgeSessions,
  judgeVteps,
} from "./judge-routing.ts";
import { judgeGuards, judgeServerGuard } from "./judge-rails.ts";
import { judgePage, judgePing, judgeSpread, judgeTrace } from "./judge-traffic.ts";
import type {
  Answer,
  Check,
  Expectation,
  ExpectationKind,
  Finding,
  PlaybookFacts,
  PlaybookOutcome,
  Reply,
  Verdict,
} from "./model.ts";
import { askKey } from "./questions.ts";

/** Everything but the playbook's facts, which come from Ansible and not from a node. */
type AskedKind = Exclude<ExpectationKind, "playbook">;

const judges: { readonly [Kind in AskedKind]: Judge<Kind> } = {
  hostname: judgeHostname,
  segment: judgeSegment,
  addresses: judgeAddresses,
  lease: judgeLease,
  identical: judgeIdentical,
  daemons: judgeDaemons,
  vip: judgeVip,
  silent: judgeSilent,
  sysctls: judgeSysctls,
  sessions: judgeSessions,
  port: judgePort,
  guards: judgeGuards,
  serverGuard: judgeServerGuard,
  bfd: judgeBfd,
  nextHops: judgeNextHops,
  paths: judgePaths,
  vteps: judgeVteps,
  returnPath: judgeReturnPath,
  trace: judgeTrace,
  ping: judgePing,
  http: judgePage,
  spread: judgeSpread,
};

function findFor<Kind extends AskedKind>(expect: Expectation<Kind>, replies: readonly Reply[], check: Check): Finding {
  return judges[expect.kind](expect, replies, check);
}

/**
 * @param answers to the check's asks, in their order.
 * @param outcome of the last playbook run; without it the playbook's check is skipped.
 */
export function judge(check: Check, answers: readonly Answer[], outcome?: PlaybookOutcome): Verdict {
  const { expect } = check;
  if (expect.kind === "playbook") {
    if (outcome === undefined) return skip(check, "the playbook did not run in this verification");
    return verdict(check, judgePlaybook(expect, outcome));
  }
  const silent = check.asks.flatMap(({ node }, index) => unreachability(node, answers[index]));
  const [first] = silent;
  if (first === undefined) return verdict(check, findFor(expect, answers.flatMap(replyOf), check));
  if (expect.kind !== "hostname") return skip(check, doesNotAnswer([...new Set(silent.map(({ node }) => node))]));
  return verdict(check, bad(expect.name, `${first.node} does not answer: ${first.why}`, `lab logs ${first.node}`));
}

/**
 * The playbook's check after all others. A leaf that does not answer fails the playbook as well, and its own checks say
 * more about it than Ansible does: then the failure is no verdict.
 * @param silent nodes that did not answer.
 */
export function judgePlayed(check: Check, outcome: PlaybookOutcome | undefined, silent: ReadonlySet<string>): Verdict {
  const { expect } = check;
  const gone = expect.kind === "playbook" ? expect.leaves.filter((leaf) => silent.has(leaf)) : [];
  if (outcome instanceof Error && gone.length > 0) return skip(check, doesNotAnswer(gone));
  return judge(check, [], outcome);
}

/**
 * Judges all checks by what was collected under `askKey`. A node that does not answer costs one failure, that of its own
 * `node/…` check; whatever else needed it is skipped.
 */
export function judgeAll(checks: readonly Check[], answers: ReadonlyMap<string, Answer>): readonly Verdict[] {
  const notAsked: Answer = { unreachable: "it was not asked" };
  return checks.map((check) =>
    judge(
      check,
      check.asks.map((ask) => answers.get(askKey(ask)) ?? notAsked),
    ),
  );
}

function doesNotAnswer(nodes: readonly string[]): string {
  return `${listNames(nodes)} does not answer`;
}

function unreachability(node: string, answer: Answer | undefined): readonly { node: string; why: string }[] {
  if (answer === undefined) return [{ node, why: "it was not asked" }];
  return "unreachable" in answer ? [{ node, why: answer.unreachable }] : [];
}

function replyOf(answer: Answer): readonly Reply[] {
  return "unreachable" in answer ? [] : [answer];
}

function judgePlaybook({ leaves }: Expectation<"playbook">, outcome: PlaybookOutcome): Finding {
  const expected = `changed=0 on ${leaves.length} leaves`;
  if (outcome instanceof Error) {
    return bad(expected, outcome.message, outcome instanceof LabError ? outcome.hint : undefined);
  }
  return unless(complaintsOfPlay(leaves, outcome), expected, expected);
}

function complaintsOfPlay(leaves: readonly string[], facts: PlaybookFacts): readonly string[] {
  return leaves.flatMap((leaf) => {
    const fact = facts[leaf];
    if (fact === undefined) return [`${leaf} was not in the run`];
    if (fact.failed > 0) return [`${leaf} failed=${fact.failed}`];
    return fact.changed === 0 ? [] : [`${leaf} changed=${fact.changed}`];
  });
}

function verdict(check: Check, { good, ...finding }: Finding): Verdict {
  if (finding.reason !== undefined) return { ...heading(check), status: "skip", final: true, ...finding };
  return { ...heading(check), status: good ? "pass" : "fail", ...finding };
}

function skip(check: Check, reason: string): Verdict {
  return { ...heading(check), status: "skip", expected: check.title, seen: "", reason };
}

function heading(check: Check): Pick<Verdict, "check" | "row" | "title" | "node"> {
  return { check: check.id, row: check.row, title: check.title, node: check.node };
}
