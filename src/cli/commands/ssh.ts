/** `lab ssh` */
import { UsageError } from "../../errors.ts";
import { runningDesign } from "../../flow/state.ts";
import { quoteForShell } from "../../remote/quote.ts";
import type { FlagsOf } from "../command.ts";
import type { AppContext } from "../context.ts";
import type { globalFlags } from "../flags.ts";
import { selectLab } from "../select.ts";
import { selectNodes } from "../select-nodes.ts";

type Flags = FlagsOf<typeof globalFlags>;

/** OpenSSH itself, with the lab's own configuration; its exit code is ours. */
export async function runSsh(context: AppContext, flags: Flags, args: readonly string[]): Promise<number> {
  const [wanted, ...command] = args;
  if (wanted === undefined) {
    throw new UsageError({ code: "E_NO_NODE", message: "ssh needs a node", hint: "for example: lab ssh leaf01" });
  }
  const lab = await selectLab(context, flags);
  const { plan } = await runningDesign(lab.state);
  const [name = wanted] = selectNodes(plan, wanted);
  const node = plan.nodes.find((candidate) => candidate.name === name);
  if (node?.reach.via === "local") {
    const argv = command.length === 0 ? ["/bin/sh"] : command;
    return context.world.exec.interact((await lab.driver.interactOnHost?.(argv)) ?? lab.driver.onHost(argv));
  }
  const remote = command.length === 0 ? [] : [quoteForShell(command)];
  return context.world.exec.interact(["ssh", "-F", lab.state.sshConfig, name, ...remote]);
}
