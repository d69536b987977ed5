import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, it } from "vitest";
import { contentSteps, discardStep, isFrrNewEnough } from "../../images/freebsd-server/steps.ts";
import { makePlace } from "../fakes/place.ts";

const root = join(import.meta.dirname, "..", "..");
const script = (...words: string[]) =>
  spawnSync(join(root, "node_modules/.bin/tsx"), ["images/freebsd-server/build.ts", ...words], {
    cwd: root,
    encoding: "utf8",
  });

describe("the image of FreeBSD servers", () => {
  it.each([
    ["packages alone", "freebsd-server", []],
    ["the published image", "freebsd-server-from", ["--from", "/base.raw"]],
  ])("is made of %s by these commands", async (_, golden, words) => {
    const { status, stdout, stderr } = script("server.raw", ...words, "--dry-run");
    expect([status, stderr]).toEqual([0, ""]);
    await expect(stdout).toMatchFileSnapshot(`../golden/images/${golden}.txt`);
  });

  it.each([
    ["without a file", ["--dry-run"]],
    ["of a release without base packages", ["x.raw", "--release", "14.3", "--dry-run"]],
  ])("is not made %s", (_, words) => {
    const { status, stderr } = script(...words);
    expect([status, stderr]).toEqual([1, expect.stringContaining("which file?")]);
  });

  it.runIf(process.platform !== "freebsd")("is made on FreeBSD only", () => {
    const { status, stderr } = script("x.raw");
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
    ["apache24 2.4.66\nfrr10 10.7.0\nfrr10-pythontools 10.7.0", true],
    ["frr10 10.4.9", false],
    ["frr10-pythontools 10.7.0", false],
    ["", false],
  ])("%j is an FRR that is new enough: %s", (answer, isEnough) => {
    expect(isFrrNewEnough(answer)).toBe(isEnough);
  });
});

/** A program that stands in for FreeBSD's. */
const stand = (place: string, name: string, body: string) =>
  writeFileSync(join(place, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });

describe("what a killed run holds of a file", () => {
  it.each([
    ["md3", "umount -f /tmp/lab-image-x/root\nmdconfig -d -u md3\n"],
    ["", ""],
  ])("is given back: the mounts of its memory disk %j alone, the disk, the file", (disk, done) => {
    const place = makePlace();
    const file = join(place, "server.raw.part");
    writeFileSync(file, "half");
    const log = join(place, "log");
    writeFileSync(log, "");
    stand(place, "mdconfig", `case $1 in -l) echo "${disk}" ;; *) echo "mdconfig $*" >>"$LOG" ;; esac`);
    stand(place, "mount", "printf '%s\\n' '/dev/md3p2 /tmp/lab-image-x/root ufs' '/dev/md31p2 /theirs ufs'");
    stand(place, "umount", 'echo "umount $*" >>"$LOG"');
    const [program = "", ...words] = discardStep(file).argv;
    const PATH = `${place}${delimiter}${process.env["PATH"] ?? ""}`;
    expect(spawnSync(program, words, { env: { PATH, LOG: log } }).status).toBe(0);
    expect([readFileSync(log, "utf8"), existsSync(file)]).toEqual([done, false]);
  });
});
