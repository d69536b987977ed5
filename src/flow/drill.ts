/** `lab drill`: breaks a running lab again and again, watches what becomes of it, and leaves it as it was. */
import type { Baseline } from "../drill/baseline.ts";
import { compareWith } from "../drill/baseline.ts";
import { isSameConfiguration } from "../drill/configuration.ts";
import { figuresOf, summariseFigures } from "../drill/figures.ts";
import { judgeDrill } from "../drill/judge.ts";
import type { Fault, Observed, Scenario } from "../drill/model.ts";
import { tallyPhases } from "../drill/requests.ts";
import { timelineOf } from "../drill/timeline.ts";
import { routersTo } from "../drill/turns.ts";
import { HostError } from "../errors.ts";
import type { Plan, Service } from "../plan/model.ts";
import type { Fleet } from "../remote/fleet.ts";
import type { DrillReport, RunReport } from "../report/drill.ts";
import { countingClients, urlOf } from "../verify/traffic-checks.ts";
import { askAgain } from "./drill-again.ts";
import { compareClocks } from "./drill-clock.ts";
import type { Place } from "./drill-fault.ts";
import { healNow, withLastingFleet } from "./drill-heal.ts";
import { type Arena, runOnce } from "./drill-run.ts";
import { throwIfInterrupted } from "./interrupt.ts";
import type { Lab } from "./lab.ts";
import { together } from "./together.ts";
import { runStages, type Ui } from "./ui.ts";

export interface DrillOrder {
  readonly scenario: Scenario;
  /** Runs. */
  readonly count: number;
  /** Requests a second, of all clients together. */
  readonly rate: number;
  readonly baseline?: Baseline;
}

type Note = (text: string) => void;

/** The caller holds the lab. Throws HostError where this lab cannot have the drill; what was broken is mended by then. */
export async function runDrill(lab: Lab, plan: Plan, order: DrillOrder, ui: Ui): Promise<DrillReport> {
  const { service, faults } = chooseFaults(plan, order.scenario);
  let report: DrillReport | undefined;
  const run = async (note: Note) => {
    report = await withLastingFleet(lab, plan, (fleet) =>
      drill({ lab, plan, service, faults, order, fleet, ui, note }),
    );
    return `${report.runs.length} of ${order.count} runs`;
  };
  await runStages([{ name: "drill", title: `Drill ${order.scenario.name}`, run }], ui);
  if (report === undefined) throw new TypeError("a stage that ends without an error has a report");
  return report;
}

/** `lab drill --repair`. Resolves to what was broken; undefined where nothing is left of any drill. */
export async function repairDrill(lab: Lab, plan: Plan, ui: Ui): Promise<string | undefined> {
  let mended: string | undefined;
  const run = async (note: Note) => {
    mended = await withLastingFleet(lab, plan, (fleet) =>
      healNow({ plan, place: placeOf(lab, fleet), clock: lab.world.clock, note }),
    );
    return mended === undefined ? "nothing to mend" : `mended: ${mended}`;
  };
  await runStages([{ name: "repair", title: "Repair", run }], ui);
  return mended;
}

function chooseFaults(
  plan: Plan,
  scenario: Scenario,
): { readonly service: Service; readonly faults: readonly Fault[] } {
  const service = plan.services.find(({ servers }) => servers.length > 0);
  if (service === undefined) throw unfit(plan, scenario, "no server has a service");
  if (countingClients(plan).length === 0) throw unfit(plan, scenario, "there is no client to send requests");
  const faults = scenario.faults(plan, service);
  if ("unfit" in faults) throw unfit(plan, scenario, faults.unfit);
  if (faults.length === 0) throw unfit(plan, scenario, "there is nothing that it could happen to");
  return { service, faults };
}

function unfit({ lab }: Plan, { name }: Scenario, why: string): HostError {
  const hint = "lab drill lists all scenarios; topology anycast can have each of them";
  return new HostError({ code: "E_DRILL_UNFIT", message: `${lab} cannot have the drill ${name}: ${why}`, hint });
}

interface Drill {
  readonly lab: Lab;
  readonly plan: Plan;
  readonly service: Service;
  readonly faults: readonly Fault[];
  readonly order: DrillOrder;
  readonly fleet: Fleet;
  readonly ui: Ui;
  readonly note: Note;
}

async function drill({ lab, plan, service, faults, order, fleet, ui, note }: Drill): Promise<DrillReport> {
  const { clock, signal } = lab.world;
  const place = placeOf(lab, fleet);
  await healNow({ plan, place, clock, note });
  const clients = countingClients(plan).map(({ name }) => name);
  const nodes = [
    ...clients,
    ...routersTo(plan, service).map(({ router }) => router),
    ...faults.map(({ node }) => node),
  ];
  const before = await configurations(plan, fleet);
  const arena: Arena = {
    ...{ plan, service, fleet, place, clock, signal, note },
    clocks: await compareClocks(plan, fleet, [...new Set(nodes)], clock),
    traffic: { clients, url: urlOf(service), rate: order.rate, servers: service.servers },
  };
  const runs: Observed[] = [];
  for (let index = 0; index < order.count; index += 1) {
    throwIfInterrupted(signal);
    const fault = faults[index % faults.length];
    if (fault === undefined) break;
    const observed = await runOnce(arena, fault);
    runs.push(observed);
    const figures = figuresOf(observed);
    if (ui.mode === "json") ui.emit({ event: "run", run: index + 1, title: fault.title, figures });
    note(`run ${index + 1} of ${order.count}: ${fault.title}: ${describe(figures)}`);
    // Routers that had to be helped would have to be again.
    if (observed.wholeMs === undefined) break;
  }
  const after = await configurations(plan, fleet);
  const configured = [...before.keys()];
  const startedAnew = runs.some(({ fault }) => fault.startsAnew);
  const reconfigured = configured.filter(
    (node) => !isSameConfiguration(before.get(node) ?? "", after.get(node) ?? "", startedAnew),
  );
  const { scenario, baseline, rate } = order;
  const figures = summariseFigures(runs.map(figuresOf));
  const node = faults[0]?.node ?? "";
  return {
    ...{ lab: lab.name, scenario: scenario.name, rate, figures, servers: service.servers },
    clockMs: arena.clocks.errorMs,
    runs: runs.map(reportOf),
    verdicts: [
      ...judgeDrill({ scenario: scenario.name, runs, servers: service.servers, configured, reconfigured }),
      ...(baseline === undefined ? [] : compareWith(baseline, figures, node)),
    ],
  };
}

function placeOf({ state, journal }: Lab, fleet: Fleet): Place {
  return { state, journal, fleet };
}

function reportOf(observed: Observed): RunReport {
  const { fault, counted } = observed;
  return {
    ...{ title: fault.title, figures: figuresOf(observed), tallies: tallyPhases(observed), counted },
    timeline: timelineOf(observed),
  };
}

function describe(figures: Readonly<Record<string, number>>): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

/** What FRR runs with, byte for byte, by node. Throws NodeError for one that does not say. */
async function configurations(plan: Plan, fleet: Fleet): Promise<ReadonlyMap<string, string>> {
  const nodes = plan.nodes.filter(({ guest, bgp }) => guest.frr !== undefined && bgp !== undefined);
  const argv = ["vtysh", "-c", "show running-config"];
  return new Map(
    await together(nodes, async ({ name }) => {
      const { stdout } = await askAgain(async () =>
        (await fleet.session(name, 30_000)).run(argv, { timeoutMs: 30_000 }),
      );
      return [name, stdout] as const;
    }),
  );
}
