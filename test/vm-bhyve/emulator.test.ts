/** The emulator is held against the list of `vm-bhyve-contract.md`, section 7; so is the real vm-bhyve, see README.md. */
import { existsSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { localExec } from "../../src/system/exec.ts";
import { makePlace } from "../fakes/place.ts";
import { until } from "../fakes/processes.ts";
import { addForeign, makeVmHost, patientMs, thisHost, type VmHostFake } from "../fakes/vm-host.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const isReal = process.env["VM_BHYVE_BIN"] !== undefined;

/** The state that `vm list` shows of a guest. */
async function stateOf(host: VmHostFake, guest: string): Promise<string | undefined> {
  const { stdout } = await host.run("vm", "list");
  const row = stdout.split("\n").find((line) => line.startsWith(`${guest} `));
  return /(Running|Bootloader|Locked|Stopped)(?: \([^)]*\))?/.exec(row ?? "")?.[0];
}

/** Waits until `vm list` shows the guest like this. */
async function comesTo(host: VmHostFake, guest: string, state: RegExp): Promise<void> {
  await vi.waitFor(async () => expect(await stateOf(host, guest)).toMatch(state), { timeout: patientMs });
}

/** A host with `guest1`, which runs, on the switch `theirs`. */
async function makeRunning(version?: string): Promise<VmHostFake> {
  const host = await makeVmHost(version);
  await addForeign(host);
  return host;
}

const isUp = (host: VmHostFake) => host.read("dev/vmm/guest1") !== undefined;
const isGone = (host: VmHostFake) => !isUp(host) && host.read("vm/guest1/run.lock") === undefined;
const listOf = async (host: VmHostFake) =>
  (await host.run("sysrc", "-f", `${host.vmDir}/.config/system.conf`, "-n", "switch_list")).stdout.trim();

describe("a guest's life", () => {
  it("goes on after vm start has returned, whose exit code says nothing of it", async () => {
    const host = await makeRunning();
    await until(() => isUp(host), patientMs);
    expect(await stateOf(host, "guest1")).toMatch(/^Running \(\d+\)$/);
    host.fault("die-in-boot-guest2");
    await host.run("vm", "create", "guest2");
    expect(await host.run("vm", "start", "guest2")).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("* booting...") as string,
    });
    await until(() => (host.read("vm/guest2/vm-bhyve.log") ?? "").includes("bhyve exited with status 4"), patientMs);
  });

  it("is locked until its supervisor is done, and vm destroy refuses it meanwhile", async () => {
    const host = await makeRunning();
    host.fault("keep-lock-guest1");
    expect((await host.run("vm", "poweroff", "-f", "guest1")).exitCode).toBe(0);
    await until(() => !isUp(host), patientMs);
    expect(await stateOf(host, "guest1")).toBe(`Locked (${thisHost})`);
    const refused = await host.run("vm", "destroy", "-f", "guest1");
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining("locked")]);
    host.mend("keep-lock-guest1");
    await until(() => isGone(host), patientMs);
    expect((await host.run("vm", "destroy", "-f", "guest1")).exitCode).toBe(0);
    expect(host.read("vm/guest1/guest1.conf")).toBeUndefined();
  });

  it("goes on with the same taps and another process after a reboot", async () => {
    const host = await makeRunning();
    const before = { taps: host.interfaces(), state: await stateOf(host, "guest1") };
    await host.run("vm", "reset", "-f", "guest1");
    await until(() => (host.read("vm/guest1/vm-bhyve.log") ?? "").includes("bhyve exited with status 0"), patientMs);
    await comesTo(host, "guest1", /^Running/);
    expect(host.interfaces()).toEqual(before.taps);
    expect(await stateOf(host, "guest1")).not.toBe(before.state);
  });

  it.skipIf(isReal)("is in its loader first, where it has one, and ends there when that is killed", async () => {
    const host = await makeRunning();
    await host.run("vm", "create", "guest2");
    host.write("vm/guest2/guest2.conf", 'loader="bhyveload"\ncpu="1"\nmemory="256M"\ndisk0_name="d.img"\n');
    host.fault("slow-loader-guest2");
    await host.run("vm", "start", "guest2");
    await comesTo(host, "guest2", /^Bootloader \(\d+\)$/);
    await host.run("vm", "stop", "guest2");
    await until(() => host.read("vm/guest2/run.lock") === undefined, patientMs);
    expect(host.read("dev/vmm/guest2")).toBeUndefined();
  });

  it("leaves a lock where the host loses its power: start passes over its own, destroy and another host's do not", async () => {
    const host = await makeRunning();
    await host.cutPower();
    expect(await stateOf(host, "guest1")).toBe(`Locked (${thisHost})`);
    expect((await host.run("vm", "destroy", "-f", "guest1")).exitCode).toBe(1);
    host.write("vm/guest1/run.lock", "elsewhere\n");
    expect((await host.run("vm", "start", "guest1")).stdout).toContain("  ! ");
    host.write("vm/guest1/run.lock", `${thisHost}\n`);
    await host.run("vm", "init");
    expect((await host.run("vm", "start", "guest1")).exitCode).toBe(0);
    await until(() => isUp(host), patientMs);
  });

  it("begins with half of it where the image is missing: made again it exists, until it is destroyed", async () => {
    const host = await makeRunning();
    const create = () => host.run("vm", "create", "-i", "nothing.raw", "guest2");
    expect(await create()).toMatchObject({ exitCode: 1 });
    expect(await create()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("already exists") as string });
    expect((await host.run("vm", "destroy", "-f", "guest2")).exitCode).toBe(0);
  });
});

describe("the command line", () => {
  it("takes the end of its input for yes, and passes over what follows a name", async () => {
    const host = await makeRunning();
    await host.run("vm", "create", "guest2");
    expect((await host.run("vm", "destroy", "guest2", "-f")).exitCode).toBe(0);
    expect(host.read("vm/guest2/guest2.conf")).toBeUndefined();
    expect((await host.run("vm", "switch", "create", "s1", "-m", "9000")).exitCode).toBe(0);
    expect(host.read("vm/.config/system.conf")).not.toContain("mtu_s1");
  });

  it("has its own exit codes: stop and info of what is not there are good, start counts", async () => {
    const host = await makeRunning();
    expect(await host.run("vm", "stop", "nobody")).toMatchObject({ exitCode: 0 });
    expect(await host.run("vm", "switch", "info", "nowhere")).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/nowhere[^]*type: standard[^]*ident: -/) as string,
    });
    expect((await host.run("vm", "start", "nobody", "nothing")).exitCode).toBe(2);
    expect((await host.run("vm", "poweroff", "-f", "nobody")).exitCode).toBe(1);
    expect((await host.run("vm", "destroy", "-f", "nobody")).exitCode).toBe(1);
  });

  it.skipIf(isReal).each([
    ["1.7", 1, "STATE"],
    ["1.8", 0, "TAGS"],
  ])("of %s ends wrong usage with %i, and its list with %s", async (version, exitCode, last) => {
    const host = await makeVmHost(version);
    expect(await host.run("vm", "create")).toMatchObject({
      exitCode,
      stdout: expect.stringMatching(/^Usage:/) as string,
    });
    expect((await host.run("vm", "list")).stdout.trim().split(/\s+/).at(-1)).toBe(last);
  });

  it("takes the first of a key that is there twice", async () => {
    const host = await makeRunning();
    await host.run("vm", "create", "guest2");
    host.write("vm/guest2/guest2.conf", 'loader="uefi"\ncpu="3"\nmemory="1G"\ncpu="7"\ndisk0_name="d.img"\n');
    const row = (await host.run("vm", "list")).stdout.split("\n").find((line) => line.startsWith("guest2"));
    expect(row?.split(/\s{2,}/).slice(3, 5)).toEqual(["3", "1G"]);
  });
});

describe("switches", () => {
  it("have bridges of their name up to twelve characters, and are found by their tag alone", async () => {
    const host = await makeVmHost();
    for (const name of ["abcdefghijkl", "abcdefghijklm"]) await host.run("vm", "switch", "create", name);
    expect(host.interfaces().toSorted()).toEqual(["bridge0", "vm-abcdefghijkl"]);
    expect((await host.run("ifconfig", "bridge0")).stdout).toContain("description: vm/abcdefghijklm");
  });

  it("share a bridge where their tags are equal: it goes with either", async () => {
    const host = await makeVmHost();
    for (const name of ["lf01-srv18a", "lf06-srv46a"]) await host.run("vm", "switch", "create", name);
    expect(host.interfaces()).toEqual(["vm-lf01-srv18a"]);
    await host.run("vm", "switch", "destroy", "lf06-srv46a");
    expect(host.interfaces()).toEqual([]);
    expect(await listOf(host)).toBe("lf01-srv18a");
  });

  it("lose their type where another's name is theirs up to the hyphen", async () => {
    const host = await makeVmHost();
    for (const name of ["lf01", "lf01-srv01a"]) await host.run("vm", "switch", "create", name);
    expect(await listOf(host)).toBe("lf01 lf01-srv01a");
    expect(host.read("vm/.config/system.conf")).not.toContain("type_lf01-srv01a");
    expect((await host.run("vm", "switch", "destroy", "lf01-srv01a")).exitCode).toBe(1);
  });

  it("are lost from the list by two writers at once, both of which end well", async () => {
    const host = await makeVmHost();
    const place = makePlace();
    // The first to write waits between reading and renaming.
    const slow = `#!/bin/sh\nif mkdir "${place}/held" 2>/dev/null; then until [ -e "${place}/go" ]; do sleep 0.01; done; fi\nexec /bin/mv "$@"\n`;
    writeFileSync(join(place, "mv"), slow, { mode: 0o755 });
    const env = { ...host.env, PATH: `${place}${delimiter}${host.env["PATH"] ?? ""}` };
    const first = localExec.try(["vm", "switch", "create", "first"], { env });
    await until(() => existsSync(join(place, "held")), patientMs);
    expect((await host.run("vm", "switch", "create", "second")).exitCode).toBe(0);
    writeFileSync(join(place, "go"), "");
    expect((await first).exitCode).toBe(0);
    expect(await listOf(host)).toBe("first");
    expect(host.interfaces().toSorted()).toEqual(["vm-first", "vm-second"]);
  });
});
