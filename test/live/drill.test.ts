import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { drillToJson } from "../../src/report/drill.ts";
import { generateTopology } from "../../src/topology/generate.ts";
import { journalOf, makePlace, type Run, until } from "./lab.ts";

/** Two leaves with a server each, two spines: drills on a lab that is as small as it may be. */
const place = makePlace();
const lab = "drilled";
const pending = join(place.state, lab, "drill.json");
const topology = join(place.state, `${lab}.lab.yaml`);

beforeAll(async () => {
  writeFileSync(topology, generateTopology({ name: lab, spines: 2, leaves: 2, servers: 1 }));
  const { code, stderr } = await place.run("up", "-t", topology);
  if (code !== 0) throw new Error(stderr);
});
afterAll(async () => {
  await place.run("down", "-n", lab);
  place.remove();
});

type DrillJson = ReturnType<typeof drillToJson>;

/** The last line of `lab drill --json`; fails the test, with all that was said, if it is no result. */
function resultOf({ code, stdout, stderr }: Run): DrillJson {
  const last = stdout.trim().split("\n").at(-1) ?? "";
  if (!last.includes('"result"')) throw new Error(`lab drill: exit code ${code}\n${stdout}\n${stderr}`);
  return JSON.parse(last) as DrillJson;
}

const failed = ({ checks }: DrillJson) => checks.filter(({ status }) => status !== "pass");
const hops = (router: string) => place.ssh(lab, router, "ip route show 172.20.0.1").stdout.match(/dev swp\d+/g) ?? [];

/** Whether the lab is as it was: routes, loopbacks, daemons that run rather than being stopped. */
function expectWhole(): void {
  for (const spine of ["spine01", "spine02"]) expect(hops(spine).toSorted()).toEqual(["dev swp3", "dev swp4"]);
  for (const server of ["server01", "server02"]) {
    expect(place.ssh(lab, server, "ip -brief address show lo1").stdout).toContain("172.20.0.1/32");
    expect(place.ssh(lab, server, "ps -o stat= -C bgpd,bfdd,zebra").stdout).not.toMatch(/^T/m);
  }
  expect(existsSync(pending)).toBe(false);
}

describe("a drill of a running lab", () => {
  it("withdraws each server in turn, sees the kernels turn away within a second, and is its own baseline", async () => {
    const run = await place.run("drill", "withdraw", "-n", lab, "--count", "2", "--json");
    const result = resultOf(run);
    console.log("drill withdraw", JSON.stringify(result.figures), JSON.stringify(result.totals));
    expect(failed(result)).toEqual([]);
    expect(run.code).toBe(0);
    expect(result.runs.map(({ title }) => title)).toEqual([
      "lo1 of server01 is destroyed",
      "lo1 of server02 is destroyed",
    ]);
    for (const figure of ["leaf", "spine"] as const) {
      expect(result.figures[figure]?.p50).toBeGreaterThan(0);
      expect(result.figures[figure]?.max).toBeLessThan(1000);
    }
    expect(result.totals.before.sent).toBeGreaterThan(100);
    expect(result.totals.after.servers).toMatchObject({ server01: expect.any(Number), server02: expect.any(Number) });
    expectWhole();
    const baseline = join(place.state, "baseline.json");
    writeFileSync(baseline, run.stdout.replace(/"p50":\d+/g, '"p50":0').replace(/"p95":\d+/g, '"p95":0'));
    const worse = await place.run("drill", "withdraw", "-n", lab, "--baseline", baseline, "--junit", `${baseline}.xml`);
    // Of a baseline that nothing can reach, the times are worse.
    expect(worse.code).toBe(1);
    expect(worse.stdout).toContain("withdraw: spine is no worse than the baseline");
    expect(readFileSync(`${baseline}.xml`, "utf8")).toContain("<failure");
    expectWhole();
  });

  it("kills bgpd, starts it again, and finds the configuration as it was", async () => {
    const run = await place.run("drill", "bgpd-kill", "-n", lab, "--json");
    const result = resultOf(run);
    console.log("drill bgpd-kill", JSON.stringify(result.figures));
    expect(failed(result)).toEqual([]);
    expect(result.checks.map(({ id }) => id)).toContain("drill/bgpd-kill/configuration");
    expectWhole();
  });

  it("that is interrupted mends what it has broken, and exits 130", async () => {
    const known = journalOf(place, lab).length;
    const { child, done } = place.start("drill", "host-freeze", "-n", lab, "--plain");
    await until(() => journalOf(place, lab).slice(known).some(isBroken), 60_000, "the fault is made");
    child.kill("SIGINT");
    const { code, stderr } = await done;
    expect(code).toBe(130);
    expect(stderr).toContain("mends it");
    expectWhole();
  });

  it.each([
    ["--repair", ["drill", "--repair", "-n", lab, "--plain"], "mended: lo1 of server01 is destroyed"],
    ["lab up", ["up", "-t", topology, "--plain"], "mends what a drill has left: lo1 of server01 is destroyed"],
  ])("that is killed is mended by %s", async (_, words, said) => {
    const known = journalOf(place, lab).length;
    const { child, done } = place.start("drill", "withdraw", "-n", lab, "--plain");
    await until(() => journalOf(place, lab).slice(known).some(isBroken), 60_000, "the fault is made");
    child.kill("SIGKILL");
    await done;
    expect(existsSync(pending)).toBe(true);
    expect(place.ssh(lab, "server01", "ip link show lo1").code).not.toBe(0);
    const { code, stderr } = await place.run(...words);
    expect(stderr).toContain(said);
    expect(code).toBe(0);
    expectWhole();
  });
});

function isBroken(line: string): boolean {
  return line.includes('"event":"done"') && line.includes('"act":"drill: ') && !line.includes("drill: mend");
}
