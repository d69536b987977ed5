/** `--dry-run`: the very acts that would be performed, printed the way a shell would take them. Nothing is made. */
import type { Act, Placing, Wave } from "../drivers/driver.ts";
import { describeConditions } from "../drivers/proof.ts";
import { quoteForShell } from "../remote/quote.ts";
import type { Design } from "./design.ts";
import type { Lab } from "./lab.ts";
import { describeLeaving, findLeaving } from "./leaving.ts";
import { hostBatch, seedFiles } from "./seeds.ts";
import { readDesign } from "./state.ts";
import { planWork } from "./work.ts";

export async function previewUp(lab: Lab, design: Design): Promise<readonly string[]> {
  const stored = await readDesign(lab.state);
  const before = stored?.plan ?? design.plan;
  const seen = await lab.driver.observe(before);
  const { plan, files } = design;
  const work = planWork(stored?.plan, plan, seen);
  // Keys are made by the run itself; here their places stand empty.
  const seeds = seedFiles(plan, files, { identity: { private: "", public: "" }, hosts: new Map() });
  return [
    ...work.reasons.map((reason) => `# changed: ${reason}`),
    ...describePlacing(await lab.driver.placeImages?.(plan)),
    ...describeLeaving(findLeaving(before, plan, seen, work)).map((what) => `# first: ${what}`),
    ...describeWaves(lab.driver.remove({ plan: before, ...work.remove })),
    ...describeWaves(
      lab.driver.build({ plan, ...work.make, seeds, cloned: seen.cloned ?? [], hostBatch: hostBatch(plan) }),
    ),
  ];
}

export function previewDown(lab: Lab, design: Design): readonly string[] {
  return describeWaves(lab.driver.removeAll(design.plan));
}

/** Images before everything else, as `up` does. */
export function describePlacing({ waves, remarks }: Placing = { waves: [], remarks: [] }): readonly string[] {
  return [...remarks.map((remark) => `# ${remark}`), ...describeWaves(waves)];
}

/** Acts as text, in order. */
export function describeWaves(waves: readonly Wave[]): readonly string[] {
  return waves.flatMap((wave) => wave.flatMap(describeAct));
}

function describeAct(act: Act): readonly string[] {
  const { does, detached, needs, when, proof } = act;
  const input = act.shown ?? act.console?.script ?? act.input;
  const words = formatArgv(act.argv);
  const command = detached === true ? `setsid ${words} &` : words;
  const only = [
    ...(when === undefined || when.length === 0 ? [] : [`, if ${describeConditions(when)}`]),
    ...(needs === undefined ? [] : [`; refused unless ${describeConditions(needs)}`]),
  ].join("");
  const then = proof === undefined ? [] : [`#   until ${describeConditions(proof.holds)}`];
  if (input === undefined) return [`# ${does}${only}`, command, ...then];
  if (typeof input !== "string") return [`# ${does} (${input.length} bytes of tar on standard input)`, command];
  return [`# ${does}${only}`, `${command} <<'END'`, input.trimEnd(), "END", ...then];
}

/** Words like `$SANDBOX` and `$vm_dir/.config` stay readable: they stand for what is known only on the host, at that moment. */
function formatArgv(argv: readonly string[]): string {
  return quoteForShell(argv).replaceAll(/'([\w=-]*\$[\w:/.@-]+)'/g, "$1");
}
