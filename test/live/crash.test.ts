import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { journalOf, leftovers, makePlace, type Place, processesOf, until } from "./lab.ts";

let place: Place = makePlace();
afterEach(async () => {
  await place.run("down", "-n", "duo");
  place.remove();
});

/** What a whole run of the smallest lab journals: its stages, acts, nodes, plays and loads, most of them begun and done. */
const entries = 38;
/** Runs side by side: most of a run is waiting. */
const atOnce = 4;

/** A place of its own, in which a run has been killed as soon as its journal had so many entries. */
async function killAfter(entry: number): Promise<Place> {
  const own = makePlace();
  const { child, done } = own.start("up", "-t", "duo");
  await until(() => journalOf(own, "duo").length >= entry || child.exitCode !== null, 120_000, "journal");
  child.kill("SIGKILL");
  await done;
  return own;
}

/** `lab down` has found everything, or tells what it has not. */
async function clearUp(own: Place): Promise<readonly string[]> {
  const { code, stderr } = await own.run("down", "-n", "duo");
  const left = leftovers(own);
  own.remove();
  return code === 0 ? left : [`exit code ${code}: ${stderr}`, ...left];
}

describe("a run that is killed", () => {
  const every = Array.from({ length: entries }, (_, index) => index + 1);

  it("journals as much as is tried here", async () => {
    place = makePlace();
    expect((await place.up("-t", "duo")).code).toBe(0);
    expect(journalOf(place, "duo")).toHaveLength(entries);
  });

  it.each(
    Array.from({ length: Math.ceil(entries / atOnce) }, (_, group) =>
      every.slice(group * atOnce, (group + 1) * atOnce),
    ),
  )("after journal entries %i and the next leaves nothing that `lab down` would not find", async (...group) => {
    const left = await Promise.all(group.map(async (entry) => [entry, await clearUp(await killAfter(entry))] as const));
    expect(left).toEqual(group.map((entry) => [entry, []]));
  });

  it.each([3, 9, 14, 19, 27, 34])("after journal entry %i is finished by the next run", async (entry) => {
    place = await killAfter(entry);
    expect((await place.up("-t", "duo")).code).toBe(0);
  });
});

describe("a playbook run that is killed", () => {
  it("takes Ansible with it, and `down` what has left its process group", async () => {
    place = makePlace();
    const runs = (name: string) =>
      processesOf(join(place.state, "duo")).filter(({ argv }) => argv.some((word) => basename(word) === name));
    const { child, done } = place.start("up", "-t", "duo");
    // Once a worker has reached a leaf there is all that a playbook starts.
    await until(() => runs("ansible-playbook").length > 1 && runs("ssh").length > 0, 60_000, "ansible and ssh");
    child.kill("SIGKILL");
    await done;
    await until(() => runs("ansible-playbook").length === 0, 2000, "the end of ansible");
    expect((await place.run("down", "-n", "duo")).code).toBe(0);
    expect(leftovers(place)).toEqual([]);
  });
});

describe("`lab down` that is killed", () => {
  const moments: readonly (readonly [string, (state: string) => boolean])[] = [
    ["as soon as it holds the lab", (state) => existsSync(join(state, "duo.lock"))],
    ["once the sandbox is gone", (state) => !isSandboxThere(state)],
    ["while it removes the state", (state) => !existsSync(join(state, "duo", "plan.json"))],
  ];

  it.each(moments)("%s leaves nothing that the next would not find", async (_, isNow) => {
    place = makePlace();
    expect((await place.run("up", "-t", "duo", "--until", "build")).code).toBe(0);
    expect(isSandboxThere(place.state)).toBe(true);
    const { child, done } = place.start("down", "-n", "duo");
    await until(() => isNow(place.state) || child.exitCode !== null, 60_000, "moment");
    child.kill("SIGKILL");
    await done;
    expect((await place.run("down", "-n", "duo")).code).toBe(0);
    expect(leftovers(place)).toEqual([]);
  });
});

function isSandboxThere(state: string): boolean {
  return processesOf(`lab-sandbox:${state}`).length > 0;
}

describe("an image build that is killed", () => {
  /** An apt-get that takes apt's lock as the real one does, has a child, and ends only if nobody else is at it. */
  const slowApt = `#!/bin/sh
lists=$(printf '%s\\n' "$@" | sed -n 's/^Dir::State::lists=//p')
exec 9>"$lists/lock"
flock -n 9 || { echo "E: Could not get lock $lists/lock" >&2; exit 100; }
[ ! -e "$lists/../quick" ] || { echo "E: begun and given up" >&2; exit 100; }
sh -c 'sleep 600' "child of apt-get for $lists" & wait
`;

  it("leaves no process, and the next build can begin", async () => {
    const cache = mkdtempSync(join(tmpdir(), "lab-live-cache-"));
    mkdirSync(join(cache, "bin"));
    writeFileSync(join(cache, "bin", "apt-get"), slowApt);
    chmodSync(join(cache, "bin", "apt-get"), 0o755);
    place = makePlace({ LAB_CACHE_DIR: cache, PATH: `${join(cache, "bin")}:${process.env["PATH"] ?? ""}` });
    const isAtIt = () =>
      processesOf(cache).some(({ argv }) => argv.some((word) => word.startsWith("child of apt-get")));
    const { child, done } = place.start("image", "build");
    await until(isAtIt, 30_000, "apt-get");
    const waiting = place.start("image", "build");
    child.kill("SIGKILL");
    await done;
    await until(isAtIt, 30_000, "the build that waited");
    waiting.child.kill("SIGKILL");
    await waiting.done;
    await until(() => processesOf(cache).length === 0, 2000, "the end of all that was started");
    writeFileSync(join(cache, "apt", "trixie", "quick"), "");
    const last = await place.run("image", "build");
    expect(last).toMatchObject({ code: 4, stderr: expect.stringContaining("begun and given up") });
    rmSync(cache, { recursive: true });
  });
});

describe("Ctrl-C", () => {
  it.each(["build", "fabric", "playbook", "servers", "verify"])(
    "in stage %s undoes the run and exits 130",
    async (stage) => {
      place = makePlace();
      const { child, done } = place.start("up", "-t", "duo");
      const begun = `"stage":"${stage}","state":"begin"`;
      await until(() => journalOf(place, "duo").some((line) => line.includes(begun)), 60_000, stage);
      child.kill("SIGINT");
      expect((await done).code).toBe(130);
      expect(leftovers(place)).toEqual([]);
    },
  );

  it("leaves a lab that had only been built as it was", async () => {
    place = makePlace();
    expect((await place.run("up", "-t", "duo", "--until", "build")).code).toBe(0);
    const { child, done } = place.start("up", "-t", "duo");
    const begun = `"stage":"playbook","state":"begin"`;
    await until(() => journalOf(place, "duo").some((line) => line.includes(begun)), 60_000, "playbook");
    child.kill("SIGINT");
    expect((await done).code).toBe(130);
    const { stdout } = await place.run("status", "--json");
    expect(stdout).toContain('"sessions":{"present":0');
    expect(stdout).not.toMatch(/"sessions":\{"present":[1-9]/);
    expect(stdout).not.toContain("unreachable");
  });
});
