/** The whole of `lab up` on a hypervisor behind a real sshd: guests, playbook and every check by one connection and a jump host. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FarHost, makeFarHost } from "./far-host.ts";
import { notPassed } from "./lab.ts";

const isRoot = process.getuid?.() === 0;
let far: FarHost;
let before: Record<string, readonly string[]>;

beforeAll(async () => {
  if (!isRoot) return;
  far = await makeFarHost();
  before = await far.host.traces();
});
afterAll(() => far?.remove());

// Of duo's nodes one is only reached through another; of the reference's one is the hypervisor itself.
describe.skipIf(!isRoot).each([
  ["duo", "leaf01,server01", "leaf01: leaf01\nserver01: server01\n"],
  ["anycast", "leaf01,hypervisor", "leaf01: leaf01\nhypervisor: hv\n"],
])("%s on a hypervisor behind a real sshd", (name, nodes, names) => {
  it("comes up with every check holding", async () => {
    const { code, stdout, stderr } = await far.lab("up", "-t", name, "--json", "--host", far.url);
    const last = stdout.trim().split("\n").at(-1) ?? "";
    if (!last.includes('"result"')) throw new Error(`${code}\n${stdout.slice(-2000)}\n${stderr}\n${far.sshd.log()}`);
    expect(notPassed(JSON.parse(last))).toEqual([]);
    expect(code).toBe(0);
  });

  it("needs no more words: up again changes nothing, commands and OpenSSH find their way", async () => {
    const again = await far.lab("up", "-t", name, "--plain");
    expect(again).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`${name} is up already; nothing changed`) as string,
    });
    expect((await far.lab("exec", nodes, "--", "hostname")).stdout).toBe(names);
    expect((await far.lab("ssh", "server01", "--", "hostname")).stdout).toBe("server01\n");
    expect((await far.lab("status")).code).toBe(0);
    expect(readFileSync(join(far.host.state, name, "ssh_config"), "utf8")).toContain("-W '[%h]:%p'");
  });

  it("is taken down, and leaves nothing", async () => {
    expect(await far.lab("down")).toMatchObject({ code: 0 });
    expect(await far.host.traces()).toEqual(before);
  });
});
