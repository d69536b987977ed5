/** `lab completion` */
import { exitCodes, UsageError } from "../../errors.ts";
import { completionScript, isShell, shells } from "../completion.ts";
import type { FlagsOf } from "../command.ts";
import type { AppContext } from "../context.ts";
import type { globalFlags } from "../flags.ts";
import { builtInNames } from "../select.ts";
import { commandWords } from "../words.ts";

export async function runCompletion(
  context: AppContext,
  _flags: FlagsOf<typeof globalFlags>,
  [shell = ""]: readonly string[],
): Promise<number> {
  if (!isShell(shell)) {
    throw new UsageError({
      code: "E_SHELL",
      message: shell === "" ? "completion needs a shell" : `no completion for ${shell}`,
      hint: shells.join(", "),
    });
  }
  // The table knows this command, which is why it is not imported before it runs.
  const { routes } = await import("../routes.ts");
  const words = { commands: commandWords(routes), topologies: (await builtInNames(context)).toSorted() };
  context.process.stdout.write(completionScript(shell, words));
  return exitCodes.good;
}
