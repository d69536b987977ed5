/** The whole way on a FreeBSD hypervisor: switches, guests, first boots, SSH, the playbook, every check, and back to nothing. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { notPassed, root, type UpResult } from "./lab.ts";
import { makeWholeHost, type WholeHost } from "./vm-host.ts";

const foreign = `loader="uefi"\ncpu="1"\nmemory="256M"\ndisk0_type="virtio-blk"\ndisk0_name="d.img"\nnetwork0_type="e1000"\nnetwork0_switch="theirs"\n`;
let host: WholeHost;
let before: Record<string, readonly string[]>;
let first: UpResult;

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await condition()); tries += 1) if (tries > 600) throw new Error("it never came true");
}

/** The reference, two leaves of which are Cumulus. */
function reference(): string {
  const text = readFileSync(join(root, "topologies", "anycast.lab.yaml"), "utf8");
  const path = join(host.root, "reference.lab.yaml");
  writeFileSync(path, text.replaceAll(/^ {2}(leaf0[12]): \{ role: leaf,/gm, "  $1: { role: leaf, kind: cumulus-vx,"));
  return path;
}

beforeAll(async () => {
  host = await makeWholeHost();
  writeFileSync(join(host.root, "vm/.templates/default.conf"), foreign);
  await host.run("vm", "switch", "create", "theirs");
  await host.run("vm", "create", "guest1");
  await host.run("vm", "start", "guest1");
  await waitFor(async () => (await host.run("ip", "-brief", "link")).stdout.includes("tap0@if"));
  before = await host.traces();
  first = await host.up("-t", reference());
}, 300_000);
afterAll(() => host.remove());

describe("the reference fabric on a FreeBSD hypervisor", () => {
  it("comes up with every check holding", () => {
    expect(notPassed(first)).toEqual([]);
    expect(first.code).toBe(0);
    expect(first.checks.length).toBeGreaterThan(150);
  });

  it("changes nothing when it is brought up again", async () => {
    const second = await host.up("-t", reference());
    expect(notPassed(second)).toEqual([]);
    expect(second).toMatchObject({ code: 0, changed: false, reasons: [] });
  });

  it("has guests that nobody enters by a password, and whose keys nobody else on the hypervisor can read", async () => {
    const inside = (node: string, script: string) => host.lab("exec", node, "--", "sh", "-c", script);
    expect((await inside("server01", "pw usershow freebsd")).code).not.toBe(0);
    expect((await inside("leaf01", "getent shadow cumulus")).stdout).toMatch(/cumulus:!/);
    expect((await inside("leaf03", "getent shadow debian")).stdout).toContain("debian:!*");
    for (const node of ["server01", "leaf01", "leaf03"]) {
      const keys = await inside(node, "/usr/sbin/sshd -T | grep -i ^hostkey.*/");
      expect(keys.stdout.trim()).toBe("hostkey /etc/ssh/ssh_host_ed25519_key");
      expect((await inside(node, "grep -c . /root/.ssh/authorized_keys")).stdout.trim()).toBe("1");
    }
    expect(statSync(join(host.root, "vm/server01")).mode & 0o077).toBe(0);
    expect(statSync(join(host.root, "vm/server01/.cloud-init/user-data")).mode & 0o077).toBe(0);
  });

  it("lets OpenSSH in by its own configuration, without a word about host keys", async () => {
    for (const node of ["leaf01", "server01"]) {
      const argv = ["ssh", "-F", join(host.state, "anycast/ssh_config"), node, "hostname"];
      expect(await host.run(...argv)).toEqual({ code: 0, stdout: `${node}\n`, stderr: "" });
    }
  });

  it("is taken down, and leaves what was there before it", async () => {
    expect((await host.lab("down")).code).toBe(0);
    expect(await host.traces()).toEqual(before);
  });
});
