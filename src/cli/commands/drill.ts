/** `lab drill` */
import { resolve } from "node:path";
import { type Baseline, readBaseline } from "../../drill/baseline.ts";
import type { Scenario } from "../../drill/model.ts";
import { scenarios } from "../../drill/registry.ts";
import { exitCodes, UsageError } from "../../errors.ts";
import { repairDrill, runDrill } from "../../flow/drill.ts";
import { holding } from "../../flow/hold.ts";
import type { Lab } from "../../flow/lab.ts";
import { runningDesign } from "../../flow/state.ts";
import { drillToJson, formatDrill, formatScenarios, formatTimelines } from "../../report/drill.ts";
import { readTextOr } from "../../system/files.ts";
import { summarise } from "../../verify/summary.ts";
import type { FlagsOf } from "../command.ts";
import type { AppContext } from "../context.ts";
import type { drillFlags } from "../flags.ts";
import { chooseUi, layoutOf, printJson, printLines } from "../output.ts";
import { selectLab } from "../select.ts";
import { prepareJunit } from "../verdicts.ts";

type Flags = FlagsOf<typeof drillFlags>;

const usualRate = 100;

export async function runDrillCommand(context: AppContext, flags: Flags, args: readonly string[]): Promise<number> {
  const [name] = args;
  if (flags.repair === true) {
    if (name !== undefined) throw repairAlone();
    return repair(context, flags);
  }
  if (name === undefined) return list(context, flags);
  const scenario = findScenario(name);
  const rate = flags.rate ?? usualRate;
  const baseline = flags.baseline === undefined ? undefined : await loadBaseline(context, flags.baseline, name, rate);
  const writeJunit = await prepareJunit(context, flags.junit);
  const order = { scenario, count: flags.count ?? 1, rate, ...(baseline !== undefined && { baseline }) };
  const lab = await selectLab(context, flags);
  const report = await held(lab, flags, `lab drill ${name}`, async () => {
    const { plan } = await runningDesign(lab.state);
    return runDrill(lab, plan, order, chooseUi(context, flags));
  });
  await writeJunit(report.verdicts, lab.name);
  if (flags.json === true) printJson(context, drillToJson(report));
  else {
    const layout = layoutOf(context);
    const timelines = flags.verbose === true ? [...formatTimelines(report, layout), ""] : [];
    printLines(context, [...timelines, ...formatDrill(report, layout)]);
  }
  return summarise(report.verdicts).ok ? exitCodes.good : exitCodes.checkFailed;
}

/** While it holds the lab: nobody else may change what is broken. */
async function held<Result>(lab: Lab, flags: Flags, doing: string, work: () => Promise<Result>): Promise<Result> {
  // Before the lock: where there is no lab, nothing is made.
  await runningDesign(lab.state);
  return holding(lab, doing, (flags.wait ?? 0) * 1000, work);
}

async function repair(context: AppContext, flags: Flags): Promise<number> {
  const lab = await selectLab(context, flags);
  const mended = await held(lab, flags, "lab drill --repair", async () => {
    const { plan } = await runningDesign(lab.state);
    return repairDrill(lab, plan, chooseUi(context, flags));
  });
  if (flags.json === true) printJson(context, { event: "result", lab: lab.name, mended: mended ?? null });
  return exitCodes.good;
}

function list(context: AppContext, flags: Flags): number {
  if (flags.json === true) printJson(context, { scenarios: scenarios.map(({ name, summary }) => ({ name, summary })) });
  else printLines(context, formatScenarios(scenarios, layoutOf(context)));
  return exitCodes.good;
}

function findScenario(name: string): Scenario {
  const scenario = scenarios.find((one) => one.name === name);
  if (scenario !== undefined) return scenario;
  throw new UsageError({
    code: "E_NO_SCENARIO",
    message: `there is no drill ${name}`,
    hint: `there are ${scenarios.map((one) => one.name).join(", ")}`,
  });
}

function repairAlone(): UsageError {
  return new UsageError({
    code: "E_REPAIR_ALONE",
    message: "--repair knows from the last drill what to mend, and takes no scenario",
    hint: "lab drill --repair",
  });
}

/** Throws UsageError for a file that is no earlier result of this drill. */
async function loadBaseline(context: AppContext, given: string, scenario: string, rate: number): Promise<Baseline> {
  const text = await readTextOr(resolve(context.cwd, given), undefined);
  const baseline = readBaseline(text ?? "");
  const why = text === undefined ? "there is no such file" : whyNot(baseline, scenario, rate);
  if (baseline !== undefined && why === undefined) return baseline;
  throw new UsageError({
    code: "E_BASELINE",
    message: `${given} is no baseline of ${scenario}: ${why}`,
    hint: `make one: lab drill ${scenario} --count 20 --rate ${rate} --json > ${given}`,
  });
}

/** How many requests are lost goes by how many are sent: only what was measured alike is compared. */
function whyNot(baseline: Baseline | undefined, scenario: string, rate: number): string | undefined {
  if (baseline === undefined) return "its last line is no result of a drill";
  if (baseline.scenario !== scenario) return `it is one of ${baseline.scenario}`;
  if (baseline.rate === rate) return undefined;
  return `it was measured at ${baseline.rate} requests a second, and this is ${rate}`;
}
