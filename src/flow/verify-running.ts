/** `lab verify`: every check of a lab that is up, the playbook's second run included. */
import type { Verdict } from "../verify/model.ts";
import { playAnycast } from "./configure.ts";
import { keysOf, openLabFleet } from "./access.ts";
import type { Lab } from "./lab.ts";
import { runningDesign, writeVerdicts } from "./state.ts";
import { verifyFabric } from "./verify.ts";

const quiet = () => undefined;

/** A fabric that is up need not converge: what does not hold within this is wrong. */
const patienceMs = 5000;

export async function verifyRunning(lab: Lab): Promise<readonly Verdict[]> {
  const design = await runningDesign(lab.state);
  const { clock, signal } = lab.world;
  const fleet = openLabFleet(lab, design.plan, await keysOf(lab, design.plan));
  // A leaf that is down fails the playbook too; the checks say more about it than Ansible does.
  const facts = playAnycast(lab, design, quiet).catch(() => undefined);
  try {
    const options = { clock, signal, patienceMs, facts, onProgress: quiet };
    const verdicts = await verifyFabric(design.checks, fleet, options);
    await writeVerdicts(lab.state, verdicts);
    return verdicts;
  } finally {
    fleet.close();
  }
}
