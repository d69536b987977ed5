import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { contentSteps, isFrrNewEnough } from "../../images/freebsd-server/steps.ts";

const root = join(import.meta.dirname, "..", "..");
const build = (...words: string[]) =>
  spawnSync(join(root, "node_modules/.bin/tsx"), ["images/freebsd-server/build.ts", ...words], {
    cwd: root,
    encoding: "utf8",
  });

describe("the image of FreeBSD servers", () => {
  it.each([
    ["packages alone", "freebsd-server", []],
    ["the published image", "freebsd-server-from", ["--from", "/base.raw"]],
  ])("is made of %s by these commands", async (_, golden, words) => {
    const { status, stdout, stderr } = build("server.raw", ...words, "--dry-run");
    expect([status, stderr]).toEqual([0, ""]);
    await expect(stdout).toMatchFileSnapshot(`../golden/images/${golden}.txt`);
  });

  it.each([
    ["without a file", ["--dry-run"]],
    ["of a release without base packages", ["x.raw", "--release", "14.3", "--dry-run"]],
  ])("is not made %s", (_, words) => {
    const { status, stderr } = build(...words);
    expect([status, stderr]).toEqual([1, expect.stringContaining("which file?")]);
  });

  it.runIf(process.platform !== "freebsd")("is made on FreeBSD only", () => {
    const { status, stderr } = build("x.raw");
    expect([status, stderr]).toEqual([1, expect.stringContaining("only on FreeBSD")]);
  });

  it("takes its packages from the release that is asked for", () => {
    const places = { disk: "md1", rootPartition: "md1p2", mountPoint: "/m", scratch: "/s" };
    const steps = contentSteps({ out: "o", size: "4g", major: 16, minor: 0 }, places);
    expect(steps[1]?.input).toContain("FreeBSD:16:amd64/base_release_0");
    expect(steps[1]?.input).toContain("/usr/share/keys/pkgbase-16");
  });

  it.each([
    ["frr10 10.5.1_2", true],
    ["frr10 11.0", true],
    ["frr10 10.10", true],
    ["frr10 10.4.9", false],
    ["", false],
  ])("%j is an FRR that is new enough: %s", (answer, isEnough) => {
    expect(isFrrNewEnough(answer)).toBe(isEnough);
  });
});
