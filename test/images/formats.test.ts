import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { detectFormat, hasEfiSystem, headBytes } from "../../src/drivers/vm-bhyve/images/formats.ts";
import { makePlace } from "../fakes/place.ts";

/** A head with these bytes at these places. */
function head(...parts: readonly (readonly [at: number, bytes: string])[]): Uint8Array {
  const bytes = Buffer.alloc(headBytes);
  for (const [at, text] of parts) bytes.write(text, at, "latin1");
  return bytes;
}

const boot = [510, "\u0055\u00AA"] as const;

describe("the format of a file", () => {
  it.each([
    ["qcow2", head([0, "QFI\u00FB"]), "qcow2"],
    ["VMDK", head([0, "KDMV"]), "vmdk"],
    ["VHDX", head([0, "vhdxfile"]), "vhdx"],
    ["VDI, which has a boot sector's mark as well", head([64, "\u007F\u0010\u00DA\u00BE"], boot), "vdi"],
    ["a disk with a GPT", head([512, "EFI PART"], boot), "raw"],
    ["a disk with an MBR", head(boot), "raw"],
  ])("%s", (_, bytes, format) => {
    expect(detectFormat(bytes)).toEqual({ is: "disk", format });
  });

  it.each([
    ["xz", head([0, "\u00FD7zXZ\u0000"]), "xz --decompress --keep"],
    ["gzip", head([0, "\u001F\u008B"]), "gzip --decompress --keep"],
    ["zstd", head([0, "\u0028\u00B5\u002F\u00FD"]), "zstd --decompress"],
    ["bzip2", head([0, "BZh9"]), "bzip2 --decompress --keep"],
    ["zip", head([0, "PK\u0003\u0004"]), "unzip"],
    ["an OVA", head([257, "ustar\u000000"]), "tar -xf"],
  ])("%s is packed, and the command that unpacks it is known", (_, bytes, command) => {
    const detected = detectFormat(bytes);
    expect(detected.is === "packed" && detected.unpack.join(" ")).toBe(command);
  });

  it.each([
    ["nothing", new Uint8Array(), "empty"],
    ["one byte", new Uint8Array(1), "without a partition table"],
    ["a web page", head([0, "<!DOCTYPE html>"]), "without a partition table"],
    ["an installer CD", head([32_769, "CD001"], boot), "a CD, such as an installer"],
    ["a description of a VMDK", head([0, "# Disk DescriptorFile"]), "only the description of a VMDK"],
  ])("%s is none", (_, bytes, what) => {
    expect(detectFormat(bytes)).toEqual({ is: "other", what });
  });

  const formats = ["qcow2", "vmdk", "vdi", "vhdx"];
  const hasQemuImg = spawnSync("qemu-img", ["--version"]).status === 0;
  it.runIf(hasQemuImg).each(formats)("%s is what qemu-img makes", (format) => {
    const file = join(makePlace(), "disk");
    expect(spawnSync("qemu-img", ["create", "-f", format, file, "1M"]).status).toBe(0);
    expect(detectFormat(readFileSync(file).subarray(0, headBytes))).toEqual({ is: "disk", format });
  });
});

describe("an EFI system partition", () => {
  const guid = "\u0028\u0073\u002A\u00C1\u001F\u00F8\u00D2\u0011\u00BA\u004B\u0000\u00A0\u00C9\u003E\u00C9\u003B";
  it.each([
    ["the first", head([512, "EFI PART"], [1024, guid]), true],
    ["the last", head([512, "EFI PART"], [1024 + 127 * 128, guid]), true],
    ["none", head([512, "EFI PART"]), false],
    ["one in the middle of an entry", head([512, "EFI PART"], [1030, guid]), false],
    ["none without a GPT", head([1024, guid], boot), false],
  ])("is found: %s", (_, bytes, found) => {
    expect(hasEfiSystem(bytes)).toBe(found);
  });

  it.runIf(spawnSync("sfdisk", ["--version"]).status === 0)("is found in what sfdisk makes", () => {
    const place = makePlace();
    mkdirSync(place, { recursive: true });
    const file = join(place, "disk");
    writeFileSync(file, Buffer.alloc(8 * 1024 * 1024));
    const { status } = spawnSync("sfdisk", ["-q", file], { input: "label: gpt\nsize=1MiB, type=uefi\ntype=linux\n" });
    expect([status, hasEfiSystem(readFileSync(file).subarray(0, headBytes))]).toEqual([0, true]);
  });
});
