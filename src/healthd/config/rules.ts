/** What must hold between the keys of one file. */
import { addressOf } from "./address.ts";
import { bodyMatches, buildRules } from "./build.ts";
import { problemAt, type Draft } from "./draft.ts";
import { keysOfCheck, type Key } from "./keys.ts";
import type { Problem } from "./problem.ts";

type Rule = (draft: Draft) => readonly Problem[];

/** Nothing is said twice: a key whose own value is wrong is not missing, and takes part in no rule. */
export function findMistakes(draft: Draft): readonly Problem[] {
  return rules.flatMap((rule) => rule(draft));
}

const needed: Rule = (draft) => {
  const { check } = draft.values;
  const ofCheck: readonly Key[] = check === undefined ? [] : check === "exec" ? ["command"] : ["target"];
  const all: readonly Key[] = [
    "prefix",
    "interface",
    "check",
    ...ofCheck,
    ...(check === "dns" ? ["query" as const] : []),
  ];
  const missing = all.filter((key) => !draft.places.has(key));
  return missing.map((key) => problemAt(draft, key, `\`${key}\` is missing`, `add a line \`${key} = …\``));
};

const ofThisCheck: Rule = (draft) => {
  const { check } = draft.values;
  if (check === undefined) return [];
  const everywhere = new Set(Object.values(keysOfCheck).flat());
  const stray = [...draft.places.keys()].filter((key) => everywhere.has(key) && !keysOfCheck[check].includes(key));
  return stray.map((key) => {
    const owners = Object.entries(keysOfCheck).filter(([, owned]) => owned.includes(key));
    const hint = `it belongs to check = ${owners.map(([kind]) => kind).join(", ")}; leave it out`;
    return problemAt(draft, key, `\`${key}\` means nothing with check = ${check}`, hint);
  });
};

const oneBody: Rule = (draft) => {
  if (bodyMatches(draft.values).length < 2) return [];
  const key = draft.values["expect-sha256"] === undefined ? "expect-regex" : "expect-sha256";
  return [problemAt(draft, key, "a body can be matched in one way only", "leave one of the keys expect-…")];
};

/** Longer prefixes of the same address on two interfaces are fine, the same one is not: zebra keeps a dead route. */
const coverIsOwn: Rule = (draft) => {
  const { cover, prefix, interface: loopback } = draft.values;
  if (cover === undefined) {
    if (!draft.places.has("cover-interface") || draft.places.has("cover")) return [];
    return [problemAt(draft, "cover-interface", "there is no `cover` for this interface", "add one or leave this out")];
  }
  const found: Problem[] = [];
  if (prefix !== undefined && !prefix.some((each) => addressOf(each) === addressOf(cover))) {
    const hint = `write ${addressOf(prefix[0] ?? "")}/31`;
    found.push(problemAt(draft, "cover", "the cover's address is not the service's: nobody would answer there", hint));
  }
  if ((draft.values["cover-interface"] ?? "lo9") === loopback) {
    const message = "the cover needs an interface of its own: it stays when the service's goes";
    found.push(problemAt(draft, "cover", message, "set cover-interface to another, like lo9"));
  }
  return found;
};

const times: Rule = (draft) => {
  const all = buildRules(draft.values);
  const found: Problem[] = [];
  if (all.windowFall > all.window) {
    const hint = `write at most ${all.window}, or a larger window`;
    found.push(problemAt(draft, "window-fall", "so many failures do not fit into the window", hint));
  }
  if (all.holdDownMaxMs < all.holdDownMs) {
    found.push(problemAt(draft, "hold-down-max", "it is less than hold-down", "make it as long or longer"));
  }
  // A lease is renewed by completed checks: one that is late by half a second must not take the address away.
  const leastMs = all.intervalMs + all.timeoutMs + 500;
  if (all.leaseMs < leastMs) {
    const message = "the lease could run out between two good checks";
    const hint = `write at least ${Math.ceil(leastMs / 1000)}: interval, timeout and half a second fit in`;
    found.push(problemAt(draft, draft.places.has("lease") ? "lease" : "interval", message, hint));
  }
  return found;
};

const rules: readonly Rule[] = [needed, ofThisCheck, oneBody, coverIsOwn, times];
