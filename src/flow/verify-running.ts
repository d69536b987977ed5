/** `lab verify`: every check of a lab that is up, the playbook's second run included. */
import { LabError } from "../errors.ts";
import type { Fleet } from "../remote/fleet.ts";
import type { PlaybookOutcome, Verdict } from "../verify/model.ts";
import { playAnycast } from "./configure.ts";
import { keysOf, openLabFleet } from "./access.ts";
import type { Design } from "./design.ts";
import { untilInterrupted } from "./interrupt.ts";
import type { Lab } from "./lab.ts";
import { writeVerdicts } from "./state.ts";
import { runStages, type Ui } from "./ui.ts";
import { verifyFabric } from "./verify.ts";

const quiet = () => undefined;

/** A fabric that is up need not converge: what does not hold within this is wrong. */
const patienceMs = 5000;

/**
 * Shown as a stage where people look on; programs get the verdicts alone. The caller holds the lab: the playbook changes
 * leaves that are not as they should be.
 */
export async function verifyRunning(lab: Lab, design: Design, ui: Ui): Promise<readonly Verdict[]> {
  if (ui.mode === "json") return askAll(lab, design, quiet);
  let verdicts: readonly Verdict[] = [];
  const run = async (note: (text: string) => void) => {
    verdicts = await askAll(lab, design, (passed, total) => note(`${passed} of ${total} checks hold`));
    return `${verdicts.length} checks asked`;
  };
  await runStages([{ name: "verify", title: "Verify the fabric", run }], ui);
  return verdicts;
}

async function askAll(
  lab: Lab,
  design: Design,
  onProgress: (passed: number, total: number) => void,
): Promise<readonly Verdict[]> {
  const { world } = lab;
  const fleet = openLabFleet(lab, design.plan, await keysOf(lab, design.plan));
  const ask = async () => {
    const { clock, signal } = world;
    const { callAgain } = lab.driver;
    const options = { clock, signal, callAgain, patienceMs, played: playAgain(lab, design, fleet), onProgress };
    const { verdicts } = await verifyFabric(design.checks, fleet, options);
    await writeVerdicts(lab.state, verdicts);
    return verdicts;
  };
  try {
    return await untilInterrupted(ask(), world, () => fleet.close());
  } finally {
    fleet.close();
  }
}

/** What Ansible reports, or says when it fails: a failed playbook is a failed check. Whatever else is thrown goes on. */
function playAgain(lab: Lab, design: Design, fleet: Fleet): Promise<PlaybookOutcome> {
  return playAnycast(lab, design, fleet, quiet).catch((error: unknown) => {
    if (error instanceof LabError) return error;
    throw error;
  });
}
