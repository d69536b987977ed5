import { afterEach, describe, expect, it } from "vitest";
import { vmBhyveDriver } from "../../src/drivers/vm-bhyve/driver.ts";
import { localHost } from "../../src/drivers/vm-bhyve/host.ts";
import type { Exec } from "../../src/system/exec.ts";
import { fakeClock } from "../fakes/clock.ts";
import { fakeExec } from "../fakes/exec.ts";
import { makeProgram, type Program } from "./program.ts";

/** A machine without any of FreeBSD's programs. */
const linux: Exec = {
  ...fakeExec(() => undefined),
  try: (argv) =>
    Promise.resolve({ argv, exitCode: undefined, stdout: "", stderr: "", failure: "no such program on this machine" }),
};

const programs: Program[] = [];

function program(): Program {
  const host = localHost({ exec: linux, isRoot: false });
  const made = makeProgram(vmBhyveDriver({ host, clock: fakeClock(), owner: "duo-0123abcd" }));
  programs.push(made);
  return made;
}

afterEach(() => {
  for (const one of programs.splice(0)) one.remove();
});

describe("a lab on vm-bhyve, from a machine that is no FreeBSD", () => {
  it("prints every command of up, in order and with its files", async () => {
    const { code, stdout } = await program().lab("up", "-t", "duo", "--hypervisor", "vm-bhyve", "--dry-run");
    expect(code).toBe(0);
    const commands = stdout.split("\n").filter((line) => /^(lockf|vm|tee|ifconfig) /.test(line));
    expect(commands[0]).toBe("tee $vm_dir/.config/lab-duo-0123abcd.conf <<'END'");
    expect(commands.filter((line) => line.includes("vm switch create")).length).toBe(5);
    expect(commands.at(-1)).toBe("vm start 6x-dhcp01");
  });

  it("prints every command of down for a topology that is named, whether it is up or not", async () => {
    const { code, stdout } = await program().lab("down", "-t", "duo", "--hypervisor", "vm-bhyve", "--dry-run");
    expect(code).toBe(0);
    expect(stdout).toContain("vm destroy -f 6x-leaf01\n");
    expect(stdout.trimEnd().split("\n").at(-1)).toMatch(/^lockf .* rm -f \$vm_dir.*lock$/);
  });

  it("is refused in the check of a machine that is no FreeBSD", async () => {
    const { code, stderr } = await program().lab("up", "-t", "duo", "--hypervisor", "vm-bhyve", "--plain");
    expect(code).toBe(3);
    expect(stderr).toContain("it is no FreeBSD host");
  });
});
