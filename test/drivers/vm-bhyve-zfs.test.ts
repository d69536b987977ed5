import { readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { designOf, small } from "../fakes/labs.ts";
import { performAll } from "../fakes/vm-host.ts";
import { beginningOf, buildOf, makeZfsHost, place, raise, usualOwner, type ZfsHost } from "../fakes/zfs-host.ts";
import { node } from "../plan/topologies.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const { plan } = designOf(small, "vm-bhyve");
const guests = ["6x-leaf01", "6x-spine01"];
const shared = ["lab-images", "lab-images/debian-frr"];

const diskOf = (host: ZfsHost, guest: string) => join(host.vmDir, guest, "disk0.img");

describe("guests where vm_dir is a ZFS dataset", () => {
  it("have disks that are clones of the image's snapshot, and leave nothing but the image", async () => {
    const host = await makeZfsHost();
    const driver = host.lab();
    await raise(driver, plan);
    expect(await host.datasets()).toEqual([...guests, ...guests.map((name) => `${name}/disk`), ...shared].toSorted());
    expect(await host.snapshots()).toEqual(["lab-images/debian-frr@lab"]);
    for (const guest of guests) {
      expect(readlinkSync(diskOf(host, guest))).toBe("disk/disk.img");
      expect(beginningOf(diskOf(host, guest), 6)).toBe("first\0");
      const { size, mode } = statSync(diskOf(host, guest));
      expect([size, mode & 0o777]).toEqual([4 * 1024 ** 3, 0o600]);
    }
    // What guests write does not reach the image.
    expect(statSync(join(host.vmDir, "lab-images/debian-frr/disk.img")).size).toBe(5);
    expect((await driver.observe(plan)).guests.length).toBe(2);
    expect(await driver.destroy()).toEqual({ removed: { guests: 2, switches: 2 }, left: [] });
    expect(await host.datasets()).toEqual(shared);
  });

  it("are removed after a run that was killed between the acts that make disks", async () => {
    const host = await makeZfsHost();
    const driver = host.lab();
    const alone = designOf({ ...small, nodes: [node("leaf01", "leaf")], links: [] }, "vm-bhyve").plan;
    await place(driver, alone);
    const waves = await buildOf(driver, alone);
    const about = (text: string) => waves.findLastIndex((wave) => wave.some(({ does }) => does.startsWith(text)));
    for (let stop = about("make guest"); stop <= about("give 6x-leaf01 a disk"); stop += 1) {
      await performAll(driver, waves.slice(0, stop + 1));
      expect((await driver.destroy()).left).toEqual([]);
      expect(await host.datasets()).toEqual(shared);
    }
  });

  it("share the image with another lab that comes and goes at the same time", async () => {
    const host = await makeZfsHost();
    const other = designOf({ ...small, name: "other" }, "vm-bhyve").plan;
    const [mine, yours] = [host.lab(), host.lab("other-4567cdef")];
    await Promise.all([raise(mine, plan), raise(yours, other)]);
    expect(await host.snapshots()).toEqual(["lab-images/debian-frr@lab"]);
    expect((await mine.destroy()).left).toEqual([]);
    expect((await yours.observe(other)).guests.length).toBe(2);
    expect((await yours.destroy()).left).toEqual([]);
    expect(await host.datasets()).toEqual(shared);
  });

  it("stay with what they are when their dataset is busy, are named with the reason, and go later", async () => {
    const host = await makeZfsHost();
    const driver = host.lab();
    await raise(driver, plan);
    host.fault("busy-6x-leaf01");
    const { left } = await driver.destroy();
    expect(left[0]).toBe("guest 6x-leaf01");
    expect(left.join("\n")).toContain("failed to destroy ZFS dataset zroot/vm/6x-leaf01");
    host.mend("busy-6x-leaf01");
    expect((await driver.destroy()).left).toEqual([]);
    expect(await host.datasets()).toEqual(shared);
  });

  it("are copies of an image that somebody has put into vm's own directory", async () => {
    const host = await makeZfsHost();
    host.write("vm/.img/lab-debian-frr.raw", "theirs");
    const driver = host.lab();
    await raise(driver, plan);
    expect(await host.datasets()).toEqual(guests);
    expect(beginningOf(diskOf(host, "6x-leaf01"), 6)).toBe("theirs");
    expect((await driver.destroy()).left).toEqual([]);
    expect(await host.datasets()).toEqual([]);
    expect(host.read("vm/.img/lab-debian-frr.raw")).toBe("theirs");
  });
});

async function makeStray(file?: string) {
  const host = await makeZfsHost();
  await host.run("zfs", "create", "zroot/vm/6x-leaf01");
  host.write(`vm/.config/lab-${usualOwner}.conf`, 'guests="6x-leaf01"\n');
  if (file !== undefined) host.write(`vm/6x-leaf01/${file}`, "theirs");
  return { host, receipt: await host.lab().destroy() };
}

describe("a dataset without a guest, which vm create leaves that was killed at its first step", () => {
  it("goes with the lab that has claimed it", async () => {
    const { host, receipt } = await makeStray();
    expect([receipt.left, await host.datasets()]).toEqual([[], []]);
  });

  it("stays where somebody has put something into it", async () => {
    const { host, receipt } = await makeStray("notes");
    expect(receipt.left[0]).toMatch(/^dataset zroot\/vm\/6x-leaf01: zfs destroy -r /);
    expect(receipt.left[1]).toContain("6x-leaf01 is not empty");
    expect(host.read("vm/6x-leaf01/notes")).toBe("theirs");
  });
});
