import { describe, expect, it } from "vitest";
import type { Act } from "../../src/drivers/driver.ts";
import { localHost, withVmDir } from "../../src/drivers/vm-bhyve/host.ts";
import { performAct } from "../../src/drivers/vm-bhyve/perform.ts";
import { fakeClock } from "../fakes/clock.ts";
import { fakeExec, type Reply } from "../fakes/exec.ts";

/** Performs an act on a host whose every command ends like this, and that has no file at all. */
async function perform(act: Act, reply: Reply) {
  const exec = fakeExec(() => reply);
  const host = withVmDir(localHost({ exec, isRoot: true, root: "/nowhere" }), { path: "/nowhere/vm" });
  await performAct({ host, owner: "duo-0123abcd", clock: fakeClock() }, act);
  return exec;
}

const act: Act = { does: "make switch lan", argv: ["vm", "switch", "create", "lan"] };
const usage = { exitCode: 0, stdout: "Usage: vm switch create [-t type] name\n" };

describe("a command of an act", () => {
  it("that exits 0 with its usage has failed: 1.8 does so where it was not understood", async () => {
    await expect(perform(act, usage)).rejects.toMatchObject({
      message: expect.stringMatching(/vm switch create lan.*printed its usage/) as string,
    });
    await expect(perform({ ...act, mayFail: true }, usage)).resolves.toBeDefined();
  });

  it("is believed only by what it should have made, whatever it returns", async () => {
    const proof = { holds: [{ is: "there", paths: ["/nowhere/vm/lan"] }], withinMs: 200, hint: "look at lan" } as const;
    await expect(perform({ ...act, proof }, {})).rejects.toMatchObject({
      code: "E_NOT_DONE",
      message: "could not make switch lan: vm switch create lan returned, and it is not so that /nowhere/vm/lan exists",
      hint: "look at lan",
    });
  });

  it("is not run where what it needs does not hold", async () => {
    const needs = [{ is: "there", paths: ["/nowhere/vm/lan"] }] as const;
    await expect(perform({ ...act, needs }, usage)).rejects.toMatchObject({ code: "E_NOT_OURS" });
  });
});
