import { describe, expect, it } from "vitest";
import { probeController } from "../../src/flow/controller.ts";
import { fakeExec } from "../fakes/exec.ts";

const withPrograms = (...there: readonly string[]) =>
  fakeExec((argv) => (there.includes(argv.at(-1) ?? "") ? {} : { exitCode: 127, failure: "failed" }));

describe("the machine that runs lab", () => {
  it("is good where its programs are on the PATH", async () => {
    const findings = await probeController(withPrograms("ssh", "ansible-playbook"));
    expect(findings.map(({ what, status }) => [what, status])).toEqual([
      ["ssh", "good"],
      ["ansible-playbook", "good"],
    ]);
  });

  it.each([
    ["linux", "apt-get install ansible-core", ["ansible-core"]],
    ["freebsd", "pkg install sysutils/ansible", undefined],
  ] as const)("is told by the packages of %s what it lacks", async (platform, fix, packages) => {
    const [ssh, ansible] = await probeController(withPrograms("ssh"), platform);
    expect(ssh?.status).toBe("good");
    expect(ansible).toMatchObject({ status: "missing", fix });
    expect(ansible?.packages).toEqual(packages);
  });
});
