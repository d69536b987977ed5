import { describe, expect, it, vi } from "vitest";
import { planWork } from "../../src/flow/work.ts";
import { small, withLeaf } from "../fakes/labs.ts";
import { addForeign, emptyTraces, makeVmHost, performAll, thisHost, type VmHostFake } from "../fakes/vm-host.ts";
import { duo } from "../render/topologies.ts";
import { buildLab, guests, makeBuilt, owner, plan, planOf, switches } from "./small-lab.ts";

// The emulator starts hundreds of processes: a second's work of an idle machine, many of a busy one's.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

/** The guests' processes, without the helpers that come and go. */
const lasting = (host: VmHostFake) => {
  const traces = host.traces();
  return { ...traces, processes: traces["processes"]?.filter((title) => title.startsWith("bhyve: ")) };
};

describe("a lab on a host of its own", () => {
  it("is built, observed as the plan, and removed without a trace", async () => {
    const host = await makeVmHost();
    const driver = host.driver(owner);
    const whole = planOf(duo);
    expect(await driver.observe(whole)).toEqual({ running: false, guests: [], ports: [], segments: [] });
    await buildLab(driver, whole);
    const seen = await driver.observe(whole);
    expect(seen.guests).toEqual(whole.nodes.map(({ name }) => name));
    expect(seen.segments).toEqual(whole.segments.map(({ name }) => name));
    expect(seen.ports.length).toBe(whole.nodes.flatMap(({ interfaces }) => interfaces).length);
    expect(planWork(whole, whole, seen)).toMatchObject({ fresh: false, make: { steps: [], ports: [] }, reasons: [] });
    expect(await driver.destroy()).toEqual({ removed: { guests: 5, switches: 5 }, left: [] });
    expect(host.traces()).toEqual(emptyTraces);
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

  it("tells what vm-bhyve and bhyve wrote down of a guest, and nothing of one that is none", async () => {
    const { host, driver } = await makeBuilt();
    const logs = await driver.hostLogs?.(plan, "leaf01");
    expect(logs?.[0]).toEqual({
      name: `${host.vmDir}/6x-leaf01/vm-bhyve.log`,
      text: expect.stringContaining("starting bhyve") as string,
    });
    expect((await driver.hostLogs?.(plan, "nobody"))?.map(({ text }) => text)).toEqual(["", ""]);
  });

  it("gets a leaf more and gives it back, while other guests go on", async () => {
    const { host, driver } = await makeBuilt();
    const processOf = async (guest: string) => (await host.run("pgrep", "-f", `^bhyve: ${guest} *$`)).stdout;
    const before = await Promise.all(["6x-leaf01", "6x-spine01"].map(processOf));
    const larger = planOf(withLeaf(small));
    await buildLab(driver, larger, plan);
    expect(planWork(larger, larger, await driver.observe(larger)).make.steps).toEqual([]);
    const [leaf, spine] = await Promise.all(["6x-leaf01", "6x-spine01"].map(processOf));
    // Only the spine has a NIC more.
    expect(leaf).toBe(before[0]);
    expect(spine).not.toBe(before[1]);
    await buildLab(driver, plan, larger);
    expect(host.read(`vm/.config/lab-${owner}.conf`)).not.toContain("99");
    expect(host.traces()["guests"]).toEqual(guests);
    expect(host.traces()["switches"]).toEqual(switches);
    await driver.destroy();
    expect(host.traces()).toEqual(emptyTraces);
  });

  it("is made again after the host has lost its power, and can be removed in that state", async () => {
    const { host, driver } = await makeBuilt();
    await host.cutPower();
    expect(host.read("vm/6x-leaf01/run.lock")).toBe(`${thisHost}\n`);
    expect(await driver.observe(plan)).toEqual({ running: true, guests: [], ports: [], segments: [] });
    await buildLab(driver, plan, plan);
    expect((await driver.observe(plan)).guests.length).toBe(2);
    await host.cutPower();
    expect((await driver.destroy()).left).toEqual([]);
    expect(host.traces()).toEqual(emptyTraces);
  });

  it.each(["1.7", "1.8"])("is the same to vm-bhyve %s", async (version) => {
    const { driver } = await makeBuilt(version);
    expect((await driver.destroy()).left).toEqual([]);
  });
});

describe("what is not the lab's", () => {
  it("is as it was after up and down, another lab's things included", async () => {
    const host = await makeVmHost();
    await addForeign(host);
    const other = planOf({ ...small, name: "other" });
    const [mine, yours] = [host.driver(owner), host.driver("other-4567cdef")];
    await buildLab(yours, other);
    const before = lasting(host);
    await buildLab(mine);
    expect((await mine.destroy()).left).toEqual([]);
    expect(lasting(host)).toEqual(before);
    await yours.destroy();
    expect(host.traces()).toMatchObject({ guests: ["guest1"], switches: ["theirs"], devices: ["guest1"] });
  });

  it("comes to no harm where two labs are made and removed at the same time", async () => {
    const host = await makeVmHost();
    const other = planOf({ ...small, name: "other" });
    const [mine, yours] = [host.driver(owner), host.driver("other-4567cdef")];
    await Promise.all([buildLab(mine), buildLab(yours, other)]);
    expect((await mine.observe(plan)).segments).toEqual(switches);
    expect((await yours.observe(other)).segments).toEqual(other.segments.map(({ name }) => name));
    const receipts = await Promise.all([mine.destroy(), yours.destroy()]);
    expect(receipts.flatMap(({ left }) => left)).toEqual([]);
    expect(host.traces()).toEqual(emptyTraces);
  });

  it("is no victim where it has our names: the error names it, and nothing is made", async () => {
    const host = await makeVmHost();
    await addForeign(host);
    await host.run("vm", "create", "6x-leaf01");
    await host.run("vm", "switch", "create", "6xmgmt");
    const before = host.traces();
    const driver = host.driver(owner);
    await expect(buildLab(driver)).rejects.toMatchObject({
      code: "E_NOT_OURS",
      message: expect.stringMatching(/guest 6x-leaf01 exists and is no lab's; switch 6xmgmt exists/) as string,
    });
    expect(await driver.destroy()).toEqual({ removed: { guests: 0, switches: 0 }, left: [] });
    expect(host.traces()).toEqual(before);
  });
});

describe("a run that is killed between any two acts", () => {
  it("leaves nothing that down does not find", async () => {
    const host = await makeVmHost();
    const driver = host.driver(owner);
    const work = planWork(undefined, plan, await driver.observe(plan));
    const waves = driver.build({ plan, ...work.make, seeds: [], hostBatch: "" });
    const stops = waves.map((_, index) => index + 1);
    for (const stop of stops) {
      await performAll(driver, waves.slice(0, stop));
      expect((await driver.destroy()).left).toEqual([]);
      expect(host.traces()).toEqual(emptyTraces);
    }
  });
});
