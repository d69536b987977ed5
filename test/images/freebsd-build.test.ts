import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openImageCache } from "../../src/drivers/vm-bhyve/images/cache.ts";
import { buildFreeBsdServer } from "../../src/drivers/vm-bhyve/images/freebsd.ts";
import { fakeClock } from "../fakes/clock.ts";
import { fakeExec, type Reply } from "../fakes/exec.ts";
import { makePlace } from "../fakes/place.ts";

const root = join(import.meta.dirname, "..", "..");

function setUp(reply: Reply = { stdout: "frr10 10.7.0\nnode24 24.15.0\n", stderr: "truncate\npkg install\n" }) {
  const images = openImageCache(makePlace(), fakeClock());
  const exec = fakeExec((argv) => {
    if (argv.includes("--discard")) return {};
    if (reply.exitCode === undefined) writeFileSync(argv.at(-1) ?? "", "a disk");
    return reply;
  });
  const shown: string[] = [];
  const build = (unprivileged = false) =>
    buildFreeBsdServer({ exec, images, home: root, unprivileged }, (percent, doing) =>
      shown.push(`${percent} ${doing}`),
    );
  return { build, exec, images, shown };
}

describe("lab image build of FreeBSD servers", () => {
  it("takes what the script has made into the cache, with its packages, and makes it once", async () => {
    const { build, exec, shown } = setUp();
    const { record, path } = await build();
    expect(record).toMatchObject({ image: "freebsd-server", packages: ["frr10 10.7.0", "node24 24.15.0"] });
    expect(record.source).toMatch(/^built, freebsd-server-[0-9a-f]{12}$/);
    expect(readFileSync(path, "utf8")).toBe("a disk");
    expect(shown).toEqual(["3 truncate", "6 pkg install", "99 taking its checksum", "100 built"]);
    expect(await build()).toMatchObject({ record });
    expect(exec.calls.length).toBe(1);
  });

  it("gives back what a script held that was ended, and leaves nothing", async () => {
    const { build, exec, images } = setUp({ exitCode: 1, stderr: "pkg: no address record\n" });
    await expect(build()).rejects.toThrow("build.ts");
    const discarded = exec.lines().filter((line) => line.endsWith("--discard"));
    expect(discarded).toMatchObject([
      expect.stringMatching(/\.draft\.part --discard$/),
      expect.stringMatching(/\.draft --discard$/),
    ]);
    expect(readdirSync(images.directory)).toEqual([]);
  });

  it("gives back first what a run held that was killed", async () => {
    const { build, exec, images } = setUp();
    await images.draft("freebsd-server");
    const dead = join(images.directory, "freebsd-server.raw.999999.1.abcdef01.draft.part");
    writeFileSync(dead, "half");
    await build();
    expect(exec.lines()[0]).toMatch(/build\.ts .*\.draft\.part --discard$/);
    expect(exec.lines()[0]).toContain(dead);
  });

  it("is root's", async () => {
    const { build, exec } = setUp();
    await expect(build(true)).rejects.toMatchObject({
      exitCode: 3,
      hint: expect.stringContaining("doas lab") as string,
    });
    expect(exec.calls).toEqual([]);
  });
});
