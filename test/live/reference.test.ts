import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leftovers, makePlace, notPassed, type UpResult } from "./lab.ts";

const place = makePlace();
let first: UpResult;

beforeAll(async () => {
  first = await place.up("-t", "anycast");
});
afterAll(async () => {
  await place.run("down", "-n", "anycast");
  place.remove();
});

const leaf = (script: string) => place.ssh("anycast", "leaf01", script);

describe("the reference fabric", () => {
  it("comes up with every check holding", () => {
    expect({ code: first.code, failed: notPassed(first) }).toEqual({ code: 0, failed: [] });
    expect(first.checks.length).toBeGreaterThan(150);
  });

  it("changes nothing when it is brought up again, and says so", async () => {
    const second = await place.up("-t", "anycast");
    expect(second).toMatchObject({ code: 0, changed: false, reasons: [] });
    const { stderr } = await place.run("up", "-t", "anycast", "--plain");
    expect(stderr).toContain("nothing changed");
  });

  it("shows its routing state", async () => {
    const { stdout, code } = await place.run("status", "--json");
    expect(code).toBe(0);
    expect(stdout).toContain('"node":"spine01"');
    expect(stdout).not.toContain("unreachable");
  });

  it("lets OpenSSH in by its own configuration, without a word about host keys", () => {
    for (const node of ["leaf01", "server01"]) {
      expect(place.ssh("anycast", node, "hostname")).toEqual({ code: 0, stdout: `${node}\n`, stderr: "" });
    }
  });

  it("has in its kernels exactly what ifupdown2 would make of its files", () => {
    for (const node of ["leaf01", "spine01"]) {
      expect(place.ssh("anycast", node, "ifquery --check --all >/dev/null 2>&1").code).toBe(0);
    }
  });

  it("runs FRR configurations that a reload would not change", () => {
    for (const node of ["spine01", "leaf01", "edge01", "server01"]) {
      const { stdout } = place.ssh("anycast", node, "/usr/lib/frr/frr-reload.py --test /etc/frr/frr.conf 2>/dev/null");
      // FRR shows a host name that the servers' identical files may not have.
      expect(stdout.split("\n").filter((line) => /^(no )?[a-z]/.test(line) && !line.includes("hostname"))).toEqual([]);
    }
  });

  it("keeps guests from the machine's own settings, and the caller's environment from guests", () => {
    expect(leaf("sysctl -w kernel.panic=3").code).not.toBe(0);
    expect(leaf("mknod /tmp/disk b 8 0").code).not.toBe(0);
    expect(leaf("touch /sys/x").code).not.toBe(0);
    expect(leaf("tr '\\0' '\\n' </proc/1/environ").stdout).not.toMatch(/^(HOME|USER|LAB_.*)=/m);
  });

  it("keeps each FRR node within 30 MiB", () => {
    for (const node of ["spine01", "leaf01", "server01"]) {
      const script = "cat /run/frr/*.pid | while read p; do awk '/^Pss:/{print $2}' /proc/$p/smaps_rollup; done";
      const sum = place
        .ssh("anycast", node, script)
        .stdout.trim()
        .split("\n")
        .reduce((all, kib) => all + Number(kib), 0);
      expect(sum).toBeGreaterThan(1000);
      expect(sum / 1024).toBeLessThan(30);
    }
  });

  it("names the leaf whose routing somebody broke", async () => {
    place.ssh("anycast", "leaf03", "kill $(cat /run/frr/bgpd.pid)");
    const { code, stdout } = await place.run("verify", "--junit", join(place.state, "junit.xml"));
    expect(code).toBe(1);
    expect(stdout).toContain("leaf03");
    expect(stdout).toContain("swp5");
    expect(readFileSync(join(place.state, "junit.xml"), "utf8")).toContain("<failure");
    place.ssh("anycast", "leaf03", "/usr/libexec/lab/frr start && /usr/libexec/lab/frr load");
  });

  it("notices hash settings that would polarise ECMP", async () => {
    place.ssh("anycast", "leaf02", "sysctl -q -w net.ipv4.fib_multipath_hash_policy=0");
    const { code, stdout } = await place.run("verify");
    place.ssh("anycast", "leaf02", "sysctl -q -w net.ipv4.fib_multipath_hash_policy=3");
    expect(code).toBe(1);
    expect(stdout).toContain("fib_multipath_hash_policy");
  });

  it("goes down and leaves nothing, not even the session that somebody has open", async () => {
    const open = (node: string) => place.openSsh("anycast", node, "echo here; cat");
    const sessions = await Promise.all(["leaf01", "server01"].map(open));
    expect((await place.run("down", "-n", "anycast")).code).toBe(0);
    expect(leftovers(place).filter((file) => !file.endsWith("junit.xml"))).toEqual([]);
    await Promise.all(sessions.map(({ ended }) => ended));
  });
});
