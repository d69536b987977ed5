import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildImage, isBuilt, locateImage, removeImage } from "../../src/drivers/netns/image.ts";
import type { ImageOptions, Recipe } from "../../src/drivers/netns/recipe.ts";
import { takeLock } from "../../src/system/lock.ts";
import { fakeClock } from "../fakes/clock.ts";
import { type FakeExec, fakeExec, type Reply } from "../fakes/exec.ts";
import { lockHolder } from "../fakes/lock.ts";
import { makePlace } from "../fakes/place.ts";
import { isRunning } from "../fakes/processes.ts";

const recipe: Recipe = {
  suite: "trixie",
  mirror: "http://deb.example.org/debian",
  components: ["main"],
  packages: ["frr", "iproute2"],
  links: { "/usr/local/etc/frr": "/etc/frr" },
};
const dpkg = "Package: zlib\nStatus: ok\nVersion: 1.3\n\nPackage: frr\nVersion: 10.3-1\n\nPackage: broken\n";

/** Tools that do what is asked of them, in so far as a test sees it; `instead` answers first. */
function tools(instead: (argv: readonly string[]) => Reply | undefined = () => undefined): FakeExec {
  return fakeExec((argv) => {
    const other = instead(argv);
    if (other !== undefined) return other;
    const [program] = argv;
    if (program === "apt-get") return { stdout: "dlstatus:1:50:Retrieving file 1 of 2\n" };
    if (program === "mmdebstrap") writeFileSync(argv.at(-2) ?? "", "");
    if (program === "tar") {
      mkdirSync(join(argv.at(-1) ?? "", "var/lib/dpkg"), { recursive: true });
      writeFileSync(join(argv.at(-1) ?? "", "var/lib/dpkg/status"), dpkg);
    }
    return program === "mmdebstrap"
      ? { stderr: "I: installing remaining packages\n" }
      : program === "tar"
        ? {}
        : undefined;
  });
}

const optionsOf = (exec: FakeExec, cache = makePlace()): ImageOptions => ({
  exec,
  cache,
  unprivileged: false,
  clock: fakeClock(),
});
const build = (options: ImageOptions, onProgress = (_percent: number, _doing: string) => {}) =>
  buildImage(recipe, options, onProgress);
const imagesIn = ({ cache }: ImageOptions) =>
  existsSync(join(cache, "images")) ? readdirSync(join(cache, "images")) : [];

describe("the place of an image", () => {
  it.each([
    ["another package", { ...recipe, packages: ["frr"] }, false],
    ["another suite", { ...recipe, suite: "sid" }, false],
    ["another link", { ...recipe, links: {} }, false],
    ["an ordinary user's files", recipe, true],
  ])("is another for %s", (_, other, unprivileged) => {
    const options = optionsOf(tools(), "/cache");
    expect(locateImage(other, { ...options, unprivileged }).root).not.toBe(locateImage(recipe, options).root);
    expect(locateImage({ ...recipe }, options)).toEqual(locateImage(recipe, options));
  });
});

describe("a build", () => {
  it("makes the root, its links and the lock file, and nothing else", async () => {
    const options = optionsOf(tools());
    const image = await build(options);
    expect(imagesIn(options)).toEqual([image.name]);
    expect(readdirSync(dirname(image.root)).toSorted()).toEqual(["lock.txt", "root"]);
    expect(readFileSync(image.lock, "utf8")).toBe("frr 10.3-1\nzlib 1.3\n");
    expect(readlinkSync(join(image.root, "usr/local/etc/frr"))).toBe("/etc/frr");
  });

  it("runs apt on a cache of its own, then mmdebstrap on what apt has checked", async () => {
    const exec = tools();
    const options = optionsOf(exec);
    await build(options);
    expect(exec.calls.map(({ argv }) => argv[0])).toEqual(["apt-get", "apt-get", "mmdebstrap", "tar"]);
    const [update, , bootstrap] = exec.calls.map(({ argv }) => argv);
    expect(update?.filter((word) => word.includes("Dir::")).every((word) => /=\/dev\/null$|lab unit-/.test(word))).toBe(
      true,
    );
    expect(bootstrap).toContain("--include=frr,iproute2");
    expect(bootstrap).toContain(
      `--setup-hook=sync-in '${join(options.cache, "apt/trixie/archives")}' /var/cache/apt/archives`,
    );
  });

  it("tells of progress that never goes back and ends at 100", async () => {
    const seen: number[] = [];
    await build(optionsOf(tools()), (percent) => seen.push(percent));
    expect(seen).toEqual(seen.toSorted((one, other) => one - other));
    expect([seen[0], seen.at(-1)]).toEqual([0, 100]);
    expect(seen).toContain(20);
  });

  it("is not repeated", async () => {
    const options = optionsOf(tools());
    await build(options);
    const idle = fakeExec(() => undefined);
    await build({ ...options, exec: idle });
    expect(idle.calls).toEqual([]);
  });

  it.each(["apt-get", "mmdebstrap", "tar"])("that fails in %s leaves neither an image nor a draft", async (program) => {
    const options = optionsOf(tools((argv) => (argv[0] === program ? { exitCode: 2, stderr: "E: no\n" } : undefined)));
    await expect(build(options)).rejects.toThrow("E: no");
    expect(imagesIn(options)).toEqual([]);
    expect(await isBuilt(locateImage(recipe, options))).toBe(false);
  });

  it("gives its signal to every command", async () => {
    const exec = tools();
    const { signal } = new AbortController();
    await build({ ...optionsOf(exec), signal });
    expect(exec.calls.every(({ options }) => options.signal === signal)).toBe(true);
  });

  it("takes the image of a run that was faster", async () => {
    const options = optionsOf(tools());
    const { root, lock } = locateImage(recipe, options);
    const faster = tools((argv) => {
      if (argv[0] !== "tar") return undefined;
      mkdirSync(root, { recursive: true });
      writeFileSync(lock, "theirs 1\n");
      return undefined;
    });
    await build({ ...options, exec: faster });
    expect(readFileSync(lock, "utf8")).toBe("theirs 1\n");
    expect(imagesIn(options)).toHaveLength(1);
  });

  it("replaces the remains of an image whose removal was cut short", async () => {
    const options = optionsOf(tools());
    const image = locateImage(recipe, options);
    mkdirSync(join(image.root, "half"), { recursive: true });
    await build(options);
    expect(existsSync(join(image.root, "half"))).toBe(false);
    expect(await isBuilt(image)).toBe(true);
  });

  it("removes drafts of runs that have died, and no others", async () => {
    const options = optionsOf(tools());
    const { status, pid } = spawnSync("true");
    expect(status).toBe(0);
    for (const name of [`debian-frr-0.${pid}.part`, "debian-frr-1.1.part", "debian-frr-2"]) {
      mkdirSync(join(options.cache, "images", name), { recursive: true });
    }
    const { name } = await build(options);
    expect(imagesIn(options)).toEqual(["debian-frr-1.1.part", "debian-frr-2", name].toSorted());
  });
});

describe("two builds of one cache at once", () => {
  it("wait for each other, and say who is at it: apt's directories are shared; the second finds it built", async () => {
    const options = optionsOf(tools());
    let inside = 0;
    const alone = tools((argv) => {
      if (argv[0] !== "mmdebstrap") return undefined;
      inside += 1;
      expect(inside).toBe(1);
      return undefined;
    });
    const said: string[] = [];
    const building = () => build({ ...options, exec: alone }, (percent, doing) => said.push(`${percent} ${doing}`));
    const [first, second] = await Promise.all([building(), building()]);
    expect(second).toEqual(first);
    const waits = said.filter((line) => line.startsWith("0 waiting"));
    expect(waits).toEqual([expect.stringContaining(`"lab image build" (pid ${process.pid}, since 20`)]);
    expect(alone.lines().filter((line) => line.startsWith("mmdebstrap"))).toHaveLength(1);
    expect(readdirSync(options.cache).toSorted()).toEqual(["apt", "images"]);
  });

  it("end what one that was killed has left", async () => {
    const options = optionsOf(tools());
    const env = { ...process.env, LAB_BUILDS_IN: options.cache };
    const stray = spawn("sleep", ["30"], { env });
    await once(stray, "spawn");
    const exec = tools(() => void expect(isRunning(stray.pid ?? 0)).toBe(false));
    await build({ ...options, exec });
    expect(exec.calls.every((call) => call.options.env?.["LAB_BUILDS_IN"] === options.cache)).toBe(true);
  });

  it("stop waiting when they are interrupted", async () => {
    const options = optionsOf(fakeExec(() => undefined));
    const lock = takeLock(join(options.cache, "build.lock"), "lab up", "now");
    expect(lock.taken).toBe(true);
    const interrupt = new AbortController();
    const waiting = build({ ...options, signal: interrupt.signal }, () => interrupt.abort());
    await expect(waiting).rejects.toMatchObject({ code: "E_INTERRUPTED", exitCode: 130 });
  });

  it("let go of the lock when they fail", async () => {
    const options = optionsOf(tools(() => ({ exitCode: 100, stderr: "E: no network\n" })));
    await expect(build(options)).rejects.toThrow("no network");
    expect(lockHolder(join(options.cache, "build.lock"))).toBeUndefined();
  });
});

describe("an ordinary user's image", () => {
  it("is extracted, linked and removed as root of the mapped ids", async () => {
    const mapped = ["unshare", "--user", "--map-root-user", "--map-auto", "--"];
    const exec = tools((argv) => {
      if (argv[0] !== "unshare") return undefined;
      expect(argv.slice(0, 5)).toEqual(mapped);
      const [program = "", ...args] = argv.slice(5);
      return { exitCode: spawnSync(program, program === "tar" ? ["--version"] : args).status ?? 1 };
    });
    const options = { ...optionsOf(exec), unprivileged: true };
    const image = await build(options);
    expect(exec.calls.map(({ argv }) => argv.slice(argv[0] === "unshare" ? 5 : 0)[0])).toEqual(
      expect.arrayContaining(["tar", "mkdir", "ln"]),
    );
    await removeImage(dirname(image.root), options);
    expect(imagesIn(options)).toEqual([]);
  });
});
