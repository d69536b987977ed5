/** A command on many nodes at once. */
import { LabError } from "../errors.ts";
import type { Plan } from "../plan/model.ts";
import type { RunResult } from "../system/exec.ts";
import { keysOf, openLabFleet } from "./access.ts";
import type { Lab } from "./lab.ts";

export interface NodeResult extends Pick<RunResult, "stdout" | "stderr"> {
  readonly node: string;
  /** 255 for a node that did not answer, as ssh(1) has it. */
  readonly exitCode: number;
}

const connectMs = 5000;
const timeoutMs = 600_000;

/**
 * In the order of the nodes, whatever each of them says. An interruption reaches the commands, and what they say then is in
 * their results.
 */
export async function runOnNodes(
  lab: Lab,
  plan: Plan,
  nodes: readonly string[],
  argv: readonly string[],
): Promise<readonly NodeResult[]> {
  const { signal } = lab.world;
  const fleet = openLabFleet(lab, plan, await keysOf(lab, plan));
  try {
    return await Promise.all(
      nodes.map(async (node): Promise<NodeResult> => {
        try {
          const { exitCode = 255, stdout, stderr } = await fleet.try(node, argv, { connectMs, timeoutMs, signal });
          return { node, exitCode, stdout, stderr };
        } catch (error) {
          if (!(error instanceof LabError)) throw error;
          return { node, exitCode: 255, stdout: "", stderr: `${error.message}\n` };
        }
      }),
    );
  } finally {
    fleet.close();
  }
}
