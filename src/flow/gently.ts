/**
 * Commands on running nodes that make a change gentle. Each is journalled; one that fails is told and no reason to stop:
 * what it was to protect is then not protected, and the change itself goes on.
 */
import { LabError } from "../errors.ts";
import type { Argv } from "../kinds/kind.ts";
import type { Fleet } from "../remote/fleet.ts";
import type { RemoteResult } from "../remote/ssh.ts";
import { speak } from "../verify/freebsd.ts";
import type { Lab } from "./lab.ts";

/** A node that is asked here runs: it answers soon or not at all. */
const limits = { connectMs: 5000, timeoutMs: 15_000 };

export interface Gently {
  /** Runs a command and tells whether it succeeded. */
  act(does: string, node: string, argv: Argv, input?: string): Promise<boolean>;
  /** Like `act`, for batches some lines of which have nothing to do. */
  attempt(does: string, node: string, argv: Argv, input: string): Promise<void>;
  /** Asks in the words of the node's system, without a word in the journal; undefined from a node that does not answer. */
  ask(node: string, argv: Argv): Promise<string | undefined>;
}

export function gently(
  lab: Pick<Lab, "journal">,
  fleet: Pick<Fleet, "try" | "isFreeBsd">,
  note: (text: string) => void,
): Gently {
  const act = async (does: string, node: string, argv: Argv, input?: string): Promise<RemoteResult | undefined> => {
    const what = `${node}: ${does}`;
    note(what);
    lab.journal.write({ event: "begin", act: what, argv });
    const result = await attempt(
      () => fleet.try(node, argv, { ...limits, ...(input !== undefined && { input }) }),
      note,
    );
    lab.journal.write({ event: "done", act: what });
    return result;
  };
  return {
    async act(does, node, argv, input) {
      const result = await act(does, node, argv, input);
      if (result === undefined || result.exitCode === 0) return result !== undefined;
      note(`${node}: could not ${does}: ${(result.stderr + result.stdout).trim()}`);
      return false;
    },
    async attempt(does, node, argv, input) {
      await act(does, node, argv, input);
    },
    async ask(node, argv) {
      const spoken = speak(argv, fleet.isFreeBsd(node));
      const result = await attempt(() => fleet.try(node, spoken.argv, limits), note);
      if (result?.exitCode !== 0) return undefined;
      return spoken.read({ exitCode: 0, stdout: result.stdout, stderr: result.stderr }).stdout;
    },
  };
}

async function attempt<Result>(work: () => Promise<Result>, note: (text: string) => void): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    // Anything else is a bug of ours.
    if (!(error instanceof LabError)) throw error;
    note(error.message);
    return undefined;
  }
}
