import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { packTar, type TarEntry } from "../../src/drivers/netns/tar.ts";

const entry = (path: string, given: Partial<TarEntry> = {}): TarEntry => ({
  path,
  text: "text\n",
  mode: 0o644,
  user: "root",
  group: "root",
  ...given,
});

function tar(args: readonly string[], archive: Uint8Array): string {
  const { status, stdout, stderr } = spawnSync("tar", args, {
    input: archive,
    encoding: "utf8",
    env: { LC_ALL: "C", TZ: "UTC" },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

const list = (entries: readonly TarEntry[]) =>
  tar(["-tvf", "-"], packTar(entries))
    .split("\n")
    .filter(Boolean)
    .map((line) => line.replace(/ +/g, " "));

const long = (length: number) => `leaf01/${"d".repeat(60)}/${"f".repeat(length - 68)}`;

describe("an archive", () => {
  it("is read by tar itself: modes, owners by name, sizes, names", () => {
    const entries = [
      entry("leaf01/upper/etc/frr/frr.conf", { mode: 0o640, user: "frr", group: "frrvty", text: "é\n" }),
      entry("leaf01/upper/root/.ssh/authorized_keys", { mode: 0o600 }),
      entry("leaf01/upper/usr/local/bin/a b", { mode: 0o4755, text: "" }),
    ];
    expect(list(entries)).toEqual([
      "-rw-r----- frr/frrvty 3 1970-01-01 00:00 leaf01/upper/etc/frr/frr.conf",
      "-rw------- root/root 5 1970-01-01 00:00 leaf01/upper/root/.ssh/authorized_keys",
      "-rwsr-xr-x root/root 0 1970-01-01 00:00 leaf01/upper/usr/local/bin/a b",
    ]);
  });

  it.each([0, 1, 511, 512, 513, 70_000])("gives back a text of %i bytes", (length) => {
    const text = "x".repeat(length);
    const archive = packTar([entry("a", { text }), entry("b", { text: "the next one" })]);
    expect(tar(["-xOf", "-", "a"], archive)).toBe(text);
    expect(tar(["-xOf", "-", "b"], archive)).toBe("the next one");
  });

  it.each([99, 100, 101, 150, 168])("holds a path of %i bytes", (length) => {
    expect(list([entry(long(length))])).toEqual([`-rw-r--r-- root/root 5 1970-01-01 00:00 ${long(length)}`]);
  });

  it.each([
    ["a name of more than 100 bytes", long(170)],
    ["no place to cut", "f".repeat(101)],
    ["a directory of more than 155 bytes", `${"d".repeat(156)}/f`],
    ["letters of several bytes that are too many", `${"é".repeat(60)}`],
  ])("refuses %s rather than cut it", (_, path) => {
    expect(() => packTar([entry(path)])).toThrow(RangeError);
  });

  it("of nothing is empty and whole", () => {
    expect(list([])).toEqual([]);
  });
});
