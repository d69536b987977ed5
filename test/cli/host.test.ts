import { afterEach, describe, expect, it } from "vitest";
import { locateState, makeDirectories, writeDesign, writeHost } from "../../src/flow/state.ts";
import { join } from "node:path";
import { parseHostUrl } from "../../src/remote/hypervisor/url.ts";
import type { AppContext } from "../../src/cli/context.ts";
import { designOf } from "../fakes/labs.ts";
import { dryVmDriver } from "../fakes/vm-bhyve.ts";
import { duo } from "../render/topologies.ts";
import { makeProgram, type Program } from "./program.ts";

const programs: Program[] = [];

afterEach(() => {
  for (const one of programs.splice(0)) one.remove();
});

/** A program, and where each of its labs was looked for. */
function program(): Program & { readonly asked: readonly string[] } {
  const asked: string[] = [];
  const nothing = { running: false, guests: [], ports: [], segments: [] };
  const driver = {
    ...dryVmDriver("duo"),
    observe: () => Promise.resolve(nothing),
    probe: () => Promise.resolve([]),
    destroy: () => Promise.resolve({ removed: { guests: 5 }, left: [] }),
  };
  const driverOf: AppContext["world"]["driverOf"] = (hypervisor, _state, host) => {
    asked.push(`${hypervisor} ${host?.text ?? "here"}`);
    return Promise.resolve(driver);
  };
  const made = makeProgram({}, {}, { driverOf });
  programs.push(made);
  return Object.assign(made, { asked });
}

/** Wrong usage, for a reason that is said. */
const refused = (why: string) => ({ code: 2, stderr: expect.stringContaining(why) as string });

/** A program to which `duo` is up on another machine. */
async function programUpOn(url: string): Promise<ReturnType<typeof program>> {
  const made = program();
  const state = locateState(join(made.cwd, "state"), "duo");
  await makeDirectories(state);
  await writeHost(state, parseHostUrl(url));
  await writeDesign(state, designOf(duo, "vm-bhyve"));
  return made;
}

describe("--host", () => {
  it.each([
    ["hv.example.org", "is named by an ssh:// URL"],
    ["http://hv", "is named by an ssh:// URL"],
    ["ssh://root:secret@hv", "use a key or ssh-agent"],
    ["ssh://", "there is no host in it"],
    ["ssh://hv/vm", "nothing may follow it"],
    ["ssh://-oProxyCommand=id", "no name or address of a host"],
    ["ssh://-l@hv", "no name of a user"],
    ["ssh://hv:99999", "is named by an ssh:// URL"],
  ])("is refused as %s, with the reason and exit code 2", async (url, why) => {
    const { code, stderr } = await program().lab("up", "-t", "duo", "--host", url, "--dry-run");
    expect(stderr).toContain(why);
    expect(code).not.toBe(0);
    const variable = await program().labWith({ LAB_HOST: url }, "status");
    expect(variable).toMatchObject(refused("LAB_HOST: "));
  });

  it("means vm-bhyve there, by flag or variable", async () => {
    const made = program();
    const up = await made.lab("up", "-t", "duo", "--host", "ssh://root@hv:2222", "--dry-run");
    expect(up).toMatchObject({ code: 0, stdout: expect.stringContaining("vm start 6x-leaf01") as string });
    await made.labWith({ LAB_HOST: "ssh://hv2/" }, "doctor");
    expect(made.asked).toEqual(["vm-bhyve ssh://root@hv:2222", "vm-bhyve ssh://hv2"]);
  });

  it("is not for another hypervisor", async () => {
    const made = program();
    const outcome = await made.lab("doctor", "--host", "ssh://hv", "--hypervisor", "netns");
    expect(outcome).toMatchObject(refused("--hypervisor asks for netns"));
    expect(made.asked).toEqual([]);
  });

  it("need not be said of a lab that is up there", async () => {
    const made = await programUpOn("ssh://root@hv");
    await made.lab("up", "-t", "duo", "--dry-run");
    await made.lab("logs");
    await made.lab("down", "--plain");
    expect(made.asked).toEqual(Array.from({ length: 3 }, () => "vm-bhyve ssh://root@hv"));
  });

  it("cannot be another one for a lab that is up elsewhere", async () => {
    const made = await programUpOn("ssh://root@hv");
    for (const command of [["up", "-t", "duo"], ["down"], ["status"], ["verify"]]) {
      const { code, stderr } = await made.lab(...command, "--host", "ssh://root@other", "--plain");
      expect(stderr).toMatch(/is on ssh:\/\/root@hv, not on ssh:\/\/root@other[^]*lab down/);
      expect(code).toBe(2);
    }
    await made.pretendUp("local");
    const outcome = await made.lab("status", "-n", "local", "--host", "ssh://hv");
    expect(outcome).toMatchObject(refused("is on this machine"));
    expect(made.asked).toEqual([]);
  });

  it("does not keep down --all from labs elsewhere", async () => {
    const made = await programUpOn("ssh://root@hv");
    const { code } = await made.labWith({ LAB_HOST: "ssh://other" }, "down", "--all");
    expect({ code, asked: made.asked }).toEqual({ code: 0, asked: ["vm-bhyve ssh://root@hv"] });
  });
});
