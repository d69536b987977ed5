import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Driver } from "../../src/drivers/driver.ts";
import { type Host, withVmDir } from "../../src/drivers/vm-bhyve/host.ts";
import { openImageCache } from "../../src/drivers/vm-bhyve/images/cache.ts";
import { imagesFor, judgeImages, lookAtImages } from "../../src/drivers/vm-bhyve/images/look.ts";
import { placeImages } from "../../src/drivers/vm-bhyve/images/place.ts";
import { performAct } from "../../src/drivers/vm-bhyve/perform.ts";
import { fakeClock } from "../fakes/clock.ts";
import { designOf } from "../fakes/labs.ts";
import { makePlace } from "../fakes/place.ts";
import { makeVmHost, performAll } from "../fakes/vm-host.ts";
import { duo } from "../render/topologies.ts";

const { plan } = designOf(duo, "vm-bhyve");

/** A hypervisor without images, and a cache that has this one. */
async function setUp(wrap: (host: Host) => Host = (host) => host) {
  const fake = await makeVmHost();
  const images = join(fake.vmDir, ".img");
  for (const name of readdirSync(images)) await fake.run("rm", join(images, name));
  const clock = fakeClock();
  const cache = openImageCache(makePlace(), clock);
  const keep = async (image: string, text: string) => {
    const draft = await cache.draft(image);
    writeFileSync(draft, text);
    await cache.publish(image, draft, { source: "here", efi: true });
  };
  await keep("debian-frr", "first");
  const host = withVmDir(wrap(fake.host), { path: fake.vmDir });
  const shown: string[] = [];
  const perform: Driver["perform"] = (act, signal) =>
    performAct({ host, owner: "duo-0123abcd", clock }, act, signal, (part) => void shown.push(`${part} ${act.does}`));
  const place = async () => performAll({ perform }, (await placeImages(host, plan, cache)).waves);
  const probe = async (of = cache) => judgeImages(host, await lookAtImages(host, imagesFor(plan), of));
  const read = (name: string) => readFileSync(join(images, name), "utf8");
  return { fake, cache, keep, place, probe, read, shown, images, entries: () => readdirSync(images).toSorted() };
}

describe("images of a plan", () => {
  it("that are nowhere are named one by one, with the commands that make them", async () => {
    const { probe, images } = await setUp();
    expect(await probe()).toEqual([
      {
        what: "image freebsd-server",
        status: "missing",
        consequence: `there is no ${images}/lab-freebsd-server.raw, which guests of freebsd-server are copied from`,
        fix: expect.stringContaining("lab image import freebsd-server.raw --kind freebsd-server") as string,
      },
    ]);
    expect((await probe(openImageCache(makePlace(), fakeClock()))).map(({ what }) => what)).toEqual([
      "image debian-frr",
      "image freebsd-server",
    ]);
  });

  it("are put on the hypervisor with their records, once, and kinds share them", async () => {
    const { place, entries, read, shown, cache } = await setUp();
    await place();
    expect(entries()).toEqual(["lab-debian-frr.json", "lab-debian-frr.raw"]);
    expect(read("lab-debian-frr.raw")).toBe("first");
    expect(JSON.parse(read("lab-debian-frr.json"))).toEqual((await cache.find("debian-frr"))?.record);
    expect(shown).toEqual(["1 put the record of debian-frr on the hypervisor", "1 put debian-frr on the hypervisor"]);
    await place();
    expect(shown.length).toBe(2);
  });

  it("are replaced by those that were made anew", async () => {
    const { place, keep, read } = await setUp();
    await place();
    await keep("debian-frr", "second");
    await place();
    expect(read("lab-debian-frr.raw")).toBe("second");
    expect(read("lab-debian-frr.json")).not.toContain("first");
  });

  it("of somebody else stay as they are", async () => {
    const { place, fake, entries, read } = await setUp();
    fake.write("vm/.img/lab-debian-frr.raw", "theirs");
    await place();
    expect([entries(), read("lab-debian-frr.raw")]).toEqual([["lab-debian-frr.raw"], "theirs"]);
  });

  it.each([0, 1, 2, 3])("are whole after any end: %i puts, of a first and of a second image", async (allowed) => {
    let left = allowed;
    const { place, keep, read, entries, cache } = await setUp((whole) => ({
      ...whole,
      async put(from, to, onProgress) {
        if (left === 0) throw new Error("the power fails");
        left -= 1;
        await whole.put(from, to, onProgress);
      },
    }));
    await place().catch(() => {});
    await keep("debian-frr", "second");
    await place().catch(() => {});
    expect([undefined, "first", "second"]).toContain(
      entries().includes("lab-debian-frr.raw") ? read("lab-debian-frr.raw") : undefined,
    );
    left = 10;
    await place();
    expect(read("lab-debian-frr.raw")).toBe("second");
    expect(JSON.parse(read("lab-debian-frr.json"))).toEqual((await cache.find("debian-frr"))?.record);
  });

  it("leave nothing of a run that was killed", async () => {
    const { place, images, entries } = await setUp();
    mkdirSync(images, { recursive: true });
    writeFileSync(join(images, "lab-debian-frr.raw.999999.1.abcdef01.draft"), "half");
    writeFileSync(join(images, "theirs.raw.999999.1.abcdef01.draft"), "not ours");
    await place();
    expect(entries()).toEqual(["lab-debian-frr.json", "lab-debian-frr.raw", "theirs.raw.999999.1.abcdef01.draft"]);
  });
});

describe("the commands of placing", () => {
  it("say where no vm-bhyve is known what they are for, and what is nowhere", async () => {
    const { cache } = await setUp();
    const { remarks, waves } = await placeImages(undefined, plan, cache);
    expect(remarks).toEqual([
      expect.stringContaining("where it is zfs:POOL/DATASET") as string,
      expect.stringMatching(
        /^there is no image freebsd-server here: .*lab image build --kind freebsd-server/,
      ) as string,
    ]);
    expect(waves.flat().map(({ argv }) => argv.at(-1))).toEqual([
      "$vm_dir/.img/lab-debian-frr.json",
      "$vm_dir/.img/lab-debian-frr.raw",
    ]);
  });

  it("name the hypervisor where that is another machine", async () => {
    const { cache, fake } = await setUp();
    const host = withVmDir({ ...fake.host, name: "root@hv" }, { path: "/vm" });
    const { waves } = await placeImages(host, plan, cache);
    const { path = "" } = (await cache.find("debian-frr")) ?? {};
    expect(waves.flat().at(-1)?.argv).toEqual(["scp", path, "root@hv:$vm_dir/.img/lab-debian-frr.raw"]);
  });
});
