/** `--dry-run`: the very acts that would be performed, printed the way a shell would take them. Nothing is made. */
import type { Act, Wave } from "../drivers/driver.ts";
import { quoteForShell } from "../remote/quote.ts";
import type { Design } from "./design.ts";
import type { Lab } from "./lab.ts";
import { hostBatch, seedFiles } from "./seeds.ts";
import { readDesign } from "./state.ts";
import { planWork } from "./work.ts";

export async function previewUp(lab: Lab, design: Design): Promise<readonly string[]> {
  const stored = await readDesign(lab.state);
  const before = stored?.plan ?? design.plan;
  const work = planWork(stored?.plan, design.plan, await lab.driver.observe(before));
  const { plan, files } = design;
  // Keys are made by the run itself; here their places stand empty.
  const seeds = seedFiles(plan, files, { identity: { private: "", public: "" }, hosts: new Map() });
  return [
    ...work.reasons.map((reason) => `# changed: ${reason}`),
    ...describeWaves(lab.driver.remove({ plan: before, ...work.remove })),
    ...describeWaves(lab.driver.build({ plan, ...work.make, seeds, hostBatch: hostBatch(plan) })),
  ];
}

export function previewDown(lab: Lab, design: Design): readonly string[] {
  return describeWaves(lab.driver.removeAll(design.plan));
}

function describeWaves(waves: readonly Wave[]): readonly string[] {
  return waves.flatMap((wave) => wave.flatMap(describeAct));
}

function describeAct({ does, argv, input, detached }: Act): readonly string[] {
  // `$SANDBOX` stays readable: it is a pid that is known only then.
  const words = quoteForShell(argv).replaceAll("'$SANDBOX'", "$SANDBOX");
  const command = detached === true ? `setsid ${words} &` : words;
  if (input === undefined) return [`# ${does}`, command];
  if (typeof input !== "string") return [`# ${does} (${input.length} bytes of tar on standard input)`, command];
  return [`# ${does}`, `${command} <<'END'`, input.trimEnd(), "END"];
}
