/**
 * The routing state of a node, from one of two sources: what `lab status` asks, whose answer has sections headed `== name`,
 * FRR's section being several JSON values in a row; or the answers of a verification.
 */
import type { Answer, Question, Reply } from "./model.ts";
import { askBfd, askKey, askRoutes, askSessions } from "./questions.ts";
import { type BfdPeer, readBfd, readSessions, type Session } from "./read-frr.ts";
import { hopsOf, type KernelHop, readRoutes } from "./read-ip.ts";

/** A node's sessions by peer, its BFD sessions, and its kernel's next hops. */
export interface RoutingState {
  readonly sessions: ReadonlyMap<string, Session>;
  readonly bfd: readonly BfdPeer[];
  /** Next hops in the kernel, by address asked for. */
  readonly hops: ReadonlyMap<string, readonly KernelHop[]>;
}

/** What was seen of a node, or why nothing was. */
export type Seen = RoutingState | { readonly unreachable: string };

/** Whatever a daemon does not answer counts as absent: a status line shows 0 then, and `lab verify` says why. */
export function seenByStatus(answer: Answer): Seen {
  if ("unreachable" in answer) return answer;
  const sections = splitSections(answer.stdout);
  const documents = splitDocuments(sections.get("frr") ?? "");
  const summary = documents.find((text) => text.startsWith("{")) ?? "{}";
  const peers = documents.find((text) => text.startsWith("[")) ?? "[]";
  return {
    ...readRouting(printed(summary), printed(peers)),
    hops: new Map([...sections].flatMap(([name, text]) => readHops(name, text))),
  };
}

/** The same from what a verification asked, by `askKey`; `addresses` are those of the services. */
export function seenByVerify(node: string, addresses: readonly string[], answers: ReadonlyMap<string, Answer>): Seen {
  const replyTo = (question: Question): Reply => {
    const answer = answers.get(askKey({ node, question }));
    return answer === undefined || "unreachable" in answer ? printed("") : answer;
  };
  const routes = readRoutes(replyTo(askRoutes));
  return {
    ...readRouting(replyTo(askSessions), replyTo(askBfd)),
    hops: new Map(
      "problem" in routes
        ? []
        : addresses.map((address): [string, readonly KernelHop[]] => [address, hopsOf(routes.value, address)]),
    ),
  };
}

function readRouting(summary: Reply, peers: Reply): Pick<RoutingState, "sessions" | "bfd"> {
  const sessions = readSessions(summary);
  const bfd = readBfd(peers);
  return {
    sessions: "problem" in sessions ? new Map() : sessions.value,
    bfd: "problem" in bfd ? [] : bfd.value,
  };
}

function readHops(name: string, text: string): readonly [string, readonly KernelHop[]][] {
  const address = /^route (.+)$/.exec(name)?.[1];
  if (address === undefined) return [];
  const routes = readRoutes(printed(text));
  return "problem" in routes ? [] : [[address, hopsOf(routes.value, address)]];
}

function printed(stdout: string): Reply {
  return { exitCode: 0, stdout, stderr: "" };
}

function splitSections(text: string): ReadonlyMap<string, string> {
  const [, ...parts] = text.split(/^== (.*)$/m);
  const sections = new Map<string, string>();
  for (let index = 0; index < parts.length; index += 2) sections.set(parts[index] ?? "", parts[index + 1] ?? "");
  return sections;
}

/** The JSON objects and arrays of a text, in order; anything between them (complaints of vtysh) is left out. */
export function splitDocuments(text: string): readonly string[] {
  const documents: string[] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:\\.|[^"\\])*"|[[\]{}]/g)) {
    if (token === "{" || token === "[") {
      if (depth === 0) start = index;
      depth += 1;
    } else if (token === "}" || token === "]") {
      depth = Math.max(0, depth - 1);
      if (depth === 0) documents.push(text.slice(start, index + 1));
    }
  }
  return documents;
}
