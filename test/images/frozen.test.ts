import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { parseFrozen } from "../../src/drivers/vm-bhyve/images/frozen.ts";
import { imagesFor, judgeImages, lookAtImages } from "../../src/drivers/vm-bhyve/images/look.ts";
import { designOf } from "../fakes/labs.ts";
import { performAll } from "../fakes/vm-host.ts";
import { beginningOf, insideOf, makeZfsHost, place, raise, type ZfsHost } from "../fakes/zfs-host.ts";
import { node } from "../plan/topologies.ts";
import { duo } from "../render/topologies.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const alone = { ...duo, nodes: [node("spine01", "spine")], links: [], networks: [], vlans: [], services: [] };
const { plan } = designOf(alone, "vm-bhyve");
const sum = "a".repeat(64);
const frozenText = (host: ZfsHost) =>
  readFileSync(join(host.vmDir, "lab-images/debian-frr/.zfs/snapshot/lab/disk.img"), "utf8");
const wavesOf = async (host: ZfsHost) => (await host.lab().placeImages?.(plan))?.waves ?? [];

describe("what zfs says of snapshots", () => {
  it("is read by its columns, and what is not of lab's making is left out", () => {
    const lines = [
      `zroot/vm/lab-images/debian-frr@lab\t12\toff\t${sum}`,
      `zroot/vm/lab-images/debian-frr@lab-9\t9\ton\t${sum}`,
      "zroot/vm/lab-images/debian-frr@theirs\t13\toff\t-",
      `zroot/vm/lab-images/debian-frr@lab\t-\toff\t${sum}`,
      `zroot/vm/6x-leaf01@lab\t14\toff\t${sum}`,
      `zroot/vm/lab-images/a/b@lab\t15\toff\t${sum}`,
      "cannot open",
      "",
    ];
    const version = { image: "debian-frr", sha256: sum };
    expect(parseFrozen(lines.join("\n"))).toEqual([
      { ...version, snapshot: "zroot/vm/lab-images/debian-frr@lab", guid: "12", isGoing: false, isCurrent: true },
      { ...version, snapshot: "zroot/vm/lab-images/debian-frr@lab-9", guid: "9", isGoing: true, isCurrent: false },
    ]);
  });
});

describe("images where vm_dir is a ZFS dataset", () => {
  it("are placed once, as datasets of their own, and are there for the check without a cache", async () => {
    const host = await makeZfsHost();
    await place(host.lab(), plan);
    expect([await host.snapshots(), frozenText(host)]).toEqual([["lab-images/debian-frr@lab"], "first"]);
    expect(await wavesOf(host)).toEqual([]);
    expect(existsSync(join(host.vmDir, ".img/lab-debian-frr.raw"))).toBe(false);
    const inside = insideOf(host);
    expect(judgeImages(inside, await lookAtImages(inside, imagesFor(plan), undefined))).toMatchObject([
      { status: "good" },
    ]);
  });

  it("are replaced under guests, which keep theirs; the old version goes with the last of them", async () => {
    const host = await makeZfsHost();
    const driver = host.lab();
    await raise(driver, plan);
    await host.run("zfs", "snapshot", "zroot/vm/lab-images/debian-frr@theirs");
    await host.keep("debian-frr", "second");
    await place(driver, plan);
    expect(await host.snapshots()).toEqual([
      "lab-images/debian-frr@lab",
      expect.stringMatching(/^lab-images\/debian-frr@lab-\d+$/),
      "lab-images/debian-frr@theirs",
    ]);
    expect(frozenText(host)).toBe("second");
    expect(beginningOf(join(host.vmDir, "6x-spine01/disk0.img"), 5)).toBe("first");
    // It is on its way already.
    expect(await wavesOf(host)).toEqual([]);
    expect((await driver.destroy()).left).toEqual([]);
    expect(await host.snapshots()).toEqual(["lab-images/debian-frr@lab", "lab-images/debian-frr@theirs"]);
  });

  it("are whole after any end: after each act of a first version, and of those that replace it", async () => {
    const host = await makeZfsHost();
    let before = "none";
    const ends: number[] = [];
    for (let stop = 1; ends.length === 0 || stop <= Math.max(...ends); stop += 1) {
      const after = `version ${stop}`;
      await host.keep("debian-frr", after);
      const waves = await wavesOf(host);
      ends.push(waves.length);
      await performAll(host.lab(), waves.slice(0, stop));
      const isThere = (await host.snapshots()).includes("lab-images/debian-frr@lab");
      expect([before, after, "none"]).toContain(isThere ? frozenText(host) : "none");
      await place(host.lab(), plan);
      expect([frozenText(host), await host.snapshots()]).toEqual([after, ["lab-images/debian-frr@lab"]]);
      before = after;
    }
    expect(Math.max(...ends)).toBe(6);
  });

  it("take the place of files that lab has put there before, and of nobody else's", async () => {
    const host = await makeZfsHost();
    const [file, record] = ["raw", "json"].map((end) => join(host.vmDir, `.img/lab-debian-frr.${end}`));
    writeFileSync(file ?? "", "first");
    await place(host.lab(), plan);
    expect(await host.snapshots()).toEqual([]);
    writeFileSync(record ?? "", JSON.stringify((await host.cache.find("debian-frr"))?.record));
    await place(host.lab(), plan);
    expect(await host.snapshots()).toEqual(["lab-images/debian-frr@lab"]);
    expect([file, record].map((path) => existsSync(path ?? ""))).toEqual([false, false]);
  });
});
