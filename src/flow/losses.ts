/**
 * Work on nodes behind a hypervisor that is another machine: a lost connection takes those to all nodes with it. It is waited
 * for, and the work is begun anew over the next, which whatever configures a node allows: it looks first, and files that were
 * pushed bear a mark until what reads them has been told.
 */
import { LabError } from "../errors.ts";
import type { Fleet } from "../remote/fleet.ts";
import { awaitActs } from "../remote/acts.ts";
import type { Session } from "../remote/ssh.ts";
import type { Lab } from "./lab.ts";

/** How often one piece of work may be begun anew: more is no bad luck. */
export const mostLosses = 5;
/** A node that has answered before answers soon, once the hypervisor does. */
const againMs = 30_000;

type Reaching = Pick<Lab, "driver" | "world">;

/**
 * Does the work on a node, over as many connections as it takes.
 * @param lost how often it has been lost already; a node that nobody has reached may still boot
 */
export async function overLosses<Result>(
  { driver, world }: Reaching,
  fleet: Pick<Fleet, "session">,
  node: string,
  work: (session: Session) => Promise<Result>,
  lost = 0,
): Promise<Result> {
  for (let losses = lost; ; losses += 1) {
    try {
      const session = await fleet.session(node, losses === 0 ? undefined : againMs);
      if (losses > 0) await awaitActs(session);
      return await work(session);
    } catch (error) {
      if (driver.callAgain === undefined || losses === mostLosses || !isLoss(error, losses)) throw error;
      await driver.callAgain(world.signal);
    }
  }
}

/** A node that is silent may still boot, unless it has answered before: then the connection has been lost once more. */
function isLoss(error: unknown, losses: number): boolean {
  if (!(error instanceof LabError)) return false;
  return error.code === "E_CONNECTION_LOST" || (losses > 0 && error.code === "E_UNREACHABLE");
}
