import { describe, expect, it } from "vitest";
import type { Driver, HostFinding } from "../../src/drivers/driver.ts";
import { checkHost } from "../../src/flow/check.ts";
import type { Lab } from "../../src/flow/lab.ts";
import { fakeExec } from "../fakes/exec.ts";
import { designOf } from "../fakes/labs.ts";
import { duo } from "../render/topologies.ts";

const { plan } = designOf(duo, "vm-bhyve");

function labOn(driver: Pick<Driver, "name"> & Partial<Driver>, finding: HostFinding): Lab {
  const probe = () => Promise.resolve([finding]);
  return { driver: { ...driver, probe }, world: { exec: fakeExec(() => ({})) } } as unknown as Lab;
}

const missing = { what: "x", status: "missing", fix: "get x" } as const;

describe("a machine that is not ready", () => {
  it.each<[what: string, lab: Lab, hint: string]>([
    ["packages that --fix installs", labOn({ name: "netns" }, { ...missing, packages: ["x"] }), "lab doctor --fix"],
    ["only what a person may change", labOn({ name: "vm-bhyve" }, missing), "lab doctor"],
    [
      "something on another machine",
      labOn({ name: "vm-bhyve", host: "ssh://root@hv" }, missing),
      "lab doctor --host ssh://root@hv",
    ],
  ])("is told by %s where to look again", async (_what, lab, hint) => {
    await expect(checkHost(lab, plan)).rejects.toMatchObject({
      code: "E_HOST_NOT_READY",
      hint,
      message: expect.stringContaining("x: missing\n      get x") as string,
    });
  });

  it("is none where all is good", async () => {
    const good = { what: "x", status: "good" } as const;
    expect(await checkHost(labOn({ name: "netns" }, good), plan)).toEqual([good]);
  });
});
