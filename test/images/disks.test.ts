import { describe, expect, it } from "vitest";
import { cloneDisk, clonedDisk, makeVolume, noDisk, volumeName } from "../../src/drivers/vm-bhyve/disks.ts";
import { formatConf } from "../../src/drivers/vm-bhyve/conf.ts";
import { isOurGuest } from "../../src/drivers/vm-bhyve/guests.ts";
import { describeWaves } from "../../src/flow/preview.ts";

const volume = { dataset: "zroot/vm", image: "debian-frr", sha256: "0123456789abcdef".repeat(4), bytes: 2 ** 31 + 1 };

describe("disks on ZFS", () => {
  it("are made by these commands: a volume for the image, a clone for each guest", async () => {
    const owner = "duo-0123abcd";
    const lines = [
      ...describeWaves(makeVolume(owner, volume, 1_800_000)),
      ...describeWaves(cloneDisk("6x-leaf01", volume, 4, [isOurGuest(owner, "6x-leaf01")])),
      "# template",
      formatConf(noDisk).trimEnd(),
      "# conf",
      formatConf(clonedDisk).trimEnd(),
    ];
    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("../golden/images/zfs-disks.txt");
  });

  it("are of one version of an image", () => {
    expect(volumeName(volume)).toBe("zroot/vm/lab-image-debian-frr-0123456789ab");
    expect(volumeName({ ...volume, sha256: "f".repeat(64) })).not.toBe(volumeName(volume));
  });
});
