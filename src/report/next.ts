/** What a person may do next, once a lab is up: made of what the plan has, so that every line works as it stands. */
import type { Node, Plan, Service } from "../plan/model.ts";
import type { Verdict } from "../verify/model.ts";
import { summarise } from "../verify/summary.ts";
import { type Paint, plain } from "./paint.ts";
import { padding, widthOf } from "./width.ts";

interface Suggestion {
  readonly command: string;
  /** What one sees by it. */
  readonly why: string;
}

/** The lab that is meant where no name is given and there are others. */
const reference = "anycast";

/** The last words of `lab up`: things to try, or where to look when checks failed. */
export function formatNext(plan: Plan, verdicts: readonly Verdict[], seconds: number, paint: Paint = plain): string[] {
  const { ok, failed } = summarise(verdicts);
  const time = `after ${seconds.toFixed(1)} s`;
  if (ok) return [`${plan.lab} is up ${time}. Try next:`, ...formatSuggestions(toTry(plan), paint)];
  const checks = `${failed} ${failed === 1 ? "check" : "checks"}`;
  return [
    paint("red", `${plan.lab} runs, but ${checks} failed ${time}. Look at:`),
    ...formatSuggestions(toLookAt(plan, verdicts), paint),
  ];
}

function toTry(plan: Plan): readonly Suggestion[] {
  const named = nameFlag(plan);
  const wishes = [
    ...plan.services.slice(0, 1).flatMap((service) => tryService(plan, service)),
    ...routersOf(plan).map((router) => ({
      command: `lab exec${named} ${router} -- vtysh -c 'show bgp summary'`,
      why: `the sessions of ${router}`,
    })),
    { command: `lab status${named}`, why: "sessions, BFD, prefixes and next hops of every node" },
  ];
  return [...wishes.slice(0, 2), { command: `lab down${named}`, why: "take it down and leave nothing" }];
}

function tryService(plan: Plan, { prefix, port }: Service): readonly Suggestion[] {
  const named = nameFlag(plan);
  const address = prefix.split("/")[0] ?? prefix;
  const url = `http://${address}${port === 80 ? "" : `:${port}`}/`;
  return [
    ...routersOf(plan).map((router) => ({
      command: `lab exec${named} ${router} -- ip route show ${address}`,
      why: `the next hops in ${router}'s kernel`,
    })),
    ...ofRole(plan, "client").map((client) => ({
      command: `lab exec${named} ${client} -- curl -s ${url}`,
      why: "which server answers",
    })),
  ];
}

function toLookAt(plan: Plan, verdicts: readonly Verdict[]): readonly Suggestion[] {
  const named = nameFlag(plan);
  const first = verdicts.find(({ status }) => status === "fail")?.node;
  const logs = plan.nodes.some(({ name, guest }) => name === first && guest.os !== "host");
  return [
    { command: `lab status${named}`, why: "which sessions, prefixes and next hops are missing" },
    ...(logs ? [{ command: `lab logs${named} ${first}`, why: `what ${first} wrote` }] : []),
    { command: `lab verify${named}`, why: "all checks again; -v lists those that hold as well" },
  ];
}

/** The router that has most to show; none in a plan without. */
function routersOf(plan: Plan): readonly string[] {
  return [...ofRole(plan, "spine"), ...ofRole(plan, "leaf")].slice(0, 1);
}

/** The first of them, if there is one. */
function ofRole({ nodes }: Plan, role: Node["role"]): readonly string[] {
  return nodes.flatMap((node) => (node.role === role ? [node.name] : [])).slice(0, 1);
}

function nameFlag({ lab }: Plan): string {
  return lab === reference ? "" : ` -n ${lab}`;
}

function formatSuggestions(suggestions: readonly Suggestion[], paint: Paint): readonly string[] {
  const width = Math.max(...suggestions.map(({ command }) => widthOf(command)));
  return suggestions.map(({ command, why }) => `  ${paint("cyan", command)}${padding(command, width)}  ${why}`);
}
