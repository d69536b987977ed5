/**
 * A lab on a FreeBSD hypervisor that changes while it runs: a leaf and its server come and go, and all else stays as it is.
 * With whole guests, and every check, where there is time for that: see AGENTS.md.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { journalOf, notPassed, root } from "./lab.ts";
import { makeWholeHost, type WholeHost } from "./vm-host.ts";

const sweeps = process.env["LAB_TEST_SWEEP"] === "1";
let host: WholeHost;
let before: Record<string, readonly string[]>;

/** Duo, with a second leaf and server. */
function wider(): string {
  const text = readFileSync(join(root, "topologies", "duo.lab.yaml"), "utf8");
  const more = text
    .replace("  laptop: client", "  leaf02: leaf\n  server02: server\n  laptop: client")
    .replace(
      "\nnetworks:",
      "\n  - [spine01:swp4, leaf02:swp1]\n  - [leaf02:swp5, server02:em0]\n  - [leaf02:swp6, server02:em1]\nnetworks:",
    );
  const path = join(host.root, "wider.lab.yaml");
  writeFileSync(path, more);
  return path;
}

/** The process of each guest's machine; one that was started anew has another. */
async function machines(): Promise<Record<string, string>> {
  const { stdout } = await host.run("ps", "-axo", "pid=,args=");
  return Object.fromEntries(
    [...stdout.matchAll(/^ *(\d+) bhyve: (\S+)/gm)].map(([, pid = "", guest = ""]) => [guest, pid]),
  );
}

/** What the last run began to do, after as many lines of the journal. */
const begun = (known: number) =>
  journalOf(host, "duo")
    .slice(known)
    .flatMap((line) => /"begin","act":"([^"]*)"/.exec(line)?.[1] ?? []);

const up = (topology: string) => host.up("-t", topology, ...(sweeps ? [] : ["--until", "build"]));

beforeAll(async () => {
  host = await makeWholeHost(sweeps ? "real" : "asleep");
  before = await host.traces();
  await up("duo");
});
afterAll(() => host.remove());

describe("a lab that runs on a hypervisor", () => {
  it("with one more leaf and server makes just these, and starts only what has a new network card", async () => {
    const [old, known] = [await machines(), journalOf(host, "duo").length];
    const changed = await up(wider());
    expect(notPassed(changed)).toEqual([]);
    expect(changed).toMatchObject({ code: 0, changed: true });
    expect(changed.reasons).toEqual(expect.arrayContaining(["leaf02: new", "server02: new"]));
    const now = await machines();
    // A virtual machine gets another card only by a start, so its spine is not the one that it was.
    const { [Object.keys(old).find((name) => name.endsWith("spine01")) ?? ""]: _, ...same } = old;
    expect(now).toMatchObject(same);
    expect(Object.keys(now).length).toBe(Object.keys(old).length + 2);
    const made = begun(known).filter((act) => act.startsWith("make guest "));
    expect(made.map((act) => act.replace(/.*-/, "")).toSorted()).toEqual(["leaf02", "server02"]);
  });

  it("without them again takes just these away, and whatever they had", async () => {
    const [old, known] = [await machines(), journalOf(host, "duo").length];
    const changed = await up("duo");
    expect(notPassed(changed)).toEqual([]);
    expect(changed).toMatchObject({ code: 0, changed: true });
    expect(changed.reasons).toContain("leaf02: no longer in the topology");
    const now = await machines();
    expect(old).toMatchObject(now);
    expect(Object.keys(now).length).toBe(Object.keys(old).length - 2);
    expect(begun(known).filter((act) => /^(make|start) /.test(act))).toEqual([]);
    expect(readdirSync(join(host.root, "vm")).filter((name) => /leaf02|server02/.test(name))).toEqual([]);
    expect((await up("duo")).changed).toBe(false);
  });

  it("is taken down, and leaves what was there before it", async () => {
    expect((await host.lab("down", "-n", "duo")).code).toBe(0);
    expect(await host.traces()).toEqual(before);
  });
});
