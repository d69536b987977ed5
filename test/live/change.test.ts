import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generateTopology } from "../../src/topology/generate.ts";
import { makePlace, notPassed } from "./lab.ts";

const place = makePlace();
const file = (leaves: number) => join(place.state, `${leaves}.lab.yaml`);

beforeAll(async () => {
  for (const leaves of [2, 3]) {
    writeFileSync(file(leaves), generateTopology({ name: "change", spines: 1, leaves, servers: 1 }));
  }
  await place.up("-t", file(2));
});
afterAll(async () => {
  await place.run("down", "-n", "change");
  place.remove();
});

/** FRR's own pids: a node that was rebuilt or restarted has others. */
const pidsOf = (node: string) => place.ssh("change", node, "cat /run/frr/*.pid").stdout;

describe("a changed topology", () => {
  it("with one more leaf and server makes just these, and says why", async () => {
    const before = ["spine01", "leaf01", "server01"].map(pidsOf);
    const result = await place.up("-t", file(3));
    const { code, changed, reasons } = result;
    expect({ code, changed }).toEqual({ code: 0, changed: true });
    expect(reasons).toEqual(expect.arrayContaining(["leaf03: new", "spine01: interface swp5 added"]));
    expect(notPassed(result)).toEqual([]);
    expect(["spine01", "leaf01", "server01"].map(pidsOf)).toEqual(before);
  });

  it("without them again takes just these away", async () => {
    const before = ["spine01", "leaf01", "server01"].map(pidsOf);
    const { code, reasons } = await place.up("-t", file(2));
    expect(code).toBe(0);
    expect(reasons).toContain("leaf03: no longer in the topology");
    expect(["spine01", "leaf01", "server01"].map(pidsOf)).toEqual(before);
    expect((await place.run("status", "-n", "change")).stdout).not.toContain("leaf03");
  });
});
