/** The first stage: is this machine ready? Every finding at once, each with the command that mends it. */
import type { HostFinding } from "../drivers/driver.ts";
import { HostError } from "../errors.ts";
import type { Plan } from "../plan/model.ts";
import { probeController } from "./controller.ts";
import type { Lab } from "./lab.ts";

export async function checkHost(lab: Lab, plan: Plan): Promise<readonly HostFinding[]> {
  const findings = await probeMachines(lab, plan);
  const missing = findings.filter((finding) => finding.status === "missing");
  if (missing.length > 0) {
    const { host } = lab.driver;
    // Only packages of Debian are installed for anybody.
    const doctor = missing.some(({ packages }) => packages !== undefined) ? "lab doctor --fix" : "lab doctor";
    throw new HostError({
      code: "E_HOST_NOT_READY",
      message: [`${host ?? "this machine"} is not ready`, ...missing.map(describeFinding)].join("\n"),
      hint: host === undefined ? doctor : `lab doctor --host ${host}`,
    });
  }
  return findings;
}

/** The hypervisor, and this machine where that is for the tool itself to know. */
export async function probeMachines({ driver, world }: Lab, plan?: Plan): Promise<readonly HostFinding[]> {
  const own = driver.name === "vm-bhyve" ? probeController(world.exec) : [];
  return (await Promise.all([driver.probe(plan), own])).flat();
}

function describeFinding(finding: HostFinding): string {
  const why = finding.consequence === undefined ? "" : ` (${finding.consequence})`;
  const fix = finding.fix === undefined ? "" : `\n      ${finding.fix}`;
  return `  ${finding.what}: ${finding.status}${why}${fix}`;
}
