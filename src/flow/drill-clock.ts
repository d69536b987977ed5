/** Asks nodes for the time, so that what they tell can be put in one order. */
import { NodeError } from "../errors.ts";
import { dateArgv, type Offset, offsetOf, readDate } from "../drill/clock.ts";
import type { Plan } from "../plan/model.ts";
import type { Fleet } from "../remote/fleet.ts";
import type { Clock } from "../system/clock.ts";
import { together } from "./together.ts";

export interface Clocks {
  /** A time of the node by our clock; both in milliseconds since the epoch. */
  ours(node: string, ms: number): number;
  /** How wrong that may be, at most. */
  readonly errorMs: number;
}

const looks = 5;

/** Nodes on netns have our kernel's clock, and are not asked. */
export async function compareClocks(
  { hypervisor }: Plan,
  fleet: Pick<Fleet, "try">,
  nodes: readonly string[],
  clock: Clock,
): Promise<Clocks> {
  if (hypervisor === "netns") return { ours: (_, ms) => ms, errorMs: 0 };
  const entries = await together(nodes, async (node) => [node, await compare(node, fleet, clock)] as const);
  const offsets = new Map(entries);
  return {
    ours: (node, ms) => ms - (offsets.get(node)?.aheadMs ?? 0),
    errorMs: Math.ceil(Math.max(0, ...entries.map(([, { errorMs }]) => errorMs))),
  };
}

async function compare(node: string, fleet: Pick<Fleet, "try">, clock: Clock): Promise<Offset> {
  const seen = [];
  for (let look = 0; look < looks; look += 1) {
    const beginMs = clock.now();
    const { stdout } = await fleet.try(node, dateArgv, { connectMs: 5000, timeoutMs: 5000 });
    seen.push({ beginMs, endMs: clock.now(), nodeMs: timeOf(node, stdout) });
  }
  const offset = offsetOf(seen);
  if (offset === undefined) throw new RangeError("a clock is looked at");
  return offset;
}

/** What `date` printed. Throws NodeError for a node whose clock cannot be read to the millisecond. */
export function timeOf(node: string, printed: string): number {
  const ms = readDate(printed);
  if (ms !== undefined) return ms;
  throw new NodeError(node, {
    code: "E_DRILL_CLOCK",
    message: `${dateArgv.join(" ")} says ${JSON.stringify(printed.slice(0, 40))}, and a drill counts milliseconds`,
    hint: "FreeBSD's date has %N from 14.1 on",
  });
}
