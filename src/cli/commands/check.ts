/** `lab check` */
import { exitCodes, formatProblem, type Problem, TopologyError, UsageError } from "../../errors.ts";
import { designLab } from "../../flow/design.ts";
import type { FlagsOf } from "../command.ts";
import type { AppContext } from "../context.ts";
import type { globalFlags } from "../flags.ts";
import { printJson, printLines, say } from "../output.ts";
import { readTopology, selectTopology, showPath } from "../select.ts";
import { chooseHypervisor } from "../where.ts";

type Flags = FlagsOf<typeof globalFlags>;

export async function runCheck(context: AppContext, flags: Flags, files: readonly string[]): Promise<number> {
  const given = files.length === 0 ? [flags.topology] : files;
  const paths = await Promise.all(given.map((file) => selectTopology(context, file)));
  const problems = (await Promise.all(paths.map((path) => problemsOf(context, flags, path)))).flat();
  if (flags.json === true) printJson(context, problems);
  else printLines(context, problems.map(formatProblem));
  if (problems.length === 0)
    say(context, `${paths.length === 1 ? "1 topology" : `${paths.length} topologies`} without a mistake`);
  return problems.length === 0 ? exitCodes.good : exitCodes.usage;
}

async function problemsOf(context: AppContext, flags: Flags, path: string): Promise<readonly Problem[]> {
  try {
    const topology = await readTopology(context, path);
    designLab(topology, { hypervisor: chooseHypervisor(flags, topology.hypervisor) });
    return [];
  } catch (error) {
    if (error instanceof TopologyError) return error.problems;
    if (!(error instanceof UsageError)) throw error;
    // A file that cannot be read has no line to point at, and must not hide the mistakes in the others.
    const { message, hint } = error;
    return [{ file: showPath(context, path), line: 1, column: 1, message, ...(hint !== undefined && { hint }) }];
  }
}
