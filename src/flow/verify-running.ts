/** `lab verify`: every check of a lab that is up, the playbook's second run included. */
import type { Verdict } from "../verify/model.ts";
import { playAnycast } from "./configure.ts";
import { keysOf, openLabFleet } from "./access.ts";
import type { Design } from "./design.ts";
import type { Lab } from "./lab.ts";
import { runningDesign, writeVerdicts } from "./state.ts";
import { runStages, type Ui } from "./ui.ts";
import { verifyFabric } from "./verify.ts";

const quiet = () => undefined;

/** A fabric that is up need not converge: what does not hold within this is wrong. */
const patienceMs = 5000;

/** Shown as a stage where people look on; programs get the verdicts alone. */
export async function verifyRunning(lab: Lab, ui: Ui): Promise<readonly Verdict[]> {
  const design = await runningDesign(lab.state);
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
  const { clock, signal } = lab.world;
  const fleet = openLabFleet(lab, design.plan, await keysOf(lab, design.plan));
  // A leaf that is down fails the playbook too; the checks say more about it than Ansible does.
  const facts = playAnycast(lab, design, quiet).catch(() => undefined);
  try {
    const options = { clock, signal, patienceMs, facts, onProgress };
    const { verdicts } = await verifyFabric(design.checks, fleet, options);
    await writeVerdicts(lab.state, verdicts);
    return verdicts;
  } finally {
    fleet.close();
  }
}
