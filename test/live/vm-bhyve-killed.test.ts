/** `lab up` killed on a FreeBSD hypervisor: whatever it was at, `down` finds all of it, and nothing of anybody else's. */
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { tagOf } from "../../src/plan/names.ts";
import { journalOf, type Run, until } from "./lab.ts";
import { makeWholeHost, type WholeHost } from "./vm-host.ts";

/** Two guests and two switches; in the lab `small` they are called by its tag. */
const small = (leaf: string) => `name: small
nodes:
  spine01: spine
  leaf01: { role: leaf, kind: ${leaf} }
links:
  - [spine01:swp3, leaf01:swp1]
`;
const tag = tagOf("small");
const lockOf = (guest: string) => `/var/spool/lock/LCK..nmdm-${guest}.1B`;
/** About a hundred steps, each with a whole `up`: see AGENTS.md. */
const sweeps = process.env["LAB_TEST_SWEEP"] === "1";
const hosts: WholeHost[] = [];

/** A host with a switch and a console lock of somebody else's, and what there is on it. */
async function makeHost(guests: "real" | "asleep", leaf = "debian-frr") {
  const host = await makeWholeHost(guests);
  hosts.push(host);
  const file = join(host.root, "small.lab.yaml");
  writeFileSync(file, small(leaf));
  await host.run("vm", "switch", "create", "theirs");
  await host.run("sh", "-c", 'printf "%10d\\n" 4194304 >"$1"', "sh", lockOf("theirs"));
  return { host, file, before: await host.traces() };
}

const said = ({ code, stderr, stdout }: Run) => `exit code ${code}\n${stdout}${stderr}`;

interface Kill {
  readonly lab: string;
  readonly args: readonly string[];
  /** Whether its journal is so far. */
  readonly when: (journal: readonly string[]) => boolean;
  /** What else is waited for then. */
  readonly until?: () => Promise<boolean>;
  /** What it has started is killed at once with it. */
  readonly whole?: true;
}

/** Kills `lab up` at a moment; false if it has ended before. */
async function kill(host: WholeHost, { lab, args, when, until: isSo, whole }: Kill): Promise<boolean> {
  const run = host.start("up", ...args, "--plain");
  let ended = false;
  void run.done.then(() => (ended = true));
  await until(() => when(journalOf(host, lab)) || ended, 120_000, "the moment");
  if (isSo !== undefined) await vi.waitUntil(isSo, { timeout: 60_000, interval: 10 });
  const killed = !ended;
  if (whole) run.killAll();
  else run.kill();
  await run.done;
  return killed;
}

/** Takes the lab down, and sees to it that the host is as it was. */
async function leavesNothing(host: WholeHost, lab: string, before: object, when: object): Promise<void> {
  const down = said(await host.lab("down", "-n", lab));
  expect({ ...when, down }).toEqual({ ...when, down: expect.stringContaining("exit code 0") as string });
  expect({ ...when, ...(await host.traces()) }).toEqual({ ...when, ...before });
}

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.remove()));
});

describe("a run that is killed", () => {
  it("at any step of the build leaves nothing that down does not find, and what is not ours as it was", async () => {
    const { host, file, before } = await makeHost("asleep");
    let entry = 0;
    for (let running = true; running;) {
      const known = (entry += 1);
      const args = ["-t", file, "--until", "build"];
      running = await kill(host, { lab: "small", args, when: ({ length }) => length >= known });
      await leavesNothing(host, "small", before, { entry });
    }
    expect(entry).toBeGreaterThan(20);
  });

  it.each([
    ["routers are configured", /"begin","act":"configure leaf01"/],
    ["the playbook runs", /"begin","act":"play anycast.yaml"/],
    ["servers are configured", /"begin","act":"configure server01"/],
    ["the fabric is verified", /"stage":"verify","state":"begin"/],
  ])("while %s, with whole guests, leaves nothing either", async (moment, entry) => {
    const { host, before } = await makeHost("real");
    const when = (journal: readonly string[]) => journal.some((line) => entry.test(line));
    expect(await kill(host, { lab: "duo", args: ["-t", "duo"], when })).toBe(true);
    await leavesNothing(host, "duo", before, { moment });
  });

  it.runIf(sweeps)(
    "at every step with whole guests leaves nothing either",
    async () => {
      const { host, before } = await makeHost("real");
      let entry = 0;
      for (let running = true; running;) {
        entry += 1;
        const known = entry;
        running = await kill(host, { lab: "duo", args: ["-t", "duo"], when: ({ length }) => length >= known });
        await leavesNothing(host, "duo", before, { entry });
      }
      console.log(`killed at ${entry - 1} steps`);
      expect(entry).toBeGreaterThan(60);
    },
    3 * 3_600_000,
  );
});

describe("the lock of a console", () => {
  it("goes with its guest where its holder is dead or none, and stays with a person who is there", async () => {
    const { host, file, before } = await makeHost("asleep");
    expect(said(await host.lab("up", "-t", file, "--until", "build", "--plain"))).toContain("exit code 0");
    const [leaf, spine] = [lockOf(`${tag}-leaf01`), lockOf(`${tag}-spine01`)];
    const person = host.enter("sh", "-c", 'printf "%10d\\n" $$ >"$1"; echo; exec sleep 600', "sh", spine);
    await new Promise((resolve) => person.stdout?.once("data", resolve));
    await host.run("sh", "-c", ': >"$1"', "sh", leaf);
    expect(said(await host.lab("down", "-n", "small"))).toContain("exit code 0");
    const left = [lockOf("theirs"), spine].map((path) => basename(path));
    expect((await host.traces())["locks"]).toEqual(left.toSorted());
    await host.run("rm", spine);
    expect(await host.traces()).toEqual(before);
  });

  it("goes with its guest where the first login was killed in its middle", async () => {
    const { host, file, before } = await makeHost("real", "cumulus-vx");
    const begun = /"begin","act":"log in to .*leaf01 for the first time"/;
    const when = (journal: readonly string[]) => journal.some((line) => begun.test(line));
    const isLocked = async () => (await host.traces())["locks"]?.includes(basename(lockOf(`${tag}-leaf01`))) === true;
    // By itself the login would clear up, if it were quicker than the guard that kills it.
    const whole = true;
    expect(await kill(host, { lab: "small", args: ["-t", file], when, until: isLocked, whole })).toBe(true);
    expect(await isLocked()).toBe(true);
    await leavesNothing(host, "small", before, {});
  });
});
