/**
 * Runs one act: asks what it needs, runs its command, and believes files and devices rather than exit codes. Where they do
 * not show what they should, it tries the act's remedies before it gives up.
 */
import { CommandError, HostError, LabError, lastLines } from "../../errors.ts";
import type { Argv } from "../../kinds/kind.ts";
import type { Clock } from "../../system/clock.ts";
import type { RunResult } from "../../system/exec.ts";
import type { Act } from "../driver.ts";
import { type Condition, describeConditions, type Proof, type Remedy } from "../proof.ts";
import type { Owner } from "./conf.ts";
import { allHold, unmet } from "./conditions.ts";
import { visitConsole } from "./console.ts";
import type { HostRunOptions, VmHost } from "./host.ts";
import { lookUpWords } from "./interfaces.ts";
import { takeInventory, takenNames } from "./inventory.ts";

export interface Performer {
  readonly host: VmHost;
  readonly owner: Owner;
  readonly clock: Clock;
}

const pollMs = 50;
/** How often an act is repeated after a remedy. */
const rounds = 4;
const usualMs = 120_000;

export async function performAct(
  performer: Performer,
  act: Act,
  signal?: AbortSignal,
  onFraction?: (fraction: number) => void,
): Promise<void> {
  const { host, owner } = performer;
  await demand(performer, act);
  if (act.when !== undefined && !(await allHold(host, owner, act.when))) return;
  if (act.console !== undefined) {
    // No command that is limited: all guests boot at once, and most of this is waiting for that.
    const { argv, console: login, timeoutMs = usualMs } = act;
    await visitConsole({ host, clock: performer.clock, argv, login, timeoutMs, signal });
    return;
  }
  if (act.puts !== undefined) {
    await host.put(act.puts.from, act.puts.to, onFraction);
    return;
  }
  const watched = await watchLog(host, act.proof);
  const results = await runAll(performer, act, act.argv, signal);
  // Whatever it acts on is not there.
  if (results.length === 0) return;
  const failed = results.find(isFailure);
  const { proof } = act;
  if (proof === undefined) {
    if (failed !== undefined && act.mayFail !== true) throw errorOf(failed);
    return;
  }
  const doubt = await prove(performer, act, proof, results, watched, signal);
  if (doubt !== undefined && act.mayFail !== true) throw doubt;
}

/** Throws HostError, and nothing has been run, where something that is needed does not hold. */
async function demand({ host, owner }: Performer, { does, needs }: Act): Promise<void> {
  if (needs === undefined) return;
  const missing = await unmet(host, owner, needs);
  if (missing.length === 0) return;
  const reasons = await Promise.all(missing.map((condition) => explain(host, owner, condition)));
  throw new HostError({
    code: "E_NOT_OURS",
    message: `cannot ${does}: ${reasons.join("; ")}`,
    hint: missing.some(({ is }) => is === "free")
      ? "lab up --name OTHER gives the lab names with a tag of their own"
      : "lab down, then lab up",
  });
}

async function explain(host: VmHost, owner: Owner, condition: Condition): Promise<string> {
  if (condition.is !== "free") return `not so: ${host.resolve(describeConditions([condition]))}`;
  const taken = takenNames(await takeInventory(host, owner), owner, condition);
  return taken.map(({ what, why }) => `${what} ${why}`).join("; ");
}

/** One command for each thing that a word stands for. */
async function runAll({ host }: Performer, act: Act, argv: Argv, signal?: AbortSignal): Promise<RunResult[]> {
  const options: HostRunOptions = {
    once: true,
    ...(act.input === undefined ? {} : { input: typeof act.input === "string" ? host.resolve(act.input) : act.input }),
    // Whoever puts a process beside us must not be ended halfway through that.
    ...(act.outlives === true ? {} : { signal }),
    timeoutMs: act.timeoutMs ?? usualMs,
  };
  const results: RunResult[] = [];
  for (const words of await lookUpWords(host, argv)) results.push(await host.run(words, options));
  return results;
}

/** 1.8-devel prints the help of a subcommand that it did not understand, and exits 0 (contract, section 2). */
function isFailure({ failure, stdout }: RunResult): boolean {
  return failure !== undefined || stdout.startsWith("Usage:");
}

function errorOf({ argv, exitCode, failure, stdout, stderr }: RunResult): CommandError {
  return new CommandError(argv, exitCode, failure ?? "printed its usage", `${stdout}${stderr}`);
}

/** Undefined as soon as everything holds; else the error, after all remedies. */
async function prove(
  performer: Performer,
  act: Act,
  proof: Proof,
  first: readonly RunResult[],
  watched: Watched | undefined,
  signal: AbortSignal | undefined,
): Promise<LabError | undefined> {
  const { host, owner, clock } = performer;
  if (proof.strict === true && first.some(isFailure)) return doubtOf(performer, act, proof, first, watched);
  let results = first;
  for (let round = 0; ; round += 1) {
    // Of a command that failed nothing more is to be expected.
    const withinMs = results.some(isFailure) ? 0 : proof.withinMs;
    if (await comesTrue(performer, proof, withinMs, watched, signal)) return undefined;
    const remedy = round < rounds && signal?.aborted !== true ? await findRemedy(performer, proof.remedies) : undefined;
    if (remedy === undefined) return doubtOf(performer, act, proof, results, watched);
    if (remedy.argv === undefined) await clock.pause(4 * pollMs, signal);
    else await runAll(performer, act, remedy.argv, signal);
    if (await allHold(host, owner, proof.holds)) return undefined;
    results = await runAll(performer, act, act.argv, signal);
  }
}

async function findRemedy({ host, owner }: Performer, remedies: readonly Remedy[] = []): Promise<Remedy | undefined> {
  for (const remedy of remedies) if (await allHold(host, owner, remedy.when)) return remedy;
  return undefined;
}

/** Waits until the proof holds, and goes on holding; false at the deadline, or once the log says that it never will. */
async function comesTrue(
  { host, owner, clock }: Performer,
  { holds, steadyMs = 0 }: Proof,
  withinMs: number,
  watched: Watched | undefined,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const deadline = clock.now() + withinMs;
  for (;;) {
    if (await allHold(host, owner, holds)) {
      if (steadyMs === 0) return true;
      await clock.pause(steadyMs, signal);
      if (await allHold(host, owner, holds)) return true;
    }
    if (clock.now() >= deadline || signal?.aborted === true || (await isFatal(host, watched))) return false;
    await clock.pause(pollMs, signal);
  }
}

interface Watched {
  readonly path: string;
  readonly fatal: RegExp;
  /** Characters that were there before the act. */
  readonly start: number;
}

async function watchLog(host: VmHost, proof: Proof | undefined): Promise<Watched | undefined> {
  if (proof?.log === undefined) return undefined;
  return { ...proof.log, start: ((await host.read(proof.log.path)) ?? "").length };
}

async function newLines(host: VmHost, watched: Watched | undefined): Promise<string> {
  return watched === undefined ? "" : ((await host.read(watched.path)) ?? "").slice(watched.start);
}

async function isFatal(host: VmHost, watched: Watched | undefined): Promise<boolean> {
  return watched !== undefined && watched.fatal.test(await newLines(host, watched));
}

async function doubtOf(
  { host, owner }: Performer,
  { does, argv }: Act,
  proof: Proof,
  results: readonly RunResult[],
  watched: Watched | undefined,
): Promise<LabError> {
  const missing = describeConditions(await unmet(host, owner, proof.holds));
  const failed = results.find(isFailure);
  const said = failed === undefined ? "returned" : (failed.failure ?? "printed its usage");
  const output = lastLines(results.map(({ stdout, stderr }) => `${stdout}${stderr}`).join(""), 8);
  const log = lastLines(await newLines(host, watched), 8);
  const parts = [
    `could not ${does}: ${argv.join(" ")} ${said}${missing === "" ? "" : `, and it is not so that ${missing}`}`,
    ...(output === "" ? [] : [output.replace(/^/gm, "    ")]),
    ...(log === "" ? [] : [`its log says:\n${log.replace(/^/gm, "    ")}`]),
  ];
  return new LabError({ code: "E_NOT_DONE", message: host.resolve(parts.join("\n")), hint: host.resolve(proof.hint) });
}
