import { describe, expect, it, vi } from "vitest";
import { localHost } from "../../src/drivers/vm-bhyve/host.ts";
import { probeHost } from "../../src/drivers/vm-bhyve/probe.ts";
import type { Exec } from "../../src/system/exec.ts";
import { fakeExec } from "../fakes/exec.ts";
import { makeVmHost } from "../fakes/vm-host.ts";
import { duo } from "../render/topologies.ts";
import { findLacks, owner, planOf } from "./small-lab.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const plan = planOf(duo);

describe("a host that has everything", () => {
  it("lacks nothing", async () => {
    expect(await findLacks(await makeVmHost(), plan)).toEqual([]);
  });

  it("is judged without a plan as well, for lab doctor", async () => {
    const host = await makeVmHost();
    expect(await findLacks(host)).toEqual([]);
  });
});

describe("a host that lacks something", () => {
  it("names the images that are not in its directory, by kind and path", async () => {
    const host = await makeVmHost();
    await host.run("rm", `${host.vmDir}/.img/lab-freebsd-server.raw`);
    expect(await findLacks(host, plan)).toEqual([
      {
        what: "image freebsd-server",
        status: "missing",
        consequence: `there is no ${host.vmDir}/.img/lab-freebsd-server.raw, which guests of freebsd-server are copied from`,
        fix:
          "on FreeBSD, as root: lab image build --kind freebsd-server; " +
          "here: lab image import freebsd-server.raw --kind freebsd-server",
      },
    ]);
  });

  it("is told everything at once, each with a fix", async () => {
    const host = await makeVmHost();
    host.write("etc/rc.conf", `vm_dir="${host.vmDir}"\n`);
    host.write("sysctl/net.link.bridge.pfil_onlyip", "1\n");
    host.write("sysctl/net.link.tap.up_on_open", "0\n");
    host.write("sysctl/hw.physmem", `${2 * 1024 ** 3}\n`);
    await host.run("rm", `${host.root}/usr/local/share/uefi-firmware/BHYVE_UEFI_VARS.fd`);
    const { probe } = localHost({ exec: fakeExec(() => undefined), isRoot: false });
    const findings = await findLacks({ ...host, host: { ...host.host, probe } }, plan);
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
    const host = await makeVmHost();
    host.write("etc/rc.conf", 'vm_enable="YES"\n');
    expect((await findLacks(host, plan)).map(({ what }) => what)).toEqual([
      "vm-bhyve in rc.conf",
      "vm-bhyve's directory",
    ]);
    host.write("etc/rc.conf", `vm_enable="YES"\nvm_dir="${host.root}/other"\n`);
    expect((await findLacks(host, plan)).map(({ what }) => what)).toContain("vm-bhyve's directory");
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
