import { mkdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { vmBhyveDriver } from "../../src/drivers/vm-bhyve/driver.ts";
import { localHost } from "../../src/drivers/vm-bhyve/host.ts";
import { openLabFleet, writeAccess } from "../../src/flow/access.ts";
import type { LabKeys } from "../../src/flow/keys.ts";
import type { Lab } from "../../src/flow/lab.ts";
import { locateState } from "../../src/flow/state.ts";
import type { Plan } from "../../src/plan/model.ts";
import { localExec } from "../../src/system/exec.ts";
import { fakeClock } from "../fakes/clock.ts";
import { fakeExec } from "../fakes/exec.ts";
import { fakeHypervisor } from "../fakes/hypervisor.ts";
import { designOf } from "../fakes/labs.ts";
import { makePlace } from "../fakes/place.ts";
import { fakeNode, hostKey, identity } from "../fakes/ssh-server.ts";
import { anycast, duo } from "../render/topologies.ts";

const keysFor = ({ nodes }: Plan): LabKeys => ({ identity, hosts: new Map(nodes.map(({ name }) => [name, hostKey])) });
const hasOpenSsh = (await localExec.try(["ssh", "-V"])).exitCode !== undefined;

/** A lab on vm-bhyve, here or behind SSH; guests are reached by their addresses from there. */
function labOn(plan: Plan, remote: boolean) {
  const guests = new Map(["leaf01", "laptop", "server01"].map((name) => [name, { logins: [] as string[] }]));
  const at = (from: string) => (address: string) => {
    const node = plan.nodes.find(({ reach }) => reach.via !== "local" && reach.address === address);
    const guest = fakeNode({ name: node?.name ?? "nobody", onForward: at(node?.name ?? "nobody") });
    guests.get(node?.name ?? "")?.logins.push(from);
    guest.write("/name", node?.name ?? "nobody");
    return guest.target.openStream();
  };
  const hypervisor = fakeHypervisor({ onForward: at("hypervisor"), remote: { socket: "/s/hv" } });
  const host = remote ? hypervisor.host : localHost({ exec: fakeExec(() => ({ stdout: "here\n" })), isRoot: true });
  const clock = fakeClock();
  const driver = vmBhyveDriver({ host, clock, owner: "duo-0123abcd" });
  const state = locateState(makePlace("lab-a-"), plan.lab);
  mkdirSync(state.directory);
  const signal = new AbortController().signal;
  const lab = { name: plan.lab, driver, state, world: { exec: localExec, clock, signal } } as unknown as Lab;
  return { lab, state, hypervisor, guests };
}

describe("a lab on a hypervisor behind SSH", () => {
  const { plan } = designOf(duo, "vm-bhyve");

  it("has guests that are reached through the one connection, and others through those", async () => {
    const { lab, hypervisor, guests } = labOn(plan, true);
    const fleet = openLabFleet(lab, plan, keysFor(plan));
    const names = ["leaf01", "server01", "laptop"];
    const answers = await Promise.all(names.map((name) => fleet.try(name, ["cat", "name"])));
    expect(answers.map(({ stdout }) => stdout)).toEqual(names);
    expect(guests.get("leaf01")?.logins).toEqual(["hypervisor"]);
    expect(guests.get("server01")?.logins).toEqual(["laptop"]);
    expect(hypervisor.node.connections).toBe(1);
    fleet.close();
  });

  it("runs what its own client is asked on the hypervisor", async () => {
    const { plan: reference } = designOf(anycast, "vm-bhyve");
    const { lab, hypervisor } = labOn(reference, true);
    hypervisor.node.write("/there", "yes\n");
    const fleet = openLabFleet(lab, reference, keysFor(reference));
    expect((await fleet.try("hypervisor", ["cat", "there"])).stdout).toBe("yes\n");
    fleet.close();
  });

  it("tells OpenSSH and Ansible the same ways", async () => {
    const { lab, state } = labOn(plan, true);
    await writeAccess(lab, plan, keysFor(plan));
    const config = readFileSync(state.sshConfig, "utf8");
    const proxy =
      "ssh -o BatchMode=yes -o ControlMaster=auto -o ControlPath=/s/hv -o ControlPersist=60 -W '[%h]:%p' -l root hv";
    expect(/^Host leaf01\n(?: .*\n)*/m.exec(config)?.[0]).toContain(`    ProxyCommand ${proxy}\n`);
    expect(/^Host server01\n(?: .*\n)*/m.exec(config)?.[0]).toContain("    ProxyJump laptop\n");
    expect(/^Host server01\n(?: .*\n)*/m.exec(config)?.[0]).not.toContain("ProxyCommand");
    if (!hasOpenSsh) return;
    const { stdout } = await localExec.run(["ssh", "-G", "-F", state.sshConfig, "server01"]);
    expect(stdout).toContain("proxyjump laptop\n");
  });
});

describe("a lab on vm-bhyve here", () => {
  it("is reached by addresses, and through nodes where only they have a way", async () => {
    const { plan } = designOf(duo, "vm-bhyve");
    const { lab, state } = labOn(plan, false);
    await writeAccess(lab, plan, keysFor(plan));
    const config = readFileSync(state.sshConfig, "utf8");
    expect(config).not.toContain("ProxyCommand");
    expect(config.match(/ProxyJump .*/g)).toEqual(["ProxyJump laptop"]);
    expect(await lab.driver.runOnHost?.(["hostname"])).toMatchObject({ stdout: "here\n" });
  });

  it("cannot have a node to which nothing leads", () => {
    const { plan } = designOf(duo, "vm-bhyve");
    const nodes = plan.nodes.map((node) => ({ ...node, reach: { via: "in-band" as const, address: "192.0.2.1" } }));
    const { lab } = labOn({ ...plan, nodes }, false);
    expect(() => lab.driver.jump?.(nodes[0] as never)).toThrow("nothing leads to");
  });
});
