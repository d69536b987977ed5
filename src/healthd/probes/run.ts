/** One check from beginning to end within its deadline. */
import type { Check } from "../config/service.ts";
import type { Outcome } from "../machine/event.ts";
import { withConnection } from "./connect.ts";
import { probeDns } from "./dns.ts";
import { probeExec } from "./exec.ts";
import { Failure, outcomeOf } from "./fault.ts";
import { probeHttp } from "./http.ts";
import { probeNtp } from "./ntp.ts";
import { probeSmtp } from "./smtp.ts";

export interface Checked {
  readonly outcome: Outcome;
  readonly tookMs: number;
}

/** A deadline that is noticed so late says that we did not run, and nothing of the service. */
const heldUpMs = 250;

/** Never throws. @param timeoutMs for the whole exchange, from connecting to the last byte */
export async function runCheck(check: Check, timeoutMs: number): Promise<Checked> {
  const deadline = new AbortController();
  const begun = performance.now();
  const timer = setTimeout(() => deadline.abort(new Failure("late")), timeoutMs);
  try {
    await probe(check, deadline.signal);
    return { outcome: { result: "ok" }, tookMs: performance.now() - begun };
  } catch (error) {
    const tookMs = performance.now() - begun;
    return { outcome: deadline.signal.aborted ? lateOutcome(tookMs, timeoutMs) : outcomeOf(error), tookMs };
  } finally {
    clearTimeout(timer);
  }
}

function lateOutcome(tookMs: number, timeoutMs: number): Outcome {
  if (tookMs > timeoutMs + heldUpMs) {
    const reason = `healthd itself was held up for ${((tookMs - timeoutMs) / 1000).toFixed(1)} s`;
    return { result: "unknown", reason };
  }
  return { result: "fail", reason: `not done within ${timeoutMs / 1000} s` };
}

async function probe(check: Check, signal: AbortSignal): Promise<void> {
  switch (check.kind) {
    case "tcp":
      return withConnection(check.target, signal, async () => {});
    case "http":
    case "https":
      return probeHttp(check, signal);
    case "dns":
      return probeDns(check, signal);
    case "ntp":
      return probeNtp(check, signal);
    case "smtp":
      return probeSmtp(check, signal);
    case "exec":
      return probeExec(check, signal);
  }
}
