/**
 * Takes traffic off servers that are about to stop serving: they step back, routers turn to others, and what is under way
 * comes to its end. Each wait has a deadline, after which the change goes on regardless.
 */
import type { Argv } from "../kinds/kind.ts";
import { stepBack } from "../render/frr-commands.ts";
import type { Clock } from "../system/clock.ts";
import { withoutLength } from "../topology/ipv4.ts";
import { hopsOf, readRoutes } from "../verify/read-ip.ts";
import type { Gently } from "./gently.ts";
import { throwIfInterrupted } from "./interrupt.ts";
import type { Leaving, Turn } from "./leaving.ts";
import { together } from "./together.ts";

/** How long routers may take to turn to other servers; they do it within a second. */
const turnMs = 5000;
/** How long connections to a leaving server may last. */
const connectionsMs = 10_000;
const pauseMs = 50;
/** Looks in a row that must find no connection: one may be on its way here when a router turns. */
const quietLooks = 2;

export interface Waiting {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
}

export async function drain({ servers, turns }: Leaving, nodes: Gently, waiting: Waiting): Promise<void> {
  await together(servers, ({ server, asn, prefixes }) =>
    nodes.act(`step back from ${prefixes.join(", ")}`, server, stepBack(asn, prefixes)),
  );
  if (!(await until(() => all(turns, (turn) => hasTurned(turn, nodes)), turnMs, waiting))) {
    waiting.note(`routers still use ${servers.map(({ server }) => server).join(", ")} after ${turnMs / 1000} s`);
  }
  await together(servers, async ({ server, prefixes }) => {
    let quiet = 0;
    const ended = await until(
      async () => {
        const busy = await countConnections(server, prefixes, nodes);
        quiet = busy === 0 ? quiet + 1 : 0;
        return busy === undefined || quiet >= quietLooks;
      },
      connectionsMs,
      waiting,
    );
    if (!ended) waiting.note(`${server} still has connections after ${connectionsMs / 1000} s`);
  });
}

async function hasTurned({ router, prefix, ports }: Turn, nodes: Gently): Promise<boolean> {
  const stdout = await nodes.ask(router, ["ip", "-j", "route", "show", withoutLength(prefix)]);
  const routes = readRoutes({ exitCode: 0, stdout: stdout ?? "", stderr: "" });
  // Who cannot tell is not waited for.
  return "problem" in routes || hopsOf(routes.value, prefix).every(({ device }) => ports.includes(device));
}

/** One connection from this address a line, its state first. */
export function listConnections(address: string): Argv {
  return ["ss", "-H", "-t", "-a", "-n", "src", address];
}

/** Connections to these prefixes that still need the server; undefined if it does not tell. */
async function countConnections(
  server: string,
  prefixes: readonly string[],
  nodes: Gently,
): Promise<number | undefined> {
  const listings = await Promise.all(
    prefixes.map((prefix) => nodes.ask(server, listConnections(withoutLength(prefix)))),
  );
  if (listings.includes(undefined)) return undefined;
  const lines = listings.flatMap((listing) => listing?.split("\n") ?? []);
  return lines.filter((line) => line.trim() !== "" && !/^(LISTEN|TIME-WAIT)\b/.test(line)).length;
}

/** Whether a condition holds in time; it is looked at again and again, at least once. */
export async function until(condition: () => Promise<boolean>, withinMs: number, waiting: Waiting): Promise<boolean> {
  const { clock, signal } = waiting;
  const deadline = clock.now() + withinMs;
  for (;;) {
    throwIfInterrupted(signal);
    if (await condition()) return true;
    if (clock.now() >= deadline) return false;
    await clock.pause(pauseMs, signal);
  }
}

async function all<Item>(items: readonly Item[], holds: (item: Item) => Promise<boolean>): Promise<boolean> {
  return (await together(items, holds)).every(Boolean);
}
