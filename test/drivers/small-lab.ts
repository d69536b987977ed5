/** A lab of two guests and two switches on an emulated host: enough where something goes wrong with one of them. */
import type { Driver, HostFinding } from "../../src/drivers/driver.ts";
import { probeHost } from "../../src/drivers/vm-bhyve/probe.ts";
import { planWork } from "../../src/flow/work.ts";
import type { Plan } from "../../src/plan/model.ts";
import type { Topology } from "../../src/topology/topology.ts";
import { designOf, small } from "../fakes/labs.ts";
import { makeVmHost, performAll, type VmHostFake } from "../fakes/vm-host.ts";

export const owner = "duo-0123abcd";

export function planOf(topology: Topology): Plan {
  return designOf(topology, "vm-bhyve").plan;
}

export const plan = planOf(small);
export const guests = ["6x-leaf01", "6x-spine01"];
export const switches = ["6xmgmt", "6xsp01lf01"];

/** What `lab up` does in its build stage, from what is there. */
export async function buildLab(driver: Driver, after: Plan = plan, before?: Plan): Promise<void> {
  const work = planWork(before, after, await driver.observe(before ?? after));
  if (work.fresh) await driver.destroy();
  await performAll(driver, driver.remove({ plan: before ?? after, ...work.remove }));
  await performAll(driver, driver.build({ plan: after, ...work.make, seeds: [], hostBatch: "" }));
}

/** A host on which the lab is. */
export async function makeBuilt(version?: string): Promise<{ readonly host: VmHostFake; readonly driver: Driver }> {
  const host = await makeVmHost(version);
  const driver = host.driver(owner);
  await buildLab(driver);
  return { host, driver };
}

/** What a host lacks for a lab: all that is not good. */
export async function findLacks({ host }: Pick<VmHostFake, "host">, of?: Plan): Promise<readonly HostFinding[]> {
  const findings = await probeHost(host, owner, of);
  return findings.filter(({ status }) => status !== "good");
}
