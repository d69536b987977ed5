/**
 * Watches that bgpd answers. BFD does not: with bgpd stuck and bfdd alive a route stays until the hold time is over. There
 * is nothing healthd can withdraw then, so it tells.
 */
import { setTimeout as wait } from "node:timers/promises";
import { runCommand } from "../probes/command.ts";
import { outcomeOf } from "../probes/fault.ts";
import type { Log } from "./log.ts";

export interface Routing {
  /** Nothing as long as it has not been asked. */
  readonly answers: boolean | undefined;
  readonly reason: string;
}

/** `vtysh` takes some 10 ms of a processor: oftener would cost more than all the checks. */
const askEveryMs = 10_000;
const deadlineMs = 2000;

/** Asks until the signal, and tells each time; only a change is worth a line in the log. */
export async function watchBgpd(
  vtysh: string,
  log: Log,
  signal: AbortSignal,
  tell: (found: Routing) => void,
): Promise<void> {
  let last: boolean | undefined;
  while (!signal.aborted) {
    const found = await askBgpd(vtysh);
    if (found.answers === false && last !== false)
      log({ event: "alarm", reason: `bgpd does not answer: ${found.reason}` });
    if (found.answers === true && last === false) log({ event: "bgpd answers again" });
    last = found.answers;
    tell(found);
    await wait(askEveryMs, undefined, { signal, ref: false }).catch(() => {});
  }
}

/** @param vtysh its path */
export async function askBgpd(vtysh: string): Promise<Routing> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), deadlineMs);
  try {
    const { code, output } = await runCommand([vtysh, "-d", "bgpd", "-c", "show bgp summary json"], deadline.signal);
    if (code !== 0) return { answers: false, reason: `vtysh ended with ${code}` };
    JSON.parse(output);
    return { answers: true, reason: "" };
  } catch (error) {
    if (deadline.signal.aborted) return { answers: false, reason: `no answer within ${deadlineMs / 1000} s` };
    if (error instanceof SyntaxError) return { answers: false, reason: "its answer is no JSON" };
    const outcome = outcomeOf(error);
    return { answers: false, reason: outcome.result === "ok" ? "" : outcome.reason };
  } finally {
    clearTimeout(timer);
    deadline.abort();
  }
}
