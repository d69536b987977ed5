/** `lab down`: removes everything of a lab, whatever state it is in, and proves that nothing is left. */
import { LabError } from "../errors.ts";
import type { Receipt } from "../drivers/driver.ts";
import type { Lab } from "./lab.ts";
import { removeState } from "./state.ts";

/** Idempotent; a lab that was never there leaves an empty receipt. Throws LabError when something stays. */
export async function takeDown(lab: Lab): Promise<Receipt> {
  const receipt = await lab.driver.destroy();
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
