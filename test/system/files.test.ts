import { appendFileSync, chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { appendLine, isMissing, makeDirectory, readTextOr, removeTree, replaceFile } from "../../src/system/files.ts";
import { makePlace } from "../fakes/place.ts";
import { onLinux } from "../fakes/processes.ts";

const modeOf = (path: string) => statSync(path).mode & 0o777;

describe("reading", () => {
  it("gives the text, or what was asked for where there is no file", async () => {
    const place = makePlace();
    writeFileSync(join(place, "a"), "text");
    expect(await readTextOr(join(place, "a"), "other")).toBe("text");
    expect(await readTextOr(join(place, "b"), undefined)).toBeUndefined();
  });

  it("does not take another error for a missing file", async () => {
    await expect(readTextOr(makePlace(), "")).rejects.toThrow("EISDIR");
    expect(isMissing(new Error("ENOENT"))).toBe(false);
  });
});

describe("replacing", () => {
  it("writes text and mode whatever was there, and leaves nothing beside it", async () => {
    const place = makePlace();
    const path = join(place, "a");
    writeFileSync(path, "a longer text than the new one");
    chmodSync(path, 0o644);
    await replaceFile(path, "secret", 0o600);
    expect({ text: readFileSync(path, "utf8"), mode: modeOf(path) }).toEqual({ text: "secret", mode: 0o600 });
    await replaceFile(path, "open", 0o666);
    expect(modeOf(path)).toBe(0o666);
    expect(readdirSync(place)).toEqual(["a"]);
  });

  it("makes missing directories for their owner alone", async () => {
    const place = makePlace();
    await replaceFile(join(place, "b", "c", "d"), new Uint8Array([120]));
    expect([modeOf(join(place, "b")), modeOf(join(place, "b", "c"))]).toEqual([0o700, 0o700]);
    expect(readFileSync(join(place, "b", "c", "d"), "utf8")).toBe("x");
  });

  it("by many at once ends with one of the texts, whole", async () => {
    const path = join(makePlace(), "a");
    const texts = Array.from({ length: 20 }, (_, index) => `${index} `.repeat(5000));
    await Promise.all(texts.map((text) => replaceFile(path, text)));
    expect(texts).toContain(readFileSync(path, "utf8"));
    expect(readdirSync(join(path, ".."))).toEqual(["a"]);
  });

  it("that fails leaves the old file and no other", async () => {
    const place = makePlace();
    mkdirSync(join(place, "a"));
    writeFileSync(join(place, "a", "inside"), "");
    await expect(replaceFile(join(place, "a"), "text")).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(readdirSync(place)).toEqual(["a"]);
  });
});

describe("appending a line", () => {
  it("makes a file for its owner alone, and goes on at its end", () => {
    const path = join(makePlace(), "journal");
    appendLine(path, "one");
    appendLine(path, "two");
    expect({ text: readFileSync(path, "utf8"), mode: modeOf(path) }).toEqual({ text: "one\ntwo\n", mode: 0o600 });
  });

  it("ends a line first that a crash has cut short", () => {
    const path = join(makePlace(), "journal");
    appendLine(path, "one");
    appendFileSync(path, '{"event":"beg');
    appendLine(path, "two");
    expect(readFileSync(path, "utf8")).toBe('one\n{"event":"beg\ntwo\n');
  });
});

describe("removing a tree", () => {
  it("takes what is there and does not mind what is not", async () => {
    const place = makePlace();
    await replaceFile(join(place, "a", "b"), "");
    await removeTree(join(place, "a"));
    await removeTree(join(place, "a"));
    expect(readdirSync(place)).toEqual([]);
  });
});

describe("a directory", () => {
  it("is made with those above it, for the owner only, and may be there already", async () => {
    const path = join(makePlace(), "one", "two");
    await makeDirectory(path);
    await makeDirectory(path);
    expect([path, dirname(path)].map((made) => statSync(made).mode & 0o777)).toEqual([0o700, 0o700]);
  });

  it("cannot be made where a file is", async () => {
    const file = join(makePlace(), "file");
    writeFileSync(file, "");
    await expect(makeDirectory(file)).rejects.toMatchObject({ code: "EEXIST", path: file });
    await expect(makeDirectory(join(file, "below"))).rejects.toMatchObject({ code: "ENOTDIR" });
  });

  it.runIf(onLinux)("cannot be made in /proc", async () => {
    await expect(makeDirectory("/proc/nope/lab")).rejects.toMatchObject({ code: "ENOENT", path: "/proc/nope" });
  });
});

describe("an error of an open file", () => {
  it("says which", async () => {
    const place = makePlace();
    await expect(readTextOr(place, "")).rejects.toMatchObject({ code: "EISDIR", path: place });
    expect(() => appendLine("/dev/full", "line")).toThrow(
      expect.objectContaining({ code: "ENOSPC", path: "/dev/full" }),
    );
  });
});
