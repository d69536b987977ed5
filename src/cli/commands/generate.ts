/** `lab generate` */
import { exitCodes } from "../../errors.ts";
import { generateTopology } from "../../topology/generate.ts";
import type { FlagsOf } from "../command.ts";
import type { AppContext } from "../context.ts";
import type { generateFlags } from "../flags.ts";

export function runGenerate(context: AppContext, flags: FlagsOf<typeof generateFlags>): Promise<number> {
  const { name = "generated", spines = 2, leaves = 4, servers = 1 } = flags;
  context.process.stdout.write(generateTopology({ name, spines, leaves, servers }));
  return Promise.resolve(exitCodes.good);
}
