/** What labs and whoever else is on one host must not share: names, tags of switches, networks. */
import { describe, expect, it, vi } from "vitest";
import type { HostFinding } from "../../src/drivers/driver.ts";
import { tagCollisions, tagOf } from "../../src/drivers/vm-bhyve/tags.ts";
import { designLab } from "../../src/flow/design.ts";
import { planWork } from "../../src/flow/work.ts";
import type { Plan } from "../../src/plan/model.ts";
import { makeVmHost, performAll, type VmHostFake } from "../fakes/vm-host.ts";
import { fabricOf } from "../plan/topologies.ts";
import { anycast, duo } from "../render/topologies.ts";
import { findLacks, owner, planOf } from "./small-lab.ts";

vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

const plan = planOf(duo);

describe("names that are not free", () => {
  it.each([
    ["6xlan", "switch 6xlan", /not this lab's/],
    ["6xlf01srv01a-x", "switch 6xlf01srv01a-x", /loses the settings of 6xlf01srv01a/],
  ])("a foreign switch %s is named", async (name, what, why) => {
    const host = await makeVmHost();
    await host.run("vm", "switch", "create", name);
    expect(await findLacks(host, plan)).toMatchObject([{ what, consequence: expect.stringMatching(why) as string }]);
  });

  it("a foreign switch that is the part of ours before the hyphen would lose or take its settings", async () => {
    const host = await makeVmHost();
    await host.run("vm", "switch", "create", "lf01");
    expect((await findLacks(host, planOf(anycast))).map(({ what }) => what)).toEqual(["switch lf01"]);
  });

  it("a foreign guest, a directory without one, and a vmm that vm-bhyve does not know are named", async () => {
    const host = await makeVmHost();
    host.write("vm/6x-leaf01/6x-leaf01.conf", 'loader="uefi"\n');
    host.write("vm/6x-laptop/notes", "");
    host.write("dev/vmm/6x-dhcp01", "");
    const findings = await findLacks(host, plan);
    expect(findings.map(({ what }) => what)).toEqual(["guest 6x-leaf01", "guest 6x-laptop", "guest 6x-dhcp01"]);
    expect(findings.every(({ fix }) => fix?.includes("--name OTHER"))).toBe(true);
  });

  it.each(["a", "-lan", "lan_", "l/n", "x".repeat(63)])("%j is named: vm-bhyve or FreeBSD refuses it", async (name) => {
    const wanted = { ...plan, segments: [{ name, kind: "link" as const, mtu: 1500, ends: [] }] };
    const findings = await findLacks(await makeVmHost(), wanted);
    expect(findings).toMatchObject([{ what: `name ${name}`, consequence: "vm-bhyve refuses it" }]);
  });

  it("a tag that another switch has is refused before two links become one", async () => {
    expect([tagOf("lf01-srv18a"), tagOf("lf06-srv46a")]).toEqual(["48e16", "48e16"]);
    expect(tagCollisions(["lf01-srv18a", "lf06-srv46a"], [])).toEqual([["lf06-srv46a", "lf01-srv18a"]]);
    const host = await makeVmHost();
    await host.run("vm", "switch", "create", "lf06-srv46a");
    const wanted = { ...plan, segments: [{ name: "lf01-srv18a", kind: "link" as const, mtu: 1500, ends: [] }] };
    expect(await findLacks(host, wanted)).toMatchObject([
      {
        what: "switch lf01-srv18a",
        consequence: "has the tag 48e16 of lf06-srv46a: they would share one bridge",
        fix: expect.stringContaining("--name OTHER") as string,
      },
    ]);
  });
});

/** What a lab of the reference lacks on a host on which somebody has this address on a switch. */
async function findLacksBeside(host: VmHostFake, name: string, address: string): Promise<readonly HostFinding[]> {
  await host.run("vm", "switch", "create", "-a", address, name);
  return findLacks(host, planOf(anycast));
}

describe("networks that are not free", () => {
  it("are named with the interface that has them, unless that is the lab's own switch", async () => {
    const host = await makeVmHost();
    expect(await findLacksBeside(host, "office", "172.16.0.7/16")).toMatchObject([
      {
        what: "networks",
        consequence: "172.16.0.0/24 is on vm-office (172.16.0.7/16)",
        fix: "lab up --name OTHER, a copy without hypervisor, or other subnets in the topology",
      },
    ]);
    await host.run("vm", "switch", "destroy", "office");
    await host.run("vm", "switch", "create", "-a", "192.168.10.20/24", "lan");
    host.write(`vm/.config/lab-${owner}.conf`, 'switches="lan"\n');
    expect(await findLacks(host, planOf(anycast))).toEqual([]);
  });

  it("are named with the router that somebody routes them by, be it to more than the lab wants", async () => {
    const host = await makeVmHost();
    await host.run("vm", "switch", "create", "-a", "10.7.0.1/24", "vpn");
    await host.run("route", "-q", "add", "-net", "172.20.0.0/16", "10.7.0.2");
    expect(await findLacks(host, planOf(anycast))).toMatchObject([
      { consequence: "172.20.0.1/32 is routed by 10.7.0.2 (172.20.0.0/16)" },
    ]);
  });

  it("of management have another way out", async () => {
    const host = await makeVmHost();
    expect(await findLacksBeside(host, "cgnat", "100.64.1.1/24")).toMatchObject([
      {
        consequence: "100.64.0.1/20 is on vm-cgnat (100.64.1.1/24)",
        fix: "another defaults.management in the topology",
      },
    ]);
  });
});

/** Switches, addresses and routes of a lab; guests are not needed to be in each other's way. */
async function buildNetworks(host: VmHostFake, of: Plan, by: string): Promise<void> {
  const driver = host.driver(by);
  const { make } = planWork(undefined, of, await driver.observe(of));
  const steps = make.steps.filter(({ kind }) => kind !== "guest");
  const waves = driver.build({ plan: of, ...make, steps, ports: [], seeds: [], hostBatch: "" });
  await performAll(driver, waves);
}

describe("two labs on one host", () => {
  const copy = designLab(anycast, { hypervisor: "vm-bhyve", lab: "second" }).plan;
  it("of the same topology are both let in, the copy without the client that is the host", async () => {
    const host = await makeVmHost();
    await buildNetworks(host, planOf(anycast), "anycast-0123abcd");
    expect(await findLacks(host, copy)).toEqual([
      {
        what: "client hypervisor",
        status: "fallback",
        consequence: "the host's place on its networks is anycast's; second is a copy",
      },
    ]);
    await buildNetworks(host, copy, owner);
    expect(await findLacks(host, copy)).toMatchObject([{ status: "fallback" }]);
    expect((await host.driver(owner).destroy()).left).toEqual([]);
    expect((await host.driver("anycast-0123abcd").destroy()).left).toEqual([]);
  });

  it("that both want the host's place on their LANs are not, and are told how to", async () => {
    const host = await makeVmHost();
    await buildNetworks(host, planOf(anycast), "anycast-0123abcd");
    const findings = await findLacks(host, planOf({ ...anycast, name: "mine" }));
    expect(findings).toMatchObject([
      {
        what: "networks",
        consequence: expect.stringContaining("192.168.10.20/24 is on vm-lan (192.168.10.20/24)") as string,
        fix: expect.stringContaining("--name OTHER") as string,
      },
    ]);
    expect(findings[0]?.consequence).not.toContain("100.");
  });

  it("with other LANs, but the same service, are not: the host has one route to it", async () => {
    const host = await makeVmHost();
    await buildNetworks(host, planOf(anycast), "anycast-0123abcd");
    const networks = anycast.networks.map((lan) => Object.assign({}, lan, { subnet: "192.168.77.0/24" }));
    expect(await findLacks(host, planOf({ ...anycast, name: "mine", networks }))).toMatchObject([
      { consequence: expect.stringContaining("172.20.0.1/32 is routed by 192.168.10.254") as string },
    ]);
  });
});

describe("a large lab", () => {
  it("of 64 guests has tags of its own, and is weighed against the host's memory", async () => {
    const large = planOf(fabricOf(2, 8, 6));
    expect(
      tagCollisions(
        large.segments.map(({ name }) => name),
        [],
      ),
    ).toEqual([]);
    const host = await makeVmHost();
    host.write("sysctl/hw.physmem", `${8 * 1024 ** 3}\n`);
    expect((await findLacks(host, large)).map(({ what }) => what)).toContain("memory");
  });
});
