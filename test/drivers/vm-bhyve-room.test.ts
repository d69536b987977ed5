import { describe, expect, it } from "vitest";
import { localHost, withVmDir } from "../../src/drivers/vm-bhyve/host.ts";
import { imagesFor, type ImageSeen } from "../../src/drivers/vm-bhyve/images/look.ts";
import { probeRoom } from "../../src/drivers/vm-bhyve/probe-room.ts";
import { fakeExec } from "../fakes/exec.ts";
import { designOf } from "../fakes/labs.ts";
import { duo } from "../render/topologies.ts";

const { plan } = designOf(duo, "vm-bhyve");
const nothing = { guests: [], strays: [], switches: [], record: undefined };

/** What is said of the disk where so much of it is free: of five guests with 21 GiB, of two images. */
async function judge(freeGiB: number, dataset?: string, seen: Partial<ImageSeen> = {}) {
  const exec = fakeExec(([program]) => {
    if (program === "sysctl") return { stdout: `${64 * 1024 ** 3}\n` };
    const free = freeGiB * 1024 ** 2;
    return program === "df"
      ? { stdout: `Filesystem 1024-blocks Used Available\nx ${free} 0 ${free} 0% /vm\n` }
      : undefined;
  });
  const host = withVmDir(localHost({ exec, isRoot: true }), { path: "/vm", ...(dataset !== undefined && { dataset }) });
  const absent = { cached: undefined, isFile: false, record: undefined, frozen: [] };
  const images = imagesFor(plan).map((image): ImageSeen => Object.assign({ image }, absent, seen));
  const findings = await probeRoom(host, "duo-0123abcd", plan, nothing, images);
  return findings.find(({ what }) => what === "disk");
}

describe("room on the disk", () => {
  it.each([
    [21, "good"],
    [20, "fallback"],
    [5, "fallback"],
    [4, "missing"],
  ])("for copies is what guests may write, and at least their images: %i GiB", async (free, status) => {
    expect(await judge(free)).toMatchObject({ status });
  });

  it.each([
    [7, "good"],
    [6, "fallback"],
    [4, "fallback"],
    [3, "missing"],
  ])("for clones is little, besides images that are to be placed: %i GiB", async (free, status) => {
    expect(await judge(free, "zroot/vm")).toMatchObject({ status });
  });

  it("for clones of what is there is less, and of copies on ZFS what it is elsewhere", async () => {
    const frozen = [{ image: "", snapshot: "", guid: "1", isGoing: false, isCurrent: true, sha256: "" }];
    expect(await judge(5, "zroot/vm", { frozen })).toMatchObject({ status: "good" });
    expect(await judge(20, "zroot/vm", { isFile: true })).toMatchObject({
      consequence: expect.stringContaining(
        "want up to 21 GiB in /vm, and 20 GiB are free: their disks are sparse",
      ) as string,
    });
  });
});
