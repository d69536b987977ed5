/**
 * Makes a fault and mends it. What would mend it is on disk before it is made: a run that is killed leaves a lab that the next
 * drill, `lab drill --repair` or `lab up` puts right.
 */
import { z } from "zod";
import { LabError, NodeError } from "../errors.ts";
import { dateArgv } from "../drill/clock.ts";
import type { Fault } from "../drill/model.ts";
import type { Argv } from "../kinds/kind.ts";
import type { Fleet } from "../remote/fleet.ts";
import { readTextOr, removeTree, replaceFile } from "../system/files.ts";
import { askAgain } from "./drill-again.ts";
import { timeOf } from "./drill-clock.ts";
import { type Journal, journalled } from "./journal.ts";
import type { State } from "./state.ts";

/** A node that is broken answers soon, or is reached again soon: its management is left alone. */
const limits = { connectMs: 15_000, timeoutMs: 60_000 };

const mendTimes = 5;

const schema = z.object({ title: z.string(), node: z.string(), repair: z.array(z.array(z.string()).min(1)) });

/** A fault that was made, or was about to be. */
export type Pending = Pick<Fault, "title" | "node" | "repair">;

export async function readPending({ drill }: Pick<State, "drill">): Promise<Pending | undefined> {
  const text = await readTextOr(drill, undefined);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const hint = "lab down, then lab up: nobody knows any more what to mend";
    throw new LabError({ code: "E_DRILL_FILE", message: `${drill} is damaged`, hint, cause });
  }
}

export async function forgetPending({ drill }: Pick<State, "drill">): Promise<void> {
  await removeTree(drill);
}

export interface Place {
  readonly state: Pick<State, "drill">;
  readonly journal: Journal;
  readonly fleet: Pick<Fleet, "try" | "batch">;
}

/** Resolves to when it was made, by the node's clock. Throws NodeError if part of it could not be made. */
export async function makeFault({ state, journal, fleet }: Place, fault: Fault): Promise<number> {
  const { title, node, acts, repair } = fault;
  await replaceFile(state.drill, JSON.stringify({ title, node, repair } satisfies Pending), 0o600);
  return journalled(journal, `drill: ${title}`, async () => {
    const [date, ...results] = await fleet.batch(node, [dateArgv, ...acts], limits);
    const failed = results.find(({ exitCode }) => exitCode !== 0);
    if (failed !== undefined) {
      const said = (failed.stderr + failed.stdout).trim();
      throw new NodeError(node, {
        code: "E_DRILL_FAULT",
        message: `the fault could not be made: ${failed.argv.join(" ")}: exit code ${failed.exitCode}: ${said}`,
        hint: `lab verify, then lab logs ${node}`,
      });
    }
    return timeOf(node, date?.stdout ?? "");
  });
}

/** Resolves to when it began, by the node's clock, and what went without success: most of it had nothing to do. */
export async function mendFault(
  { journal, fleet }: Pick<Place, "journal" | "fleet">,
  { title, node, repair }: Pending,
): Promise<{ readonly atMs: number; readonly failed: readonly { readonly argv: Argv; readonly said: string }[] }> {
  return journalled(journal, `drill: mend: ${title}`, async () => {
    // Mending may be done twice, and must not be left undone.
    const [date, ...results] = await askAgain(() => fleet.batch(node, [dateArgv, ...repair], limits), mendTimes);
    const failed = results.filter(({ exitCode }) => exitCode !== 0);
    return {
      atMs: timeOf(node, date?.stdout ?? ""),
      failed: failed.map(({ argv, stdout, stderr }) => ({ argv, said: (stderr + stdout).trim() })),
    };
  });
}
