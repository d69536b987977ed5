/** 64 guests on one host: names, memory, the limit of commands, and nothing left of any of it. */
import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { probeRoom } from "../../src/drivers/vm-bhyve/probe-room.ts";
import { withVmDir } from "../../src/drivers/vm-bhyve/host.ts";
import { takeInventory } from "../../src/drivers/vm-bhyve/inventory.ts";
import { holdingsOf } from "../../src/drivers/vm-bhyve/waves.ts";
import { planWork } from "../../src/flow/work.ts";
import { compilePlan } from "../../src/plan/compile.ts";
import type { Plan } from "../../src/plan/model.ts";
import { bridgeTag } from "../../src/plan/names.ts";
import type { Topology } from "../../src/topology/topology.ts";
import { addForeign, makeVmHost, performAll, quick, type VmHostFake } from "../fakes/vm-host.ts";
import { end, fabricOf, node } from "../plan/topologies.ts";

vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

const owner = "many-0123abcd";
const guests = 64;
/** All of them start and stop at once, on whatever the test's machine has left. */
const patient = { ...quick, startMs: 120_000, stopMs: 60_000, goneMs: 60_000 };

/** Every shape of a fabric with 64 guests: four are the edge, the home router, the laptop and the DHCP server. */
const shapes = Array.from({ length: 16 }, (_, index) => index + 1).flatMap((spines) => {
  const rest = guests - 4 - spines;
  return Array.from({ length: rest / 2 }, (_, index) => index + 1)
    .filter((leaves) => rest % leaves === 0)
    .map((leaves) => ({ spines, leaves, servers: rest / leaves - 1 }));
});
const labs = fc.oneof(fc.constant("anycast"), fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/));

function planOf({ spines, leaves, servers }: (typeof shapes)[number], lab = "many"): Plan {
  return compilePlan(fabricOf(spines, leaves, servers), { hypervisor: "vm-bhyve", lab });
}

describe("64 guests", () => {
  it("have switches of which no two share a bridge, in a fabric of any shape and a lab of any name", () => {
    const inAnyOrder = fc.record({ shape: fc.constantFrom(...shapes), lab: labs });
    fc.assert(
      fc.property(inAnyOrder, ({ shape, lab }) => {
        const { guests: names, switches } = holdingsOf(planOf(shape, lab));
        expect(names.length).toBe(guests);
        expect(new Set(switches.map(bridgeTag)).size).toBe(switches.length);
        expect(switches.filter((name) => name.length > 12)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it("are made and removed with never more commands at once than the limit, and leave all else as it was", async () => {
    const host = await makeVmHost();
    await addForeign(host);
    const before = host.traces();
    const plan = compilePlan(crowded(), { hypervisor: "vm-bhyve", lab: "anycast" });
    const driver = host.driver(owner, { parallel: 6, timing: patient });
    const { make } = planWork(undefined, plan, await driver.observe(plan));
    await performAll(driver, driver.build({ plan, ...make, seeds: [], hostBatch: "" }));
    const seen = await driver.observe(plan);
    expect(seen.guests.length).toBe(guests);
    expect(seen.segments).toEqual(plan.segments.map(({ name }) => name));
    expect(planWork(plan, plan, seen)).toMatchObject({ fresh: false, make: { steps: [], ports: [] } });
    expect(await driver.destroy()).toEqual({ removed: { guests, switches: plan.segments.length }, left: [] });
    expect(host.ran.length).toBeGreaterThan(3 * guests);
    expect(host.most()).toBe(6);
    expect(host.traces()).toEqual(before);
  });

  it("are looked at, before anything is made, by no more commands at once than that", async () => {
    const host = await makeVmHost();
    await host.driver(owner, { parallel: 2 }).probe(planOf({ spines: 2, leaves: 29, servers: 1 }));
    expect(host.most()).toBe(2);
  });
});

describe("memory for 64 guests", () => {
  const plan = planOf({ spines: 4, leaves: 8, servers: 6 });
  /** Routers of the fabric and servers; the home router, the laptop and the DHCP server. */
  const wanted = 61 * 512 + 3 * 256;
  const reserve = 1024;

  async function judge(host: VmHostFake, bytes: number) {
    host.write("sysctl/hw.physmem", `${bytes}\n`);
    const vmHost = withVmDir(host.host, { path: host.vmDir });
    const findings = await probeRoom(vmHost, owner, plan, await takeInventory(vmHost, owner), []);
    return findings.find(({ what }) => what === "memory");
  }

  it("is enough where it is just enough, and not with one byte less", async () => {
    const host = await makeVmHost();
    const enough = (wanted + reserve) * 1024 ** 2;
    expect(await judge(host, enough)).toEqual({ what: "memory", status: "good" });
    expect(await judge(host, enough - 1)).toMatchObject({
      status: "missing",
      consequence: `the lab wants ${wanted} MiB, the host ${reserve} MiB, and there are ${wanted + reserve - 1} MiB`,
    });
  });

  it("is what guests of others leave that run, and what one that is off does not take", async () => {
    const host = await makeVmHost();
    await addForeign(host);
    await host.run("vm", "create", "guest2");
    const enough = (wanted + reserve + 256) * 1024 ** 2;
    expect(await judge(host, enough)).toEqual({ what: "memory", status: "good" });
    expect(await judge(host, enough - 1)).toMatchObject({
      consequence: expect.stringContaining(", 1 other guest 256 MiB, ") as string,
    });
  });
});

/** A small fabric, and as many clients on its LAN as make 64 guests: switches are made one by one, and take the time. */
function crowded(): Topology {
  const fabric = fabricOf(2, 4, 4);
  const [lan] = fabric.networks;
  const there = fabric.nodes.filter(({ kind }) => kind !== "hypervisor").length;
  const clients = Array.from({ length: guests - there }, (_, index) => `desk${index + 1}`);
  const seats = clients.map((name, index) => Object.assign(end(`${name}:eth1`), { host: 100 + index }));
  return {
    ...fabric,
    nodes: [...fabric.nodes, ...clients.map((name) => node(name, "client"))],
    networks: lan === undefined ? [] : [{ ...lan, members: [...lan.members, ...seats] }],
  };
}
