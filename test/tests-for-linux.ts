/** Tests that are left out on FreeBSD: sandboxes, and the emulator of a FreeBSD host, which needs util-linux and /proc. */
export const testsForLinux: readonly string[] = [
  ...["guard", "image", "links", "sandbox", "probe", "probe-script"].map((name) => `test/drivers/${name}.test.ts`),
  ...["", "-faults", "-many", "-names", "-probe", "-remote", "-zfs"].map(
    (name) => `test/drivers/vm-bhyve${name}.test.ts`,
  ),
  "test/images/frozen.test.ts",
  "test/images/place.test.ts",
  "test/scripts/test-tools.test.ts",
  "test/vm-bhyve/emulator.test.ts",
];
