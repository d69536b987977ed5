import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openImageCache } from "../../src/drivers/vm-bhyve/images/cache.ts";
import { buildDebian } from "../../src/drivers/vm-bhyve/images/debian.ts";
import { diskActs } from "../../src/drivers/vm-bhyve/images/debian-disk.ts";
import { fakeClock } from "../fakes/clock.ts";
import { fakeExec, type Reply } from "../fakes/exec.ts";
import { makePlace } from "../fakes/place.ts";

const assets = join(import.meta.dirname, "..", "..", "images");
const dpkg = "Package: frr\nStatus: ok\nVersion: 10.3-3\n";

describe("the disk of Debian guests", () => {
  it("is written by these commands", async () => {
    const acts = diskActs("/draft/disk.raw", {
      root: "/draft/root",
      overlays: ["/images/debian-frr/overlay", "/images/embedded/overlay"],
      esp: "/images/debian-frr/esp",
      kernel: "/draft/root/boot/vmlinuz-6",
      initrd: "/draft/root/boot/initrd.img-6",
    });
    const lines = acts.map(({ does, argv, input = "" }) => `# ${does}\n${argv.join(" ")}\n${input}`);
    await expect(lines.join("")).toMatchFileSnapshot("../golden/images/debian-disk.txt");
  });
});

function setUp(instead: (argv: readonly string[]) => Reply | undefined = () => undefined, unprivileged = false) {
  const place = makePlace();
  const clock = fakeClock();
  const exec = fakeExec((argv) => {
    const other = instead(argv);
    if (other !== undefined) return other;
    const program = argv.includes("--map-root-user") ? argv[argv.indexOf("--") + 1] : argv[0];
    if (program === "mmdebstrap" && argv[1] !== "--version") writeFileSync(argv.at(-2) ?? "", "");
    if (program === "tar") {
      const root = argv.at(-1) ?? "";
      for (const directory of ["var/lib/dpkg", "boot"]) mkdirSync(join(root, directory), { recursive: true });
      writeFileSync(join(root, "var/lib/dpkg/status"), dpkg);
      for (const file of ["vmlinuz-6", "initrd.img-6"]) writeFileSync(join(root, "boot", file), "");
    }
    return {};
  });
  const images = openImageCache(place, clock);
  const shown: string[] = [];
  const build = () =>
    buildDebian({ exec, clock, cache: place, unprivileged, images, assets, diskBytes: 4096 }, (percent, doing) => {
      shown.push(`${percent} ${doing}`);
    });
  return { exec, images, build, shown, entries: () => readdirSync(images.directory).toSorted() };
}

describe("an image of Debian", () => {
  it("is built once, with the versions of its packages in its record", async () => {
    const { build, exec, entries, shown } = setUp();
    const { record } = await build();
    expect(record).toMatchObject({ image: "debian-frr", size: 4096, efi: true, packages: ["frr 10.3-3"] });
    expect(record.source).toMatch(/^built, debian-frr-[0-9a-f]{12}$/);
    expect(entries()).toEqual(["debian-frr.json", "debian-frr.raw"]);
    expect(shown.at(-1)).toBe("100 built");
    const before = exec.calls.length;
    await build();
    expect(exec.calls.length).toBe(before);
  });

  it("is built by an ordinary user as root of a namespace", async () => {
    const { build, exec } = setUp(() => undefined, true);
    await build();
    const disk = exec.lines().filter((line) => /mke2fs -q|sfdisk -q|mcopy -i/.test(line));
    expect(disk.length).toBe(5);
    for (const line of disk) expect(line).toMatch(/^unshare --user --map-root-user --map-auto -- /);
  });

  it("needs programs, all of which are named at once", async () => {
    const { build, exec } = setUp();
    const tryRun = exec.try;
    Object.assign(exec, {
      try: async (argv: readonly string[]) => {
        const result = await tryRun(argv);
        return /sfdisk|mcopy/.test(argv[0] ?? "") ? { ...result, exitCode: undefined } : result;
      },
    });
    await expect(build()).rejects.toMatchObject({
      exitCode: 3,
      hint: expect.stringMatching(
        /^apt-get install fdisk mtools; .*lab image import FILE --kind debian-frr$/,
      ) as string,
    });
  });

  it.each([
    ["a disk cannot be written", "/usr/sbin/mke2fs -q"],
    ["packages cannot be unpacked", "mmdebstrap --verbose"],
  ])("leaves nothing where %s", async (_, command) => {
    const fail = { failure: "failed with exit code 1", exitCode: 1 };
    const { build, entries } = setUp((argv) => (argv.join(" ").startsWith(command) ? fail : undefined));
    await expect(build()).rejects.toThrow(command.split(" ")[0]);
    expect(entries()).toEqual([]);
  });
});
