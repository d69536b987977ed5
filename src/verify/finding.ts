/** How judges say what they expected and saw: short, and naming what is missing. */
import type { Check, Expectation, ExpectationKind, Finding, Reply } from "./model.ts";
import type { Read } from "./read-json.ts";

/** Judges one kind of check by the answers to its asks, in their order. All of its nodes have answered. */
export type Judge<Kind extends ExpectationKind> = (
  expect: Expectation<Kind>,
  replies: readonly Reply[],
  check: Check,
) => Finding;

/** A judge of checks with a single ask. */
export function ofOne<Kind extends ExpectationKind>(
  judge: (expect: Expectation<Kind>, reply: Reply, check: Check) => Finding,
): Judge<Kind> {
  return (expect, replies, check) => {
    const [reply] = replies;
    return reply === undefined ? bad("an answer", "nothing was asked") : judge(expect, reply, check);
  };
}

/** What was seen is what was expected, unless said otherwise. */
export function good(expected: string, seen = expected): Finding {
  return { good: true, expected, seen };
}

/** `hint` is what to do, or where to look. */
export function bad(expected: string, seen: string, hint?: string): Finding {
  return { good: false, expected, seen, ...(hint !== undefined && { hint }) };
}

/** Neither good nor bad: the node lacks what the check is about. */
export function unjudged(expected: string, reason: string): Finding {
  return { good: false, expected, seen: "", reason };
}

/** Good when there are no complaints. */
export function unless(complaints: readonly string[], expected: string, seen: string, hint?: string): Finding {
  return complaints.length === 0 ? good(expected, seen) : bad(expected, complaints.join("; "), hint);
}

/** Goes on with what was read, or fails showing what was not understood. */
export function withRead<T>(read: Read<T>, expected: string, judge: (value: T) => Finding): Finding {
  return "problem" in read ? bad(expected, read.problem) : judge(read.value);
}

/** Names joined by a space, or a dash where there are none. */
export function listNames(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(" ");
}

/** A look for yourself: `lab exec leaf01 -- vtysh -c 'show bfd peers'`. */
export function lookAt(node: string, ...argv: readonly string[]): string {
  const words = argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`));
  return `lab exec ${node} -- ${words.join(" ")}`;
}
