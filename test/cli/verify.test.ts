import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { fakeClock } from "../fakes/clock.ts";
import { deadStream } from "../fakes/nodes.ts";
import { makeProgram, type Program } from "./program.ts";

let program: Program;
afterEach(() => program.remove());

const nobodyThere = { proxy: () => ["connect"] };
/** Ansible, as `ansible` has it; every connection ends at once. */
const withAnsible = (ansible: () => never | Promise<never>) =>
  makeProgram(nobodyThere, { duplex: deadStream, try: ansible }, { clock: fakeClock() });

describe("lab verify", () => {
  it("shows a bug in what plays the playbook instead of skipping its check", async () => {
    program = withAnsible(() => Promise.reject(new TypeError("a bug of ours")));
    await program.pretendUp("duo");
    const { code, stderr } = await program.lab("verify", "--plain", "--json");
    expect(code).toBe(4);
    expect(stderr).toContain("a bug of ours");
    expect(stderr).toContain("this is a bug in lab");
  });

  it("exits 6 while another run holds the lab, and says who", async () => {
    program = withAnsible(() => {
      throw new TypeError("nothing is played");
    });
    await program.pretendUp("duo");
    const release = program.hold("duo");
    const { code, stderr } = await program.lab("verify", "--plain");
    release();
    expect(code).toBe(6);
    expect(stderr).toContain(`duo is held by "lab up" (pid ${process.pid}`);
    expect(stderr).toContain("--wait SECONDS");
  });

  it("makes nothing where there is no lab", async () => {
    program = makeProgram();
    expect((await program.lab("verify", "-t", "duo")).stderr).toContain("there is no lab");
    expect(existsSync(join(program.cwd, "state"))).toBe(false);
  });
});
