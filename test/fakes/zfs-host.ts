import { closeSync, openSync, readSync, writeFileSync } from "node:fs";
import { afterEach } from "vitest";
import { withVmDir } from "../../src/drivers/vm-bhyve/host.ts";
import { type ImageCache, openImageCache } from "../../src/drivers/vm-bhyve/images/cache.ts";
import type { Driver, Wave } from "../../src/drivers/driver.ts";
import { planWork } from "../../src/flow/work.ts";
import type { Plan } from "../../src/plan/model.ts";
import { dataset } from "../vm-bhyve/lay-out.ts";
import { fakeClock } from "./clock.ts";
import { makePlace } from "./place.ts";
import { makeVmHost, performAll, type VmHostFake } from "./vm-host.ts";

export interface ZfsHost extends VmHostFake {
  readonly cache: ImageCache;
  /** Makes a version of an image in the cache. */
  keep(image: string, text: string): Promise<void>;
  /** The driver of a lab that has this cache. */
  lab(owner?: string): Driver;
  /** Names below that of vm's own dataset. */
  datasets(): Promise<readonly string[]>;
  snapshots(): Promise<readonly string[]>;
}

export const usualOwner = "duo-0123abcd";

const hosts: VmHostFake[] = [];
// Before its directory is removed.
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.cutPower();
});

/** A host whose `vm_dir` is a ZFS dataset, and a cache with the first version of Debian's image. */
export async function makeZfsHost(): Promise<ZfsHost> {
  const host = await makeVmHost("1.8", "zfs");
  hosts.push(host);
  const cache = openImageCache(makePlace("lab-cache-"), fakeClock());
  const list = async (kind: string) => {
    const { stdout } = await host.run("zfs", "list", "-H", "-t", kind, "-o", "name", "-r", dataset);
    const names = stdout.split("\n").filter((name) => name !== "" && name !== dataset);
    return names.map((name) => name.slice(dataset.length + 1)).toSorted();
  };
  const keep = async (image: string, text: string) => {
    const draft = await cache.draft(image);
    writeFileSync(draft, text, { mode: 0o644 });
    await cache.publish(image, draft, { source: "here", efi: true });
  };
  await keep("debian-frr", "first");
  return {
    ...host,
    cache,
    keep,
    lab: (owner = usualOwner) => host.driver(owner, { images: cache }),
    datasets: () => list("filesystem"),
    snapshots: () => list("snapshot"),
  };
}

/** The host as the driver's parts see it. */
export function insideOf({ host, vmDir }: ZfsHost) {
  return withVmDir(host, { path: vmDir, dataset });
}

/** The first bytes of a disk, most of which is a hole. */
export function beginningOf(path: string, length: number): string {
  const file = openSync(path, "r");
  const bytes = Buffer.alloc(length);
  readSync(file, bytes);
  closeSync(file);
  return bytes.toString();
}

export async function place(driver: Driver, plan: Plan): Promise<void> {
  await performAll(driver, (await driver.placeImages?.(plan))?.waves ?? []);
}

/** All that `lab up` does to make what is not there, as it is composed from what is seen. */
export async function buildOf(driver: Driver, plan: Plan): Promise<readonly Wave[]> {
  const seen = await driver.observe(plan);
  const { make } = planWork(undefined, plan, seen);
  return driver.build({ plan, ...make, seeds: [], cloned: seen.cloned ?? [], hostBatch: "" });
}

/** Images, then guests. */
export async function raise(driver: Driver, plan: Plan): Promise<void> {
  await place(driver, plan);
  await performAll(driver, await buildOf(driver, plan));
}
