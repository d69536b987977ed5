/** The fabric of the small plan, as a drill sees it: kernels that tell of their routes, a client that sends, a server that breaks. */
import type { Fault, Turn } from "../../src/drill/model.ts";
import { turnsOf } from "../../src/drill/turns.ts";
import { NodeError } from "../../src/errors.ts";
import type { RemoteOptions, RemoteResult } from "../../src/remote/ssh.ts";
import type { Service } from "../../src/plan/model.ts";
import { smallPlan } from "../verify/small-plan.ts";
import { type FakeClock, fakeClock } from "./clock.ts";

const [web] = smallPlan.services;
if (web === undefined) throw new Error("the small plan has a service");
export const service: Service = web;

export const fault: Fault = {
  title: "server02 breaks",
  node: "server02",
  acts: [["break"]],
  repair: [["mend"]],
  lost: { servers: ["server02"] },
  turnWithinMs: 500,
};

export interface Behaviour {
  /** What these programs do, by their names; 0 where nothing is said. */
  readonly exitCodes?: Readonly<Record<string, number>>;
  /** What brings routers back: the repair, bgpd's new start, or nothing. */
  readonly backBy?: "mend" | "pkill" | "nothing";
  /** Whether routers turn away at all. */
  readonly stubborn?: boolean;
  /** Hears of each program that a node runs. */
  readonly onRun?: (program: string) => void;
  /** So many connections are lost in mending. */
  readonly lost?: number;
  /** The client's requests end by themselves. */
  readonly clientEnds?: boolean;
}

export interface DrillFabric {
  readonly clock: FakeClock;
  /** Programs that were to break or mend something, by node. */
  readonly ran: readonly string[];
  try(node: string, argv: readonly string[], options?: RemoteOptions): Promise<RemoteResult>;
  batch(node: string, commands: readonly (readonly string[])[]): Promise<RemoteResult[]>;
}

export function drillFabric(behaviour: Behaviour = {}): DrillFabric {
  const { exitCodes = {}, backBy = "mend", stubborn = false, clientEnds = false } = behaviour;
  let { lost = 0 } = behaviour;
  const clock = fakeClock();
  const turns = turnsOf(smallPlan, service, fault.lost);
  const ports = new Map(turns.map(({ router, whole }) => [router, whole]));
  const listeners = new Map<string, (line: string) => void>();
  const ran: string[] = [];
  const line = (router: string) => {
    const hops = (ports.get(router) ?? []).map((port) => `nexthop via inet6 fe80::1 dev ${port} weight 1`);
    return ["172.20.0.1 proto bgp metric 20 ", ...hops].join("\\\t");
  };
  const change = (pick: (turn: Turn) => readonly string[]) => {
    for (const turn of turns) {
      ports.set(turn.router, pick(turn));
      listeners.get(turn.router)?.(`[${new Date(clock.now()).toISOString().slice(0, -1)}000] ${line(turn.router)}`);
    }
  };
  const run = (node: string, argv: readonly string[]): RemoteResult => {
    const [program = ""] = argv;
    if (program === "date") return { argv, exitCode: 0, stdout: `${clock.now() / 1000}.0\n`, stderr: "" };
    ran.push(`${node} ${program}`);
    behaviour.onRun?.(program);
    if (program === "break" && !stubborn) change(({ turned = [] }) => turned);
    if (program === backBy) change(({ whole }) => whole);
    return { argv, exitCode: exitCodes[program] ?? 0, stdout: "", stderr: "it says why" };
  };
  return {
    clock,
    ran,
    async try(node, argv, options = {}) {
      const answer = (stdout: string) => ({ argv, exitCode: 0, stdout, stderr: "" });
      const [program, ...words] = argv;
      if (program === "env") {
        listeners.set(node, (text) => options.onLine?.(text, "stdout"));
        await aborted(options.signal);
      }
      if (program === "node") {
        options.onLine?.(JSON.stringify({ at: clock.now(), ms: 1, server: "server01" }), "stdout");
        if (clientEnds) return { argv, exitCode: 1, stdout: "", stderr: "bad option: --rate\n" };
        await aborted(options.signal);
        options.onLine?.('{"sent":1}', "stdout");
      }
      if (program === "cat") return answer("Ip: InHdrErrors ForwDatagrams\nIp: 1 2\n");
      if (words[0] === "-o" && words[1] === "route") return answer(`${line(node)}\n`);
      if (words[0] === "-j") return answer(kernelRoute(ports.get(node) ?? wholeOf(node)));
      return answer("");
    },
    async batch(node, commands) {
      if (commands.some(([program]) => program === "mend") && (lost -= 1) >= 0) {
        throw new NodeError(node, { code: "E_CONNECTION_LOST", message: "connection lost" });
      }
      return commands.map((argv) => run(node, argv));
    },
  };
}

/** The ports of routers that the fault does not concern. */
function wholeOf(router: string): readonly string[] {
  return turnsOf(smallPlan, service, { servers: service.servers }).find((turn) => turn.router === router)?.whole ?? [];
}

function kernelRoute(ports: readonly string[]): string {
  return JSON.stringify(ports.length === 0 ? [] : [{ dst: "172.20.0.1", nexthops: ports.map((dev) => ({ dev })) }]);
}

function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) resolve();
    else signal?.addEventListener("abort", () => resolve(), { once: true });
  });
}
