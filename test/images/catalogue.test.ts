import { describe, expect, it } from "vitest";
import {
  catalogue,
  fileOf,
  findImage,
  imagesOf,
  imageWords,
  machinesFrom,
  waysTo,
} from "../../src/drivers/vm-bhyve/images/catalogue.ts";
import { kinds } from "../../src/kinds/registry.ts";

describe("the catalogue", () => {
  it("is a golden text: source, login, disk, NIC, loader and what to do for each image", async () => {
    const told = catalogue.map((image) => ({
      ...image,
      file: fileOf(image),
      machines: machinesFrom(image).map(({ loader, nic, diskGiB }) => ({ loader, nic, diskGiB })),
      ways: { linux: waysTo(image, "linux"), freebsd: waysTo(image, "freebsd") },
    }));
    await expect(`${JSON.stringify(told, undefined, 2)}\n`).toMatchFileSnapshot("../golden/images/catalogue.json");
  });

  it("has exactly one image for every kind that a machine is made for", () => {
    for (const { name, machine } of kinds) {
      const images = catalogue.filter((image) => image.kinds.includes(name));
      expect([name, images.length]).toEqual([name, machine === undefined ? 0 : 1]);
    }
  });

  it("answers to names and to kinds", () => {
    expect(findImage("debian-host")?.name).toBe("debian-frr");
    expect(findImage("nothing")).toBeUndefined();
    expect(imagesOf(["debian-host", "debian-frr", "hypervisor"]).map(({ name }) => name)).toEqual(["debian-frr"]);
    expect(new Set(imageWords).size).toBe(imageWords.length);
  });
});
