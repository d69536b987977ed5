/** `lab generate` */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { exitCodes } from "../../errors.ts";
import { generateTopology } from "../../topology/generate.ts";
import type { FlagsOf } from "../command.ts";
import type { AppContext } from "../context.ts";
import type { generateFlags } from "../flags.ts";

export function runGenerate(context: AppContext, flags: FlagsOf<typeof generateFlags>): Promise<number> {
  const { name = "generated", spines = 2, leaves = 4, servers = 1 } = flags;
  // The file may be written anywhere, and an editor takes no blanks in a plain path.
  const schema = pathToFileURL(join(context.home, "topologies", "topology.schema.json")).href;
  context.process.stdout.write(generateTopology({ name, spines, leaves, servers, schema }));
  return Promise.resolve(exitCodes.good);
}
