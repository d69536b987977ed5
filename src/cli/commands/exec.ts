/** `lab exec` */
import { UsageError } from "../../errors.ts";
import { runOnNodes } from "../../flow/exec.ts";
import { throwIfInterrupted } from "../../flow/interrupt.ts";
import { runningDesign } from "../../flow/state.ts";
import type { FlagsOf } from "../command.ts";
import type { AppContext } from "../context.ts";
import type { globalFlags } from "../flags.ts";
import { printJson } from "../output.ts";
import { selectLab } from "../select.ts";
import { selectNodes } from "../select-nodes.ts";

type Flags = FlagsOf<typeof globalFlags>;

/** The worst exit code of all nodes; output of several is marked with their names. */
export async function runExec(context: AppContext, flags: Flags, args: readonly string[]): Promise<number> {
  const [wanted, ...argv] = args;
  if (wanted === undefined || argv.length === 0) throw incomplete();
  const lab = await selectLab(context, flags);
  const { plan } = await runningDesign(lab.state);
  const nodes = selectNodes(plan, wanted);
  const results = await runOnNodes(lab, plan, nodes, argv);
  for (const { node, stdout, stderr, exitCode } of results) {
    if (flags.json === true) printJson(context, { node, exitCode, stdout, stderr });
    else {
      const mark = nodes.length > 1 ? `${node}: ` : "";
      context.process.stdout.write(prefixLines(stdout, mark));
      context.process.stderr.write(prefixLines(stderr, mark));
    }
  }
  // After the output: ping, for one, sums up when it is interrupted.
  throwIfInterrupted(context.world.signal);
  return Math.max(0, ...results.map((result) => result.exitCode));
}

function incomplete(): UsageError {
  return new UsageError({
    code: "E_NO_COMMAND",
    message: "exec needs nodes and a command",
    hint: "for example: lab exec leaf -- ip route",
  });
}

function prefixLines(output: string, mark: string): string {
  return mark === "" ? output : output.replace(/^(?!$)/gm, mark);
}
