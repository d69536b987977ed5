/** 64 guests on one FreeBSD host: the emulator's light mode, whose guests are processes that sleep. Minutes on a busy machine. */
import { afterEach, describe, expect, it, vi } from "vitest";
import type { HostFinding } from "../../src/drivers/driver.ts";
import type { Host } from "../../src/drivers/vm-bhyve/host.ts";
import { probeHost } from "../../src/drivers/vm-bhyve/probe.ts";
import { tagCollisions } from "../../src/drivers/vm-bhyve/tags.ts";
import { usualTiming } from "../../src/drivers/vm-bhyve/timing.ts";
import { planWork } from "../../src/flow/work.ts";
import { designOf } from "../fakes/labs.ts";
import { nothing } from "../fakes/observation.ts";
import { makeVmHost, performAll, type VmHostFake } from "../fakes/vm-host.ts";
import { fabricOf } from "../plan/topologies.ts";

vi.setConfig({ testTimeout: 900_000, hookTimeout: 120_000 });

const owner = "anycast-0123abcd";
const parallel = 8;
const { plan } = designOf(fabricOf(4, 14, 3, "anycast"), "vm-bhyve");
const guests = plan.nodes.filter(({ guest }) => guest.os !== "host");
const wantedMiB = guests.reduce((sum, { machine }) => sum + (machine?.memoryMiB ?? 0), 0);
const reserveMiB = 1024;
let host: VmHostFake;

afterEach(async () => {
  await host.cutPower();
});

async function memoryOn(bytes: number): Promise<HostFinding | undefined> {
  host.write("sysctl/hw.physmem", `${bytes}\n`);
  return (await probeHost(host.host, owner, plan)).find(({ what }) => what === "memory");
}

/** The same host, and how many commands that change something ran on it at once at most. */
function counting(real: Host): { readonly host: Host; most(): number; total(): number } {
  const count = { now: 0, most: 0, total: 0 };
  return {
    host: {
      ...real,
      async run(argv, options) {
        if (!["vm", "tee", "lockf"].includes(argv[0] ?? "")) return real.run(argv, options);
        count.total += 1;
        count.now += 1;
        count.most = Math.max(count.most, count.now);
        try {
          return await real.run(argv, options);
        } finally {
          count.now -= 1;
        }
      },
    },
    most: () => count.most,
    total: () => count.total,
  };
}

describe("a lab of 64 guests", () => {
  it("has switches whose tags are apart, and is weighed against the host's memory to the byte", async () => {
    expect(guests).toHaveLength(64);
    const names = plan.segments.map(({ name }) => name);
    expect(names.length).toBeGreaterThan(140);
    expect(tagCollisions(names, [])).toEqual([]);
    host = await makeVmHost();
    const enough = (wantedMiB + reserveMiB) * 1024 * 1024;
    expect(await memoryOn(enough)).toEqual({ what: "memory", status: "good" });
    expect(await memoryOn(enough - 1)).toMatchObject({
      status: "missing",
      consequence: expect.stringContaining(`the lab wants ${wantedMiB} MiB`) as string,
    });
    // A guest of somebody else that runs takes its share; one that is off does not.
    host.write("vm/theirs/theirs.conf", 'loader="uefi"\nmemory="2G"\n');
    expect(await memoryOn(enough)).toEqual({ what: "memory", status: "good" });
    host.write("vm/theirs/run.lock", "here\n");
    host.write("dev/vmm/theirs", "");
    expect(await memoryOn(enough)).toMatchObject({ status: "missing" });
    expect(await memoryOn(enough + 2 * 1024 ** 3)).toEqual({ what: "memory", status: "good" });
  });

  it("is built with so many commands at once and no more, seen whole, and removed without a trace", async () => {
    host = await makeVmHost();
    const before = host.traces();
    const counted = counting(host.host);
    const timing = { ...usualTiming, startMs: 120_000, steadyMs: 60, goneMs: 60_000 };
    const driver = host.driver(owner, { host: counted.host, parallel, timing });
    const work = planWork(undefined, plan, nothing);
    await performAll(driver, driver.build({ plan, ...work.make, seeds: [], hostBatch: "" }));
    const seen = await driver.observe(plan);
    expect(seen.guests).toHaveLength(64);
    expect(seen.segments).toEqual(plan.segments.map(({ name }) => name));
    expect(planWork(plan, plan, seen)).toMatchObject({ fresh: false, make: { steps: [], ports: [] } });
    const receipt = await driver.destroy();
    expect(receipt).toEqual({ removed: { guests: 64, switches: plan.segments.length }, left: [] });
    expect(host.traces()).toEqual(before);
    expect(counted.total()).toBeGreaterThan(3 * 64);
    expect(counted.most()).toBe(parallel);
  });
});
