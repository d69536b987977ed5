/** `lab up`: stage by stage, each idempotent, so that a second run, or one after a crash, goes on where things stand. */
import { count } from "../count.ts";
import type { Fleet } from "../remote/fleet.ts";
import type { Plan } from "../plan/model.ts";
import { withoutLength } from "../topology/ipv4.ts";
import type { Answer, PlaybookFacts, Verdict } from "../verify/model.ts";
import { formatProgress } from "../report/progress.ts";
import { seenByVerify } from "../verify/read-status.ts";
import { isComplete, judgeStatus, type StatusRow } from "../verify/status.ts";
import { build, placeImages } from "./build.ts";
import { checkHost } from "./check.ts";
import { configureFabric, configureServers, playAnycast } from "./configure.ts";
import type { Design } from "./design.ts";
import type { Handover } from "./handover.ts";
import { keysOf, openLabFleet, writeAccess } from "./access.ts";
import { throwIfInterrupted, untilInterrupted } from "./interrupt.ts";
import type { Lab } from "./lab.ts";
import { makeDirectories, writeHost, writeVerdicts } from "./state.ts";
import { runStages, type Stage, type Ui, type UiMode } from "./ui.ts";
import { verifyFabric } from "./verify.ts";

export const stageNames = ["check", "build", "fabric", "playbook", "servers", "verify"] as const;
export type StageName = (typeof stageNames)[number];

export interface UpOptions {
  readonly ui: Ui;
  /** The last stage to run. */
  readonly until: StageName;
}

export interface UpResult {
  /** False when nothing had to be touched. */
  readonly changed: boolean;
  /** What differed from the stored plan, and why. */
  readonly reasons: readonly string[];
  /** Empty when the run stopped before `verify`. */
  readonly verdicts: readonly Verdict[];
  /** What verification saw of every node; empty when the run stopped before, or some of it was seen too early. */
  readonly rows: readonly StatusRow[];
  /** Milliseconds each stage took. */
  readonly timings: Readonly<Record<string, number>>;
  /** Milliseconds of the last stage until the kernels had their routes; absent when the run stopped before. */
  readonly convergeMs?: number;
}

/** Brings the design up. Throws the error of the stage that failed; failed checks are in the result. */
export async function bringUp(lab: Lab, design: Design, options: UpOptions): Promise<UpResult> {
  const run = new UpRun(lab, design, options.ui.mode);
  try {
    const last = stageNames.indexOf(options.until);
    await runStages(run.stages().slice(0, last + 1), options.ui);
    return run.result();
  } finally {
    await run.endHandover(() => {});
    run.close();
  }
}

/** What one run knows, stage after stage. */
class UpRun {
  readonly #lab: Lab;
  readonly #design: Design;
  readonly #mode: UiMode;
  readonly #timings: Record<string, number> = {};
  #reasons: readonly string[] = [];
  #changed = false;
  #fleet: Fleet | undefined;
  #facts: PlaybookFacts | undefined;
  #verdicts: readonly Verdict[] = [];
  #rows: readonly StatusRow[] = [];
  #convergeMs: number | undefined;
  #handover: Handover | undefined;
  /** Every node has its files. */
  #settled = false;

  constructor(lab: Lab, design: Design, mode: UiMode) {
    this.#lab = lab;
    this.#design = design;
    this.#mode = mode;
  }

  stages(): Stage[] {
    return [
      this.#stage("check", "Check this machine", () => this.#check()),
      this.#stage("build", "Build guests and links", (note) => this.#build(note)),
      this.#stage("fabric", "Configure the fabric", () => this.#configure(configureFabric)),
      this.#stage("playbook", "Play anycast.yaml on the leaves", (note) => this.#play(note)),
      this.#stage("servers", "Configure the servers", (note) => this.#configureServers(note)),
      this.#stage("verify", "Verify the fabric", (note) => this.#verify(note)),
    ];
  }

  result(): UpResult {
    return {
      changed: this.#changed,
      reasons: this.#reasons,
      verdicts: this.#verdicts,
      rows: this.#rows,
      timings: this.#timings,
      ...(this.#convergeMs !== undefined && { convergeMs: this.#convergeMs }),
    };
  }

  close(): void {
    this.#fleet?.close();
    this.#handover?.close();
  }

  /** An interrupted run leaves it to its undoing, which finds on disk what there is to do. */
  async endHandover(note: (text: string) => void): Promise<void> {
    if (this.#lab.world.signal.aborted) return;
    await this.#handover?.end(this.#settled, note);
    this.#handover = undefined;
  }

  /** A stage that is journalled, timed, and left at once when the run is interrupted. */
  #stage(name: StageName, title: string, work: (note: (text: string) => void) => Promise<string>): Stage {
    const { journal, world } = this.#lab;
    return {
      name,
      title,
      run: async (note) => {
        throwIfInterrupted(world.signal);
        const start = world.clock.now();
        // The check makes nothing, not even a journal.
        if (name === "build") await this.#settleIn();
        if (name !== "check") journal.write({ event: "stage", stage: name, state: "begin" });
        const deaf = world.news?.listen(note);
        const said = await untilInterrupted(work(note), world, () => this.close()).finally(deaf);
        // Who is to restore this lab must know which stages were about the guests that it has now.
        const changed = name === "build" && this.#changed;
        if (name !== "check")
          journal.write({ event: "stage", stage: name, state: "done", ...(changed && { changed }) });
        this.#timings[name] = world.clock.now() - start;
        return said;
      },
    };
  }

  async #settleIn(): Promise<void> {
    const { state, host } = this.#lab;
    await makeDirectories(state);
    await writeHost(state, host);
  }

  async #check(): Promise<string> {
    const { plan, files, checks } = this.#design;
    await checkHost(this.#lab, plan);
    const without = (plan.leftOut ?? []).map(({ node, why }) => `; without ${node}: ${why}`).join("");
    return `${plan.nodes.length} nodes, ${plan.segments.length} segments, ${files.length} files, ${checks.length} checks${without}`;
  }

  async #build(note: (text: string) => void): Promise<string> {
    const { plan } = this.#design;
    const show = (percent: number, doing: string) =>
      this.#mode === "live" ? formatProgress(percent, doing) : `${Math.round(percent)} %: ${doing}`;
    const tell = (percent: number, doing: string) => note(`image ${show(percent, doing)}`);
    // Those of virtual machines were found by the check; they only have to be where guests are made.
    if (plan.hypervisor === "netns") await this.#lab.world.ensureImages(tell);
    else await placeImages(this.#lab, plan, tell);
    const built = await build(this.#lab, this.#design, note);
    this.#changed = built.changed;
    this.#reasons = built.reasons;
    this.#handover = built.handover;
    const keys = await keysOf(this.#lab, plan);
    await writeAccess(this.#lab, plan, keys);
    this.#fleet = openLabFleet(this.#lab, plan, keys);
    return built.said;
  }

  async #configureServers(note: (text: string) => void): Promise<string> {
    // The playbook has brought up ports of its own.
    await this.#handover?.extend(note);
    const said = await this.#configure(configureServers);
    this.#settled = true;
    return said;
  }

  async #configure(stage: typeof configureFabric): Promise<string> {
    const told = this.#handover?.told ?? new Set();
    const { written } = await stage(this.#lab, this.#design, this.#openFleet(), told);
    this.#changed ||= written.length > 0;
    return written.length === 0 ? "no file changed" : `${written.length} files written`;
  }

  async #play(note: (text: string) => void): Promise<string> {
    await this.#handover?.extend(note);
    const fleet = this.#openFleet();
    const facts = await playAnycast(this.#lab, this.#design, fleet, note);
    const changed = countChanged(facts);
    this.#changed ||= changed > 0;
    // The proof that the playbook is idempotent is a second run; a run that changed nothing is one already.
    this.#facts = changed === 0 ? facts : await playAnycast(this.#lab, this.#design, fleet, note);
    const again = countChanged(this.#facts);
    if (changed === 0) return "changed=0";
    return `changed on ${count(changed, "leaf", "leaves")}, a second run ${again === 0 ? "changed=0" : `on ${again}`}`;
  }

  async #verify(note: (text: string) => void): Promise<string> {
    const { clock, signal } = this.#lab.world;
    const { plan, checks } = this.#design;
    const { verdicts, answers, convergeMs } = await verifyFabric(checks, this.#openFleet(), {
      clock,
      signal,
      callAgain: this.#lab.driver.callAgain,
      ...(this.#facts !== undefined && { played: this.#facts }),
      onProgress: noteNew(note),
      onConverged: () => this.#handover?.freeze(note),
    });
    await this.endHandover(note);
    this.#verdicts = verdicts;
    this.#convergeMs = convergeMs;
    this.#rows = completeRows(plan, answers);
    await writeVerdicts(this.#lab.state, verdicts);
    const failed = verdicts.filter((verdict) => verdict.status === "fail").length;
    return failed === 0 ? `${verdicts.length} checks hold` : `${failed} checks failed`;
  }

  #openFleet(): Fleet {
    if (this.#fleet === undefined) throw new TypeError("the build stage opens the fleet");
    return this.#fleet;
  }
}

/** Status rows without asking anew; none where a node was asked before its last neighbour came up. */
function completeRows(plan: Plan, answers: ReadonlyMap<string, Answer>): readonly StatusRow[] {
  const addresses = plan.services.map(({ prefix }) => withoutLength(prefix));
  const rows = judgeStatus(plan, new Map(plan.nodes.map(({ name }) => [name, seenByVerify(name, addresses, answers)])));
  return rows.every(isComplete) ? rows : [];
}

/** Tells how many checks hold whenever that has changed. */
function noteNew(note: (text: string) => void): (passed: number, total: number) => void {
  let last = -1;
  return (passed, total) => {
    if (passed !== last) note(`${passed} of ${total} checks hold`);
    last = passed;
  };
}

function countChanged(facts: PlaybookFacts): number {
  return Object.values(facts).filter((fact) => fact.changed > 0).length;
}
