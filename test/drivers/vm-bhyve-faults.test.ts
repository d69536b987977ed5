import { describe, expect, it, vi } from "vitest";
import { emptyTraces, makeVmHost, quick } from "../fakes/vm-host.ts";
import { buildLab, guests, makeBuilt, owner, plan, switches } from "./small-lab.ts";

// The emulator starts hundreds of processes: a second's work of an idle machine, many of a busy one's.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

/** The real vm-bhyve knows none of the emulator's own faults. */
const isReal = process.env["VM_BHYVE_BIN"] !== undefined;

describe("a host that does not do as it is told", () => {
  it("loses an entry of the list, or a type: both are put back", async () => {
    const host = await makeVmHost();
    host.fault("lose-list", "6xmgmt");
    host.fault("lose-type", "type_6xsp01lf01");
    const driver = host.driver(owner);
    await buildLab(driver);
    expect((await driver.observe(plan)).segments).toEqual(switches);
    expect(
      (await host.run("sysrc", "-f", `${host.vmDir}/.config/system.conf`, "-n", "switch_list")).stdout.trim(),
    ).toBe(switches.join(" "));
    expect((await driver.destroy()).left).toEqual([]);
    expect(host.traces()).toEqual(emptyTraces);
  });

  it.skipIf(isReal)("refuses to start a guest: the error has its words, and down leaves nothing", async () => {
    const host = await makeVmHost();
    host.fault("refuse-start-6x-leaf01");
    const driver = host.driver(owner);
    await expect(buildLab(driver)).rejects.toMatchObject({
      code: "E_NOT_DONE",
      message: expect.stringMatching(/could not start 6x-leaf01[^]*incomplete virtual machine configuration/) as string,
      hint: expect.stringContaining("lab down") as string,
    });
    expect((await driver.destroy()).left).toEqual([]);
    expect(host.traces()).toEqual(emptyTraces);
  });

  it("lacks a guest's firmware: the error has the supervisor's own words, and nobody waits for what never comes", async () => {
    const host = await makeVmHost();
    await host.run("rm", `${host.root}/usr/local/share/uefi-firmware/BHYVE_UEFI.fd`);
    const driver = host.driver(owner, { timing: { ...quick, startMs: 600_000 } });
    await expect(buildLab(driver)).rejects.toMatchObject({
      message: expect.stringMatching(
        /could not start 6x-[^]*fatal; unable to locate firmware .*BHYVE_UEFI\.fd/,
      ) as string,
    });
    expect((await driver.destroy()).left).toEqual([]);
    expect(host.traces()).toEqual(emptyTraces);
  });

  it("loses a guest in its boot: the error has the end of its log", async () => {
    const host = await makeVmHost();
    host.fault("die-in-boot-6x-spine01");
    const driver = host.driver(owner);
    await expect(buildLab(driver)).rejects.toMatchObject({
      message: expect.stringMatching(/could not start 6x-spine01[^]*bhyve exited with status 4/) as string,
    });
    // Once the reason is gone, a second run makes what is missing.
    host.mend("die-in-boot-6x-spine01");
    await buildLab(driver, plan, plan);
    expect((await driver.observe(plan)).guests.length).toBe(2);
    expect((await driver.destroy()).left).toEqual([]);
  });

  it("has guests that ignore the power button: they are switched off", async () => {
    const { host, driver } = await makeBuilt();
    for (const guest of guests) host.fault(`ignore-stop-${guest}`);
    expect(await driver.destroy()).toEqual({ removed: { guests: 2, switches: 2 }, left: [] });
    expect(host.traces()).toEqual(emptyTraces);
  });

  it("keeps a lock: its supervisor is ended, and the guest goes with it", async () => {
    const { host, driver } = await makeBuilt();
    host.fault("keep-lock-6x-leaf01");
    expect((await driver.destroy()).left).toEqual([]);
    expect(host.traces()).toEqual(emptyTraces);
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
    expect(host.traces()).toEqual(emptyTraces);
  });

  it("has no image: the half-made guest is ours, and goes", async () => {
    const host = await makeVmHost();
    const driver = host.driver(owner);
    await host.run("rm", `${host.vmDir}/.img/lab-debian-frr.raw`);
    await expect(buildLab(driver)).rejects.toMatchObject({
      message: expect.stringMatching(/lab-debian-frr\.raw'?: No such file/) as string,
    });
    expect(host.traces()["devices"]).toEqual([]);
    expect((await driver.destroy()).left).toEqual([]);
    expect(host.traces()).toEqual(emptyTraces);
  });

  it("runs guests whose supervisors were killed: they are removed with their taps", async () => {
    const { host, driver } = await makeBuilt();
    const { stdout } = await host.run("pgrep", "-f", "vm _run ");
    await host.run("kill", "-KILL", ...stdout.trim().split("\n"));
    expect((await driver.destroy()).left).toEqual([]);
    expect(host.traces()).toEqual(emptyTraces);
  });
});
