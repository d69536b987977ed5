import { afterEach, describe, expect, it, vi } from "vitest";
import type { Driver } from "../../src/drivers/driver.ts";
import { planWork } from "../../src/flow/work.ts";
import type { Plan } from "../../src/plan/model.ts";
import type { Topology } from "../../src/topology/topology.ts";
import { designOf, small, withLeaf } from "../fakes/labs.ts";
import { until } from "../fakes/processes.ts";
import { makeVmHost, performAll, thisHost, type VmHostFake } from "../fakes/vm-host.ts";
import { duo } from "../render/topologies.ts";

// The emulator starts hundreds of processes: a second's work of an idle machine, many of a busy one's.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

/** The real vm-bhyve knows none of the emulator's own faults. */
const isReal = process.env["VM_BHYVE_BIN"] !== undefined;
const owner = "duo-0123abcd";
const planOf = (topology: Topology) => designOf(topology, "vm-bhyve").plan;
const plan = planOf(small);
const guests = ["6x-leaf01", "6x-spine01"];
const switches = ["6xmgmt", "6xsp01lf01"];
const hosts: VmHostFake[] = [];

async function makeHost(version?: string): Promise<VmHostFake> {
  const host = await makeVmHost(version);
  hosts.push(host);
  return host;
}

afterEach(async () => {
  for (const host of hosts.splice(0)) await host.cutPower();
});

/** What `lab up` does in its build stage, from what is there. */
async function build(driver: Driver, after: Plan = plan, before?: Plan): Promise<void> {
  const work = planWork(before, after, await driver.observe(before ?? after));
  if (work.fresh) await driver.destroy();
  await performAll(driver, driver.remove({ plan: before ?? after, ...work.remove }));
  await performAll(driver, driver.build({ plan: after, ...work.make, seeds: [], hostBatch: "" }));
}

/** A host on which the lab is. */
async function makeBuilt(version?: string): Promise<{ readonly host: VmHostFake; readonly driver: Driver }> {
  const host = await makeHost(version);
  const driver = host.driver(owner);
  await build(driver);
  return { host, driver };
}

/** The guests' processes, without the helpers that come and go. */
const lasting = (host: VmHostFake) => {
  const traces = host.traces();
  return { ...traces, processes: traces["processes"]?.filter((title) => title.startsWith("bhyve: ")) };
};
const running = (host: VmHostFake) => host.traces()["devices"];
/** What a host has on which no lab is. */
const empty = { guests: [], devices: [], interfaces: [], processes: [], switches: [], templates: [], records: [] };

describe("a lab on a host of its own", () => {
  it("is built, observed as the plan, and removed without a trace", async () => {
    const host = await makeHost();
    const driver = host.driver(owner);
    const whole = planOf(duo);
    expect(await driver.observe(whole)).toEqual({ running: false, guests: [], ports: [], segments: [] });
    await build(driver, whole);
    const seen = await driver.observe(whole);
    expect(seen.guests).toEqual(whole.nodes.map(({ name }) => name));
    expect(seen.segments).toEqual(whole.segments.map(({ name }) => name));
    expect(seen.ports.length).toBe(whole.nodes.flatMap(({ interfaces }) => interfaces).length);
    expect(planWork(whole, whole, seen)).toMatchObject({ fresh: false, make: { steps: [], ports: [] }, reasons: [] });
    expect(await driver.destroy()).toEqual({ removed: { guests: 5, switches: 5 }, left: [] });
    expect(host.traces()).toEqual(empty);
  });

  it("has each key of a conf once, the plan's MACs and the MTU of its links", async () => {
    const { host } = await makeBuilt();
    const conf = host.read("vm/6x-leaf01/6x-leaf01.conf") ?? "";
    const keys = conf.split("\n").flatMap((line) => line.split("=", 1)[0] || []);
    expect(new Set(keys).size).toBe(keys.length);
    const leaf = plan.nodes.find(({ name }) => name === "leaf01");
    expect([...conf.matchAll(/_mac="(.*)"/g)].map((match) => match[1])).toEqual(leaf?.interfaces.map(({ mac }) => mac));
    const { stdout } = await host.run("ifconfig", "-a");
    const wide = [...stdout.matchAll(/^(\S+): .*mtu 9216$/gm)].map((match) => match[1]);
    expect(wide.filter((name) => name?.startsWith("vm-"))).toEqual(["vm-6xsp01lf01"]);
    expect(wide.filter((name) => name?.startsWith("tap")).length).toBe(2);
  });

  it("gets a leaf more and gives it back, while other guests go on", async () => {
    const { host, driver } = await makeBuilt();
    const processOf = async (guest: string) => (await host.run("pgrep", "-f", `^bhyve: ${guest} *$`)).stdout;
    const before = await Promise.all(["6x-leaf01", "6x-spine01"].map(processOf));
    const larger = planOf(withLeaf(small));
    await build(driver, larger, plan);
    expect(planWork(larger, larger, await driver.observe(larger)).make.steps).toEqual([]);
    const [leaf, spine] = await Promise.all(["6x-leaf01", "6x-spine01"].map(processOf));
    // Only the spine has a NIC more.
    expect(leaf).toBe(before[0]);
    expect(spine).not.toBe(before[1]);
    await build(driver, plan, larger);
    expect(host.read(`vm/.config/lab-${owner}.conf`)).not.toContain("99");
    expect(host.traces()["guests"]).toEqual(guests);
    expect(host.traces()["switches"]).toEqual(switches);
    await driver.destroy();
    expect(host.traces()).toEqual(empty);
  });

  it("is made again after the host has lost its power, and can be removed in that state", async () => {
    const { host, driver } = await makeBuilt();
    await host.cutPower();
    expect(host.read("vm/6x-leaf01/run.lock")).toBe(`${thisHost}\n`);
    expect(await driver.observe(plan)).toEqual({ running: true, guests: [], ports: [], segments: [] });
    await build(driver, plan, plan);
    expect((await driver.observe(plan)).guests.length).toBe(2);
    await host.cutPower();
    expect((await driver.destroy()).left).toEqual([]);
    expect(host.traces()).toEqual(empty);
  });

  it.each(["1.7", "1.8"])("is the same to vm-bhyve %s", async (version) => {
    const { driver } = await makeBuilt(version);
    expect((await driver.destroy()).left).toEqual([]);
  });
});

describe("what is not the lab's", () => {
  const template = `loader="uefi"\ncpu="1"\nmemory="256M"\ndisk0_name="d.img"\nnetwork0_type="e1000"\nnetwork0_switch="theirs"\n`;

  async function withForeign(): Promise<VmHostFake> {
    const host = await makeHost();
    host.write("vm/.templates/default.conf", template);
    await host.run("vm", "switch", "create", "theirs");
    await host.run("vm", "create", "guest1");
    await host.run("vm", "start", "guest1");
    await until(() => host.read("dev/vmm/guest1") !== undefined);
    return host;
  }

  it("is as it was after up and down, another lab's things included", async () => {
    const host = await withForeign();
    const other = planOf({ ...small, name: "other" });
    const [mine, yours] = [host.driver(owner), host.driver("other-4567cdef")];
    await build(yours, other);
    const before = lasting(host);
    await build(mine);
    expect((await mine.destroy()).left).toEqual([]);
    expect(lasting(host)).toEqual(before);
    await yours.destroy();
    expect(host.traces()).toMatchObject({ guests: ["guest1"], switches: ["theirs"], devices: ["guest1"] });
  });

  it("comes to no harm where two labs are made and removed at the same time", async () => {
    const host = await makeHost();
    const other = planOf({ ...small, name: "other" });
    const [mine, yours] = [host.driver(owner), host.driver("other-4567cdef")];
    await Promise.all([build(mine), build(yours, other)]);
    expect((await mine.observe(plan)).segments).toEqual(switches);
    expect((await yours.observe(other)).segments).toEqual(other.segments.map(({ name }) => name));
    const receipts = await Promise.all([mine.destroy(), yours.destroy()]);
    expect(receipts.flatMap(({ left }) => left)).toEqual([]);
    expect(host.traces()).toEqual(empty);
  });

  it("is no victim where it has our names: the error names it, and nothing is made", async () => {
    const host = await withForeign();
    await host.run("vm", "create", "6x-leaf01");
    await host.run("vm", "switch", "create", "6xmgmt");
    const before = host.traces();
    const driver = host.driver(owner);
    await expect(build(driver)).rejects.toMatchObject({
      code: "E_NOT_OURS",
      message: expect.stringMatching(/guest 6x-leaf01 exists and is no lab's; switch 6xmgmt exists/) as string,
    });
    expect(await driver.destroy()).toEqual({ removed: { guests: 0, switches: 0 }, left: [] });
    expect(host.traces()).toEqual(before);
  });
});

describe("a host that does not do as it is told", () => {
  it("loses an entry of the list, or a type: both are put back", async () => {
    const host = await makeHost();
    host.fault("lose-list", "6xmgmt");
    host.fault("lose-type", "type_6xsp01lf01");
    const driver = host.driver(owner);
    await build(driver);
    expect((await driver.observe(plan)).segments).toEqual(switches);
    expect(
      (await host.run("sysrc", "-f", `${host.vmDir}/.config/system.conf`, "-n", "switch_list")).stdout.trim(),
    ).toBe(switches.join(" "));
    expect((await driver.destroy()).left).toEqual([]);
    expect(host.traces()).toEqual(empty);
  });

  it.skipIf(isReal)("refuses to start a guest: the error has its words, and down leaves nothing", async () => {
    const host = await makeHost();
    host.fault("refuse-start-6x-leaf01");
    const driver = host.driver(owner);
    await expect(build(driver)).rejects.toMatchObject({
      code: "E_NOT_DONE",
      message: expect.stringMatching(/could not start 6x-leaf01[^]*incomplete virtual machine configuration/) as string,
      hint: expect.stringContaining("lab down") as string,
    });
    expect((await driver.destroy()).left).toEqual([]);
    expect(host.traces()).toEqual(empty);
  });

  it("loses a guest in its boot: the error has the end of its log", async () => {
    const host = await makeHost();
    host.fault("die-in-boot-6x-spine01");
    const driver = host.driver(owner);
    await expect(build(driver)).rejects.toMatchObject({
      message: expect.stringMatching(/could not start 6x-spine01[^]*bhyve exited with status 4/) as string,
    });
    // Once the reason is gone, a second run makes what is missing.
    host.mend("die-in-boot-6x-spine01");
    await build(driver, plan, plan);
    expect((await driver.observe(plan)).guests.length).toBe(2);
    expect((await driver.destroy()).left).toEqual([]);
  });

  it("has guests that ignore the power button: they are switched off", async () => {
    const { host, driver } = await makeBuilt();
    for (const guest of guests) host.fault(`ignore-stop-${guest}`);
    expect(await driver.destroy()).toEqual({ removed: { guests: 2, switches: 2 }, left: [] });
    expect(host.traces()).toEqual(empty);
  });

  it("keeps a lock: its supervisor is ended, and the guest goes with it", async () => {
    const { host, driver } = await makeBuilt();
    host.fault("keep-lock-6x-leaf01");
    expect((await driver.destroy()).left).toEqual([]);
    expect(host.traces()).toEqual(empty);
  });

  it("has a guest locked by another host: it is left, with everything that says it is ours, and named", async () => {
    const { host, driver } = await makeBuilt();
    await host.cutPower();
    host.write("vm/6x-leaf01/run.lock", "elsewhere\n");
    const { left } = await driver.destroy();
    expect(left[0]).toMatch(/^guest 6x-leaf01, locked by elsewhere: .* rm .*run\.lock/);
    expect(host.traces()["guests"]).toEqual(["6x-leaf01"]);
    host.write("vm/6x-leaf01/run.lock", "");
    expect((await driver.destroy()).left).toEqual([]);
    expect(host.traces()).toEqual(empty);
  });

  it("has no image: the half-made guest is ours, and goes", async () => {
    const host = await makeHost();
    const driver = host.driver(owner);
    await host.run("rm", `${host.vmDir}/.img/lab-debian-frr.raw`);
    await expect(build(driver)).rejects.toMatchObject({
      message: expect.stringMatching(/lab-debian-frr\.raw'?: No such file/) as string,
    });
    expect(running(host)).toEqual([]);
    expect((await driver.destroy()).left).toEqual([]);
    expect(host.traces()).toEqual(empty);
  });

  it("runs guests whose supervisors were killed: they are removed with their taps", async () => {
    const { host, driver } = await makeBuilt();
    const { stdout } = await host.run("pgrep", "-f", "vm _run ");
    await host.run("kill", "-KILL", ...stdout.trim().split("\n"));
    expect((await driver.destroy()).left).toEqual([]);
    expect(host.traces()).toEqual(empty);
  });
});

describe("a run that is killed between any two acts", () => {
  it("leaves nothing that down does not find", async () => {
    const host = await makeHost();
    const driver = host.driver(owner);
    const work = planWork(undefined, plan, await driver.observe(plan));
    const waves = driver.build({ plan, ...work.make, seeds: [], hostBatch: "" });
    const stops = waves.map((_, index) => index + 1);
    for (const stop of stops) {
      await performAll(driver, waves.slice(0, stop));
      expect((await driver.destroy()).left).toEqual([]);
      expect(host.traces()).toEqual(empty);
    }
  });
});
