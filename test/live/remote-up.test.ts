/** The whole of `lab up` on a hypervisor behind a real sshd: guests, playbook and every check by one connection and a jump host. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { notPassed } from "./lab.ts";
import { type Sshd, startSshd } from "./sshd.ts";
import { makeWholeHost, type WholeHost } from "./vm-host.ts";

const isRoot = process.getuid?.() === 0;
let host: WholeHost;
let sshd: Sshd;
let place: string;
let before: Record<string, readonly string[]>;

beforeAll(async () => {
  if (!isRoot) return;
  host = await makeWholeHost();
  place = mkdtempSync(join(tmpdir(), "lab-sshd-"));
  const path = (await host.run("sh", "-c", "echo $PATH")).stdout.trim();
  const env = { VM_BHYVE_ROOT: host.root, VM_BHYVE_VERSION: "1.8", PATH: path };
  sshd = await startSshd({ place, root: host.root, enter: host.enter, env });
  before = await host.traces();
});
afterAll(async () => {
  await sshd?.stop();
  await host?.remove();
  if (place !== undefined) rmSync(place, { recursive: true, force: true });
});

/** `lab` as on a laptop: it knows the hypervisor by SSH alone. */
const lab = (...argv: string[]) =>
  host.run("env", `LAB_SSH_CONFIG=${sshd.config}`, process.execPath, "bin/lab.mjs", ...argv);

// Of duo's nodes one is only reached through another; of the reference's one is the hypervisor itself.
describe.skipIf(!isRoot).each([
  ["duo", "leaf01,server01", "leaf01: leaf01\nserver01: server01\n"],
  ["anycast", "leaf01,hypervisor", "leaf01: leaf01\nhypervisor: hv\n"],
])("%s on a hypervisor behind a real sshd", (name, nodes, names) => {
  it("comes up with every check holding", async () => {
    const { code, stdout, stderr } = await lab(
      "up",
      "-t",
      name,
      "--json",
      "--host",
      `ssh://root@127.0.0.1:${sshd.port}`,
    );
    const last = stdout.trim().split("\n").at(-1) ?? "";
    if (!last.includes('"result"')) throw new Error(`${code}\n${stdout.slice(-2000)}\n${stderr}\n${sshd.log()}`);
    expect(notPassed(JSON.parse(last))).toEqual([]);
    expect(code).toBe(0);
  });

  it("needs no more words: up again changes nothing, commands and OpenSSH find their way", async () => {
    const again = await lab("up", "-t", name, "--plain");
    expect(again).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`${name} is up already; nothing changed`) as string,
    });
    expect((await lab("exec", nodes, "--", "hostname")).stdout).toBe(names);
    expect((await lab("ssh", "server01", "--", "hostname")).stdout).toBe("server01\n");
    expect((await lab("status")).code).toBe(0);
    expect(readFileSync(join(host.state, name, "ssh_config"), "utf8")).toContain("-W '[%h]:%p'");
  });

  it("is taken down, and leaves nothing", async () => {
    expect(await lab("down")).toMatchObject({ code: 0 });
    expect(await host.traces()).toEqual(before);
  });
});
