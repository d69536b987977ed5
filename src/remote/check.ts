/**
 * Syntax checks of candidate files, by the node's own tools. Nodes with the same tool and the same text get the same answer,
 * so one of them is asked for all: the servers of a fabric differ in nothing but a page.
 */
import type { Argv } from "../kinds/kind.ts";
import type { RemoteResult } from "./command.ts";

/** Runs a check, or waits for another node's same one. */
export type Checking = (check: Argv, text: string, run: () => Promise<RemoteResult>) => Promise<RemoteResult>;

/** For the nodes of one stage, whose guests of a kind come from the same image. */
export function shareChecks(): Checking {
  const known = new Map<string, Promise<RemoteResult>>();
  return async (check, text, run) => {
    const key = JSON.stringify([check, text]);
    const other = known.get(key);
    if (other === undefined) {
      const own = run();
      known.set(key, own);
      return own;
    }
    // That node was lost, which says nothing about the file.
    return other.catch(run);
  };
}
