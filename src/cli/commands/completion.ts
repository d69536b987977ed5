/** `lab completion` */
import { exitCodes, UsageError } from "../../errors.ts";
import { completionScript, isShell, shells } from "../completion.ts";
import type { FlagsOf } from "../command.ts";
import type { AppContext } from "../context.ts";
import type { globalFlags } from "../flags.ts";

export function runCompletion(
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
  context.process.stdout.write(completionScript(shell));
  return Promise.resolve(exitCodes.good);
}
