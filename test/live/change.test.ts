import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generateTopology } from "../../src/topology/generate.ts";
import { journalOf, makePlace, notPassed, until, type UpJson } from "./lab.ts";
import { type Counted, keepRequesting } from "./requests.ts";

/**
 * A lab that changes under two clients of the service that stays: one whose requests follow each other at once, and one
 * with two dozen requests under way at any time, each open for 0.3 s before it says what it wants.
 */
const place = makePlace();
const lab = "change";
const servers = ["server01", "server02", "server03"];
const staying = ["server01", "server02"];

/** A topology with this many leaves, each with a server, and, beside `web`, the service `api` at this address. */
function fileOf(leaves: number, api?: string): string {
  const path = join(place.state, `${leaves}${api ?? ""}.lab.yaml`);
  const text = generateTopology({ name: lab, spines: 2, leaves, servers: 1 });
  writeFileSync(path, api === undefined ? text : `${text}  api: ${api}/32\n`);
  return path;
}

const ssh = (node: string, script: string) => place.ssh(lab, node, script).stdout;
/** FRR's own pids: a node that was rebuilt or restarted has others. */
const pidsOf = (node: string) => ssh(node, "cat /run/frr/*.pid");
const stayingPids = () => ["spine01", "spine02", "edge01", "leaf01", "leaf02", ...staying].map(pidsOf);
const hopsOf = (node: string, address: string) =>
  [...ssh(node, `ip route show ${address}`).matchAll(/dev (\S+)/g)].map(([, port]) => port).toSorted();

interface Changed extends UpJson {
  readonly code: number | null;
  readonly hasty: Counted;
  readonly slow: Counted;
}

async function changeTo(file: string): Promise<Changed> {
  const common = { node: "laptop", url: "http://172.20.0.1/", servers };
  const clients = await Promise.all([
    keepRequesting(place, lab, { ...common, concurrency: 2 }),
    keepRequesting(place, lab, { ...common, concurrency: 24, pauseMs: 300 }),
  ]);
  const result = await place.up("-t", file);
  const [hasty, slow] = await Promise.all(clients.map((stop) => stop()));
  if (hasty === undefined || slow === undefined) throw new TypeError("there are two clients");
  console.log(lab, file.replace(place.state, ""), JSON.stringify({ hasty, slow }));
  return { ...result, hasty, slow };
}

/** Everything holds, and neither client has lost a request; of each, so many have been answered that this says something. */
function expectGentle(changed: Changed): void {
  const { code, hasty, slow } = changed;
  expect(notPassed(changed)).toEqual([]);
  expect(code).toBe(0);
  for (const { errors, failed, total, servers: answered } of [hasty, slow]) {
    expect({ failed, errors }).toEqual({ failed: 0, errors: {} });
    expect(total).toBeGreaterThan(100);
    for (const server of staying) expect(answered[server]).toBeGreaterThan(20);
  }
}

/** What a change does beyond the nodes' own files ends with it. */
function expectNoTrace(): void {
  for (const router of ["spine01", "spine02", "edge01", "leaf01"]) {
    expect(ssh(router, "nft list tables; ip rule")).not.toMatch(/lab-pins|lookup 8\d+/);
  }
  expect(existsSync(join(place.state, lab, "touched.json"))).toBe(false);
}

beforeAll(async () => {
  await place.up("-t", fileOf(2));
});
afterAll(async () => {
  await place.run("down", "-n", lab);
  place.remove();
});

describe("a changed topology", () => {
  it("with one more leaf and server makes just these, says why, and costs no request", async () => {
    const before = stayingPids();
    const changed = await changeTo(fileOf(3));
    expectGentle(changed);
    expect(changed.changed).toBe(true);
    expect(changed.reasons).toEqual(expect.arrayContaining(["leaf03: new", "spine01: interface swp5 added"]));
    // They were there when the new server began to answer.
    for (const { servers: answered } of [changed.hasty, changed.slow]) expect(answered["server03"]).toBeGreaterThan(0);
    expect(stayingPids()).toEqual(before);
    expectNoTrace();
  });

  it("without them again takes just these away, and costs no request", async () => {
    const before = stayingPids();
    const changed = await changeTo(fileOf(2));
    expectGentle(changed);
    expect(changed.reasons).toContain("leaf03: no longer in the topology");
    expect(stayingPids()).toEqual(before);
    expect((await place.run("status", "-n", lab)).stdout).not.toContain("leaf03");
    const begun = journalOf(place, lab).filter((line) => line.includes('"begin"'));
    const stepped = begun.findIndex((line) => line.includes("server03: step back from 172.20.0.1/32"));
    expect(stepped).toBeGreaterThan(begun.findLastIndex((line) => line.includes("spine02: pin connections")));
    expect(stepped).toBeLessThan(begun.findIndex((line) => line.includes("stop 2 guests")));
    expectNoTrace();
  });

  it("with one more prefix announces it from the running servers, and costs no request of the other", async () => {
    const before = stayingPids();
    expectGentle(await changeTo(fileOf(2, "172.20.0.2")));
    expect(stayingPids()).toEqual(before);
    expect(hopsOf("spine01", "172.20.0.2")).toEqual(["swp3", "swp4"]);
  });

  it("with another prefix touches just the nodes concerned, and costs no request of the other", async () => {
    const before = stayingPids();
    const changed = await changeTo(fileOf(2, "172.20.0.3"));
    expectGentle(changed);
    const concerned = new Set(changed.reasons.map((reason) => reason.replace(/:.*/, "")));
    expect([...concerned].toSorted()).toEqual(["hypervisor", "leaf01", "leaf02", "router01", ...staying]);
    expect(stayingPids()).toEqual(before);
    for (const spine of ["spine01", "spine02"]) {
      expect(hopsOf(spine, "172.20.0.2")).toEqual([]);
      expect(hopsOf(spine, "172.20.0.3")).toEqual(["swp3", "swp4"]);
    }
    expect(ssh("router01", "ip route show 172.20.0.2")).toBe("");
    expect(ssh("server01", "ip -brief -4 address show lo2")).toContain("172.20.0.3/32");
  });

  it("brings a leaf back under its old name, on ports that were there before", async () => {
    const result = await place.up("-t", fileOf(3));
    expect(notPassed(result)).toEqual([]);
    expect(result.code).toBe(0);
    expect(hopsOf("spine01", "172.20.0.1")).toEqual(["swp3", "swp4", "swp5"]);
    // Nothing is left of the other service.
    expect(ssh("server01", "ip -brief -4 address show")).not.toContain("lo2");
  });

  it("is put right by the next run when it was killed while a server steps back", async () => {
    const known = journalOf(place, lab).length;
    const { child, done } = place.start("up", "-t", fileOf(2));
    const stepped = () =>
      journalOf(place, lab)
        .slice(known)
        .some((line) => /"done".*server03: step back/.test(line));
    await until(stepped, 30_000, "server03 steps back");
    child.kill("SIGKILL");
    await done;
    expect(existsSync(join(place.state, lab, "touched.json"))).toBe(true);
    const result = await place.up("-t", fileOf(3));
    expect(notPassed(result)).toEqual([]);
    expect(result.code).toBe(0);
    expect(ssh("server03", "vtysh -c 'show running-config'")).not.toContain("LEAVING");
    expectNoTrace();
  });
});
