/** A hypervisor that does not do as it is told: it ends well, or is refused with a way out. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { tagOf } from "../../src/plan/names.ts";
import { notPassed, root, type Run } from "./lab.ts";
import { makeWholeHost, noTraces, type WholeHost } from "./vm-host.ts";

/** Two guests and two switches; in the lab `small` they are called by its tag. */
const small = `name: small
nodes:
  spine01: spine
  leaf01: leaf
links:
  - [spine01:swp3, leaf01:swp1]
`;
const tag = tagOf("small");
const hosts: WholeHost[] = [];

async function makeHost(guests: "real" | "asleep" = "asleep"): Promise<WholeHost> {
  const host = await makeWholeHost(guests);
  hosts.push(host);
  writeFileSync(join(host.root, "small.lab.yaml"), small);
  return host;
}

const build = (host: WholeHost) =>
  host.lab("up", "-t", join(host.root, "small.lab.yaml"), "--until", "build", "--plain");
const down = (host: WholeHost) => host.lab("down", "-n", "small");
const said = ({ code, stderr, stdout }: Run) => `exit code ${code}\n${stdout}${stderr}`;

/** Takes the lab down, and sees to it that nothing is left. */
async function leavesNothing(host: WholeHost): Promise<void> {
  expect(said(await down(host))).toContain("exit code 0");
  expect(await host.traces()).toEqual(noTraces);
}

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.remove()));
});

describe("a hypervisor that does not do as it is told", () => {
  it.each([
    ["loses an entry of the list", (host: WholeHost) => host.fault("lose-list", `${tag}mgmt`)],
    ["loses the type of a switch", (host: WholeHost) => host.fault("lose-type", `type_${tag}sp01lf01`)],
  ])("and %s: the lab is built all the same", async (_, spoil) => {
    const host = await makeHost();
    spoil(host);
    expect(said(await build(host))).toContain("exit code 0");
    await leavesNothing(host);
  });

  it.each([
    ["refuses to start a guest", "refuse-start", /incomplete virtual machine configuration/],
    ["loses a guest in its boot", "die-in-boot", /bhyve exited with status 4/],
  ])(
    "and %s: the error names guest, cause and way out, and the next run makes what is missing",
    async (_, fault, why) => {
      const host = await makeHost();
      host.fault(`${fault}-${tag}-leaf01`);
      const refused = said(await build(host));
      expect(refused).toContain("exit code 4");
      expect(refused).toContain(`could not start ${tag}-leaf01`);
      expect(refused).toMatch(why);
      expect(refused).toContain("lab down");
      host.mend(`${fault}-${tag}-leaf01`);
      expect(said(await build(host))).toContain("exit code 0");
      await leavesNothing(host);
    },
  );

  it("and loses its power: up makes all guests anew over their stale locks", async () => {
    const host = await makeHost();
    expect(said(await build(host))).toContain("exit code 0");
    await host.cutPower();
    expect(readFileSync(join(host.root, `vm/${tag}-leaf01/run.lock`), "utf8")).toBe("hv\n");
    expect(said(await build(host))).toContain("exit code 0");
    expect((await host.traces())["devices"]).toEqual([`${tag}-leaf01`, `${tag}-spine01`]);
    await host.cutPower();
    await leavesNothing(host);
  });

  it("and has a lock of another host: down leaves that guest, names it and says what to do", async () => {
    const host = await makeHost();
    expect(said(await build(host))).toContain("exit code 0");
    await host.cutPower();
    const lock = join(host.root, `vm/${tag}-leaf01/run.lock`);
    writeFileSync(lock, "elsewhere\n");
    const refused = said(await down(host));
    expect(refused).toContain(`guest ${tag}-leaf01, locked by elsewhere: if it runs nowhere, rm ${lock}`);
    expect(refused).toContain("exit code 4");
    writeFileSync(lock, "");
    await leavesNothing(host);
  });

  it("and has a switch whose name sysrc of 2026 takes for part of ours: refused before anything is made", async () => {
    const host = await makeHost();
    await host.run("vm", "switch", "create", "lf01");
    const before = await host.traces();
    const refused = said(await host.lab("up", "-t", "anycast", "--until", "build", "--plain"));
    expect(refused).toContain("exit code 3");
    expect(refused).toMatch(/switch lf01: .*freebsd\/vm-bhyve#141/);
    expect({ ...(await host.traces()), state: [] }).toEqual({ ...before, state: [] });
  });

  it("and guests that ignore the power button, or whose supervisor hangs at its last step: they go all the same", async () => {
    const host = await makeHost();
    expect(said(await build(host))).toContain("exit code 0");
    host.fault(`ignore-stop-${tag}-leaf01`);
    host.fault(`keep-lock-${tag}-spine01`);
    await leavesNothing(host);
  });

  it("and a guest that takes its time to answer: it is waited for", async () => {
    const host = await makeHost("real");
    host.fault("slow-boot-6x-leaf01", "12");
    const result = await host.up("-t", "duo");
    expect(notPassed(result)).toEqual([]);
    expect((await host.lab("down", "-n", "duo")).code).toBe(0);
    expect(await host.traces()).toEqual(noTraces);
  });
});

describe("two labs on one hypervisor", () => {
  it("come up and go at the same time, and neither takes anything of the other's", async () => {
    const host = await makeHost("real");
    const text = readFileSync(join(root, "topologies", "duo.lab.yaml"), "utf8");
    // The host has one route to each network, so theirs must differ.
    const others: readonly (readonly [string, string])[] = [
      ["name: duo", "name: duet\ndefaults: { management: 100.65.0.0/20 }"],
      ["172.20.0.1", "172.21.0.1"],
    ];
    writeFileSync(
      join(host.root, "duet.lab.yaml"),
      others.reduce((old, [from, to]) => old.replace(from, to), text),
    );
    const results = await Promise.all([host.up("-t", "duo"), host.up("-t", join(host.root, "duet.lab.yaml"))]);
    expect(results.map((result) => [result.code, notPassed(result)])).toEqual([
      [0, []],
      [0, []],
    ]);
    expect((await host.lab("down", "-n", "duet")).code).toBe(0);
    expect((await host.up("-t", "duo")).changed).toBe(false);
    expect((await host.lab("down", "-n", "duo")).code).toBe(0);
    expect(await host.traces()).toEqual(noTraces);
  });
});
