import { afterEach, describe, expect, it, vi } from "vitest";
import type { HostFinding } from "../../src/drivers/driver.ts";
import { localHost } from "../../src/drivers/vm-bhyve/host.ts";
import { probeHost } from "../../src/drivers/vm-bhyve/probe.ts";
import { tagCollisions, tagOf } from "../../src/drivers/vm-bhyve/tags.ts";
import { designLab } from "../../src/flow/design.ts";
import { planWork } from "../../src/flow/work.ts";
import type { Exec } from "../../src/system/exec.ts";
import type { Plan } from "../../src/plan/model.ts";
import type { Topology } from "../../src/topology/topology.ts";
import { fakeExec } from "../fakes/exec.ts";
import { designOf } from "../fakes/labs.ts";
import { makeVmHost, performAll, type VmHostFake } from "../fakes/vm-host.ts";
import { fabricOf } from "../plan/topologies.ts";
import { anycast, duo } from "../render/topologies.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const owner = "duo-0123abcd";
const planOf = (topology: Topology): Plan => designOf(topology, "vm-bhyve").plan;
const plan = planOf(duo);
const hosts: VmHostFake[] = [];

async function makeHost(): Promise<VmHostFake> {
  const host = await makeVmHost();
  hosts.push(host);
  return host;
}

afterEach(async () => {
  for (const host of hosts.splice(0)) await host.cutPower();
});

/** What is not good. */
async function lacks({ host }: VmHostFake, of: Plan = plan): Promise<readonly HostFinding[]> {
  const findings = await probeHost(host, owner, of);
  return findings.filter(({ status }) => status !== "good");
}

describe("a host that has everything", () => {
  it("lacks nothing", async () => {
    expect(await lacks(await makeHost())).toEqual([]);
  });

  it("is judged without a plan as well, for lab doctor", async () => {
    const host = await makeHost();
    expect((await probeHost(host.host, owner)).filter(({ status }) => status !== "good")).toEqual([]);
  });
});

describe("a host that lacks something", () => {
  it("names the images that are not in its directory, by kind and path", async () => {
    const host = await makeHost();
    await host.run("rm", `${host.vmDir}/.img/lab-freebsd-server.raw`);
    expect(await lacks(host)).toEqual([
      {
        what: "image freebsd-server",
        status: "missing",
        consequence: `there is no ${host.vmDir}/.img/lab-freebsd-server.raw, which guests of freebsd-server are copied from`,
        fix:
          "on FreeBSD, as root: npm run freebsd-image -- freebsd-server.raw; " +
          "here: lab image import freebsd-server.raw --kind freebsd-server",
      },
    ]);
  });

  it("is told everything at once, each with a fix", async () => {
    const host = await makeHost();
    host.write("etc/rc.conf", `vm_dir="${host.vmDir}"\n`);
    host.write("sysctl/net.link.bridge.pfil_onlyip", "1\n");
    host.write("sysctl/net.link.tap.up_on_open", "0\n");
    host.write("sysctl/hw.physmem", `${2 * 1024 ** 3}\n`);
    await host.run("rm", `${host.root}/usr/local/share/uefi-firmware/BHYVE_UEFI_VARS.fd`);
    const { probe } = localHost({ exec: fakeExec(() => undefined), isRoot: false });
    const findings = await lacks({ ...host, host: { ...host.host, probe } });
    expect(findings.map(({ what, fix }) => [what, fix])).toEqual([
      ["root", expect.stringContaining("doas")],
      ["vm-bhyve in rc.conf", "sysrc vm_enable=YES"],
      ["loader uefi", "pkg install bhyve-firmware"],
      ["net.link.bridge.pfil_onlyip", expect.stringContaining("sysctl net.link.bridge.pfil_onlyip=0")],
      ["net.link.tap.up_on_open", "vm init"],
      ["memory", "a smaller topology, or fewer guests beside it"],
    ]);
    expect(findings.find(({ what }) => what === "memory")?.consequence).toMatch(/^the lab wants 2048 MiB/);
  });

  it("without vm_dir, or where vm init never ran, says what to configure", async () => {
    const host = await makeHost();
    host.write("etc/rc.conf", 'vm_enable="YES"\n');
    expect((await lacks(host)).map(({ what }) => what)).toEqual(["vm-bhyve in rc.conf", "vm-bhyve's directory"]);
    host.write("etc/rc.conf", `vm_enable="YES"\nvm_dir="${host.root}/other"\n`);
    expect((await lacks(host)).map(({ what }) => what)).toContain("vm-bhyve's directory");
  });

  it("that is no FreeBSD at all says so, and nothing else is asked", async () => {
    const asked: string[] = [];
    const exec: Exec = {
      ...fakeExec(() => undefined),
      try(argv) {
        asked.push(argv[0] ?? "");
        return Promise.resolve({ argv, exitCode: undefined, stdout: "", stderr: "", failure: "no such program" });
      },
    };
    const findings = await probeHost(localHost({ exec, isRoot: true }), owner, plan);
    expect(findings.map(({ what }) => what)).toEqual(["FreeBSD with vm-bhyve"]);
    expect(asked).toEqual(["sysrc"]);
  });

  it("with an old vm-bhyve is told to upgrade", async () => {
    const exec = fakeExec((argv) => {
      if (argv[0] === "sysrc") return { stdout: "vm_enable: YES\n" };
      return argv[0] === "vm" ? { stdout: "vm-bhyve: Bhyve virtual machine management v1.6.2 (rev. 106002)\n" } : {};
    });
    const findings = await probeHost(localHost({ exec, isRoot: true, root: "/nowhere" }), owner);
    expect(findings.find(({ what }) => what === "vm-bhyve")).toMatchObject({ fix: "pkg upgrade vm-bhyve" });
  });
});

describe("names that are not free", () => {
  it.each([
    ["6xlan", "switch 6xlan", /not this lab's/],
    ["6xlf01srv01a-x", "switch 6xlf01srv01a-x", /loses the settings of 6xlf01srv01a/],
  ])("a foreign switch %s is named", async (name, what, why) => {
    const host = await makeHost();
    await host.run("vm", "switch", "create", name);
    expect(await lacks(host)).toMatchObject([{ what, consequence: expect.stringMatching(why) as string }]);
  });

  it("a foreign switch that is the part of ours before the hyphen would lose or take its settings", async () => {
    const host = await makeHost();
    await host.run("vm", "switch", "create", "lf01");
    expect((await lacks(host, planOf(anycast))).map(({ what }) => what)).toEqual(["switch lf01"]);
  });

  it("a foreign guest, a directory without one, and a vmm that vm-bhyve does not know are named", async () => {
    const host = await makeHost();
    host.write("vm/6x-leaf01/6x-leaf01.conf", 'loader="uefi"\n');
    host.write("vm/6x-laptop/notes", "");
    host.write("dev/vmm/6x-dhcp01", "");
    const findings = await lacks(host);
    expect(findings.map(({ what }) => what)).toEqual(["guest 6x-leaf01", "guest 6x-laptop", "guest 6x-dhcp01"]);
    expect(findings.every(({ fix }) => fix?.includes("--name OTHER"))).toBe(true);
  });

  it("a tag that another switch has is refused before two links become one", async () => {
    expect([tagOf("lf01-srv18a"), tagOf("lf06-srv46a")]).toEqual(["48e16", "48e16"]);
    expect(tagCollisions(["lf01-srv18a", "lf06-srv46a"], [])).toEqual([["lf06-srv46a", "lf01-srv18a"]]);
    const host = await makeHost();
    await host.run("vm", "switch", "create", "lf06-srv46a");
    const wanted = { ...plan, segments: [{ name: "lf01-srv18a", kind: "link" as const, mtu: 1500, ends: [] }] };
    expect(await lacks(host, wanted)).toMatchObject([
      {
        what: "switch lf01-srv18a",
        consequence: "has the tag 48e16 of lf06-srv46a: they would share one bridge",
        fix: expect.stringContaining("--name OTHER") as string,
      },
    ]);
  });
});

describe("networks that are not free", () => {
  it("are named with the interface that has them, unless that is the lab's own switch", async () => {
    const host = await makeHost();
    await host.run("vm", "switch", "create", "-a", "172.16.0.7/16", "office");
    expect(await lacks(host, planOf(anycast))).toMatchObject([
      {
        what: "networks",
        consequence: "172.16.0.0/24 is on vm-office (172.16.0.7/16)",
        fix: "lab up --name OTHER, a copy without hypervisor, or other subnets in the topology",
      },
    ]);
    await host.run("vm", "switch", "destroy", "office");
    await host.run("vm", "switch", "create", "-a", "192.168.10.20/24", "lan");
    host.write(`vm/.config/lab-${owner}.conf`, 'switches="lan"\n');
    expect(await lacks(host, planOf(anycast))).toEqual([]);
  });

  it("are named with the router that somebody routes them by, be it to more than the lab wants", async () => {
    const host = await makeHost();
    await host.run("vm", "switch", "create", "-a", "10.7.0.1/24", "vpn");
    await host.run("route", "-q", "add", "-net", "172.20.0.0/16", "10.7.0.2");
    expect(await lacks(host, planOf(anycast))).toMatchObject([
      { consequence: "172.20.0.1/32 is routed by 10.7.0.2 (172.20.0.0/16)" },
    ]);
  });

  it("of management have another way out", async () => {
    const host = await makeHost();
    await host.run("vm", "switch", "create", "-a", "100.64.1.1/24", "cgnat");
    expect(await lacks(host, planOf(anycast))).toMatchObject([
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
    const host = await makeHost();
    await buildNetworks(host, planOf(anycast), "anycast-0123abcd");
    expect(await lacks(host, copy)).toEqual([
      {
        what: "client hypervisor",
        status: "fallback",
        consequence: "the host's place on its networks is anycast's; second is a copy",
      },
    ]);
    await buildNetworks(host, copy, owner);
    expect(await lacks(host, copy)).toMatchObject([{ status: "fallback" }]);
    expect((await host.driver(owner).destroy()).left).toEqual([]);
    expect((await host.driver("anycast-0123abcd").destroy()).left).toEqual([]);
  });

  it("that both want the host's place on their LANs are not, and are told how to", async () => {
    const host = await makeHost();
    await buildNetworks(host, planOf(anycast), "anycast-0123abcd");
    const findings = await lacks(host, planOf({ ...anycast, name: "mine" }));
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
    const host = await makeHost();
    await buildNetworks(host, planOf(anycast), "anycast-0123abcd");
    const networks = anycast.networks.map((lan) => Object.assign({}, lan, { subnet: "192.168.77.0/24" }));
    expect(await lacks(host, planOf({ ...anycast, name: "mine", networks }))).toMatchObject([
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
    const host = await makeHost();
    host.write("sysctl/hw.physmem", `${8 * 1024 ** 3}\n`);
    expect((await lacks(host, large)).map(({ what }) => what)).toContain("memory");
  });
});
