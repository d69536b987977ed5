/**
 * The whole of `lab up` on a hypervisor behind a real sshd: guests, playbook and every check by one connection and a jump host.
 * Duo's is lost in every stage in which guests are configured or asked, and the lab comes up all the same.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FarHost, makeFarHost } from "./far-host.ts";
import { journalOf, notPassed, until } from "./lab.ts";

const isRoot = process.getuid?.() === 0;
let far: FarHost;
let before: Record<string, readonly string[]>;

beforeAll(async () => {
  if (!isRoot) return;
  far = await makeFarHost();
  before = await far.host.traces();
});
afterAll(() => far?.remove());

const logins = () => far.sshd.log().match(/Accepted publickey/g)?.length ?? 0;

/**
 * Waits until the journal has this line, and cuts every connection, if it is said as soon as there is one more; then until
 * the hypervisor is called again.
 */
async function cutAt(line: RegExp, once?: "there is one more"): Promise<void> {
  const earlier = logins();
  await until(() => journalOf(far.host, "duo").some((one) => line.test(one)), 120_000, String(line));
  if (once !== undefined) await until(() => logins() > earlier, 30_000, `a connection after ${String(line)}`);
  const known = logins();
  far.sshd.cut();
  await until(() => logins() > known, 60_000, `another connection after ${String(line)}`);
}

async function cutEverywhere(): Promise<void> {
  await cutAt(/"begin","act":"configure leaf01"/);
  await cutAt(/"begin","act":"play anycast.yaml"/, "there is one more");
  await cutAt(/"begin","act":"configure server01"/);
  await cutAt(/"stage":"verify","state":"begin"/);
}

// Of duo's nodes one is only reached through another; of the reference's one is the hypervisor itself.
describe.skipIf(!isRoot).each([
  ["duo", "leaf01,server01", "leaf01: leaf01\nserver01: server01\n", cutEverywhere],
  ["anycast", "leaf01,hypervisor", "leaf01: leaf01\nhypervisor: hv\n", () => Promise.resolve()],
])("%s on a hypervisor behind a real sshd", (name, nodes, names, meanwhile) => {
  it("comes up with every check holding", async () => {
    const run = far.lab("up", "-t", name, "--json", "--host", far.url);
    await meanwhile();
    const { code, stdout, stderr } = await run;
    const last = stdout.trim().split("\n").at(-1) ?? "";
    if (!last.includes('"result"')) throw new Error(`${code}\n${stdout.slice(-2000)}\n${stderr}\n${far.sshd.log()}`);
    expect(notPassed(JSON.parse(last))).toEqual([]);
    expect(code).toBe(0);
  }, 300_000);

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
