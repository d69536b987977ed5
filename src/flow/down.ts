/** `lab down`: removes everything of a lab, whatever state it is in, and proves that nothing is left. */
import { LabError } from "../errors.ts";
import type { Receipt } from "../drivers/driver.ts";
import type { Lab } from "./lab.ts";
import { playbookMark } from "../remote/ansible.ts";
import { endByVariable } from "../system/sweep.ts";
import { ansibleHome } from "./configure.ts";
import { removeState } from "./state.ts";

const sweepMs = 10_000;

/** Idempotent; a lab that was never there leaves an empty receipt. Throws LabError when something stays. */
export async function takeDown(lab: Lab): Promise<Receipt> {
  const receipt = await removeAll(lab);
  if (receipt.left.length > 0) {
    throw new LabError({
      code: "E_LEFT_BEHIND",
      message: `not everything is gone:\n${receipt.left.map((what) => `  ${what}`).join("\n")}`,
      hint: "lab down again; its state is kept until all is gone",
    });
  }
  await removeState(lab.state);
  return receipt;
}

/** Strays first: a playbook of a run that was killed would go on with nodes that are being removed. */
async function removeAll(lab: Lab): Promise<Receipt> {
  const strays = await endByVariable(playbookMark, ansibleHome(lab.state), lab.world.clock, sweepMs);
  const { removed, left } = await lab.driver.destroy();
  return {
    removed: { ...removed, ...(strays.ended > 0 && { "stray processes": strays.ended }) },
    left: [...strays.left.map((pid) => `process ${pid} of a playbook`), ...left],
  };
}
