import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openImageCache } from "../../src/drivers/vm-bhyve/images/cache.ts";
import { catalogue, findImage } from "../../src/drivers/vm-bhyve/images/catalogue.ts";
import { importImage } from "../../src/drivers/vm-bhyve/images/import.ts";
import { verifyImages } from "../../src/drivers/vm-bhyve/images/verify.ts";
import { fakeClock } from "../fakes/clock.ts";
import { fakeExec, type Reply } from "../fakes/exec.ts";
import { makePlace } from "../fakes/place.ts";

/** qemu-img, in so far as an import sees it: a raw disk is copied, of any other nothing is read. */
function qemuImg(info: object = { "virtual-size": 1024 }, convert: Reply = {}) {
  return fakeExec((argv) => {
    if (argv[1] === "info") return { stdout: JSON.stringify(info) };
    if (convert.failure === undefined) copyFileSync(argv.at(-2) ?? "", argv.at(-1) ?? "");
    return { stdout: "    (12.50/100%)\r    (99.00/100%)\r", ...convert };
  });
}

function setUp(exec = qemuImg()) {
  const place = makePlace();
  const cache = openImageCache(join(place, "cache"), fakeClock());
  const shown: string[] = [];
  const write = (name: string, bytes: Uint8Array) => {
    writeFileSync(join(place, name), bytes);
    return join(place, name);
  };
  const cumulus = findImage("cumulus-vx");
  if (cumulus === undefined) throw new Error("no such image");
  const onProgress = (percent: number, doing: string) => void shown.push(`${Math.round(percent)} ${doing}`);
  const take = (file: string) => importImage(cumulus, file, { exec, cache, onProgress });
  const entries = () => (existsSync(cache.directory) ? readdirSync(cache.directory).toSorted() : []);
  return { place, cache, exec, shown, write, take, entries };
}

/** A raw disk: a boot sector and a partition table, with an EFI system partition or without. */
function disk(efi = true): Buffer {
  const bytes = Buffer.alloc(4096);
  bytes.write("\u0055\u00AA", 510, "latin1");
  bytes.write("EFI PART", 512, "latin1");
  if (efi) Buffer.from("28732ac11ff8d211ba4b00a0c93ec93b", "hex").copy(bytes, 1024);
  return bytes;
}

describe("an import", () => {
  it("puts a raw image and its record into the cache, and leaves the file as it is", async () => {
    const { write, take, cache, entries, exec, shown } = setUp();
    const file = write("cumulus.img", disk());
    const { path, record, remarks } = await take(file);
    expect(record).toEqual({
      image: "cumulus-vx",
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      size: 4096,
      made: "2026-01-01T00:00:00.000Z",
      source: file,
      efi: true,
    });
    expect(readFileSync(path)).toEqual(readFileSync(file));
    expect(await cache.find("cumulus-vx")).toMatchObject({ path, record });
    expect(remarks).toEqual([]);
    expect(entries()).toEqual(["cumulus-vx.json", "cumulus-vx.raw"]);
    expect(exec.lines()[1]).toMatch(/^qemu-img convert -p -f raw -O raw .*cumulus\.img .*\.draft$/);
    expect(shown).toContain("79 converting cumulus.img");
  });

  it("hands the format over that the file has, whatever its name says", async () => {
    const { write, take, exec } = setUp();
    const { remarks } = await take(write("cumulus.raw", Buffer.concat([Buffer.from("QFI\u00FB", "latin1"), disk()])));
    expect(exec.lines()[1]).toContain("-f qcow2 -O raw");
    expect(remarks).toEqual([expect.stringContaining("no EFI system partition")]);
  });

  it("takes the place of the image before it", async () => {
    const { write, take, cache } = setUp();
    await take(write("one", disk()));
    const before = await cache.find("cumulus-vx");
    await take(write("two", disk(false)));
    const after = await cache.find("cumulus-vx");
    expect(after?.record.source).toMatch(/two$/);
    expect(after?.record.sha256).not.toBe(before?.record.sha256);
  });

  it.each([
    ["is not there", undefined, {}, "there is no file"],
    ["is empty", Buffer.alloc(0), {}, "it is empty"],
    ["is packed", Buffer.from("fd377a585a00", "hex"), {}, "is packed (xz)"],
    [
      "differs from another",
      disk(),
      { "virtual-size": 9, "backing-filename": "/base" },
      "only what differs from /base",
    ],
    [
      "is too large",
      disk(),
      { "virtual-size": 8 * 1024 ** 3 },
      "is a disk of 8.0 GiB, and guests of cumulus-vx have 6",
    ],
    ["is broken", disk(), [], "is broken"],
  ])("refuses a file that %s, and the cache stays as it was", async (_, bytes, info, message) => {
    const { write, take, cache, place, entries } = setUp(qemuImg(info));
    const good = setUp();
    await good.take(good.write("good", disk()));
    mkdirSync(cache.directory, { recursive: true });
    for (const name of good.entries()) copyFileSync(join(good.cache.directory, name), join(cache.directory, name));
    const file = bytes === undefined ? join(place, "nothing") : write("mine", bytes);
    await expect(take(file)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(message) as string,
      hint: expect.stringMatching(/./) as string,
    });
    expect(entries()).toEqual(["cumulus-vx.json", "cumulus-vx.raw"]);
    expect(await cache.find("cumulus-vx")).toBeDefined();
  });

  it("leaves no draft where the conversion fails", async () => {
    const { write, take, entries } = setUp(qemuImg({ "virtual-size": 1 }, { failure: "failed with exit code 1" }));
    await expect(take(write("mine", disk()))).rejects.toThrow("qemu-img convert");
    expect(entries()).toEqual([]);
  });

  it("says which package is missing", async () => {
    const exec = fakeExec(() => ({ failure: "no such program on this machine", exitCode: undefined as never }));
    const without = {
      ...exec,
      try: async (argv: readonly string[]) => ({ ...(await exec.try(argv)), exitCode: undefined }),
    };
    const { write, take } = setUp(without);
    await expect(take(write("mine", disk()))).rejects.toMatchObject({
      exitCode: 3,
      hint: "apt-get install qemu-utils",
    });
  });
});

describe("the cache", () => {
  it("does not know an image without its record, or of another size", async () => {
    const { write, take, cache } = setUp();
    const { path } = await take(write("mine", disk()));
    writeFileSync(path, "cut");
    expect(await cache.find("cumulus-vx")).toBeUndefined();
    writeFileSync(join(cache.directory, "cumulus-vx.json"), "{}");
    expect(await cache.find("cumulus-vx")).toBeUndefined();
  });

  it("removes drafts of runs that are gone, not those of runs that go on", async () => {
    const { cache, entries } = setUp();
    const mine = await cache.draft("debian-frr");
    writeFileSync(mine, "");
    writeFileSync(join(cache.directory, "debian-frr.raw.999999.1.abcdef01.draft"), "");
    await cache.draft("debian-frr");
    expect(entries().map((name) => join(cache.directory, name))).toEqual([mine]);
  });
});

describe("a verification", () => {
  it("tells images that have changed from those that have not and those that are absent", async () => {
    const { write, take, cache } = setUp();
    const { path } = await take(write("mine", disk()));
    const look = async () =>
      (await verifyImages(catalogue, cache, () => {})).filter(({ status }) => status !== "absent");
    expect(await look()).toMatchObject([{ image: "cumulus-vx", status: "good" }]);
    const bytes = readFileSync(path);
    bytes[4000] = 1;
    writeFileSync(path, bytes);
    expect(statSync(path).size).toBe(4096);
    expect(await look()).toMatchObject([{ image: "cumulus-vx", status: "changed" }]);
  });
});
