import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openImageCache } from "../../src/drivers/vm-bhyve/images/cache.ts";
import { checksumOf } from "../../src/drivers/vm-bhyve/images/checksums.ts";
import { fetchImage } from "../../src/drivers/vm-bhyve/images/fetch.ts";
import { localExec } from "../../src/system/exec.ts";
import { fakeClock } from "../fakes/clock.ts";
import { makePlace } from "../fakes/place.ts";
import { sendFile, serve } from "../fakes/web-server.ts";

const sums = ["a".repeat(128), "B".repeat(128)] as const;

describe("a checksum file", () => {
  it.each([
    ["one line of several", `SHA512 (x.raw) = ${sums[0]}\nSHA512 (y.raw) = ${sums[1]}\n`, sums[1].toLowerCase()],
    ["ends of line of another system", `SHA512 (y.raw) = ${sums[1]}\r\n`, sums[1].toLowerCase()],
    ["the same twice", `SHA512 (y.raw) = ${sums[0]}\nSHA512 (y.raw) = ${sums[0]}`, sums[0]],
    ["two for one file", `SHA512 (y.raw) = ${sums[0]}\nSHA512 (y.raw) = ${sums[1]}`, undefined],
    ["another algorithm", `SHA256 (y.raw) = ${"a".repeat(64)}\n`, undefined],
    ["a sum that is cut", `SHA512 (y.raw) = ${"a".repeat(127)}\n`, undefined],
    ["a longer name", `SHA512 (y.raw.xz) = ${sums[0]}\n`, undefined],
    ["nothing", "", undefined],
  ])("%s", (_, list, sum) => {
    expect(checksumOf(list, "sha512", "y.raw")).toBe(sum);
  });
});

const hasXz = spawnSync("xz", ["--version"]).status === 0;

/** A raw disk, packed. */
function packedDisk(first = 0): Buffer {
  const disk = Buffer.alloc(100_000, first);
  disk.writeUInt16LE(0xaa55, 510);
  return spawnSync("xz", ["-c"], { input: disk }).stdout;
}

interface Web {
  file: Buffer;
  list: string;
}

const listOf = (file: Buffer) => `SHA512 (base.raw.xz) = ${createHash("sha512").update(file).digest("hex")}\n`;

async function setUp(web: Web, exec = localExec) {
  const server = await serve((request, response) => {
    if (request.url === "/CHECKSUM.SHA512") response.end(web.list);
    else if (request.url === "/base.raw.xz") sendFile(request, response, web.file, { etag: '"a"' });
    else response.writeHead(404).end();
  });
  const clock = fakeClock();
  const cache = openImageCache(makePlace(), clock);
  const source = { how: "download", folder: server.url, file: "base.raw.xz", checksums: "CHECKSUM.SHA512" } as const;
  const shown: string[] = [];
  const onProgress = (percent: number, doing: string) => void shown.push(`${Math.round(percent)} ${doing}`);
  const get = () => fetchImage({ name: "base", source }, { exec, clock, cache, onProgress });
  return { ...server, cache, get, shown, entries: () => readdirSync(cache.directory).toSorted() };
}

describe.runIf(hasXz)("an image that is published", () => {
  const file = packedDisk();

  it("is fetched, compared and unpacked; once more, only its checksum is read", async () => {
    const { get, entries, asked, shown } = await setUp({ file, list: listOf(file) });
    const { path, record } = await get();
    expect(readFileSync(path).length).toBe(100_000);
    expect(record).toMatchObject({ image: "base", size: 100_000, published: listOf(file).trim().split(" ").at(-1) });
    expect(entries()).toEqual(["base.json", "base.raw"]);
    expect(shown.at(-1)).toBe("100 fetched");
    await get();
    expect(asked).toEqual(["/CHECKSUM.SHA512", "/base.raw.xz", "/CHECKSUM.SHA512"]);
  });

  it("is fetched anew when another one is published", async () => {
    const web = { file, list: listOf(file) };
    const { get, cache } = await setUp(web);
    await get();
    web.file = packedDisk(1);
    web.list = listOf(web.file);
    await get();
    expect((await cache.find("base"))?.record.published).toBe(web.list.trim().split(" ").at(-1));
  });

  it("is taken from an earlier run that was ended before it was unpacked", async () => {
    const { get, cache, asked } = await setUp({ file, list: listOf(file) });
    await cache.draft("base");
    writeFileSync(join(cache.directory, "base.raw.xz"), file);
    await get();
    expect(asked).toEqual(["/CHECKSUM.SHA512"]);
  });

  it("with a wrong checksum is refused and deleted, and the cache keeps what it had", async () => {
    const web = { file, list: listOf(file) };
    const { get, entries, cache } = await setUp(web);
    await get();
    web.list = listOf(Buffer.from("something else"));
    await expect(get()).rejects.toMatchObject({ code: "E_CHECKSUM", hint: expect.stringMatching(/./) as string });
    expect(entries()).toEqual(["base.json", "base.raw"]);
    expect(await cache.find("base")).toBeDefined();
  });

  it.each([
    ["a list without its name", { file, list: listOf(file).replace("base", "other") }, "E_NO_CHECKSUM"],
    [
      "no disk inside",
      ((bytes) => ({ file: bytes, list: listOf(bytes) }))(spawnSync("xz", ["-c"], { input: "no" }).stdout),
      "E_IMAGE_FORMAT",
    ],
    ["what xz cannot read", ((bytes) => ({ file: bytes, list: listOf(bytes) }))(Buffer.from("no")), "E_UNPACK"],
  ])("is refused with %s", async (_, web, code) => {
    const { get, cache } = await setUp(web);
    await expect(get()).rejects.toMatchObject({ code });
    expect(await cache.find("base")).toBeUndefined();
  });
});
