import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makePlace } from "../fakes/place.ts";

const script = new URL("../../images/embedded/probe.sh", import.meta.url).pathname;

/** A kernel as far as the script sees one: a next hop needs a device that is up, a group needs its next hop. */
const kernel = `#!/bin/sh
echo "$(basename "$0") $*" >>"$0.calls"
case "$*" in
"link set lo up") : >"$0.up" ;;
"nexthop add id 1 dev lo") [ -e "$0.up" ] && : >"$0.hop" ;;
"nexthop add id 10 group 1 type resilient"*) [ -e "$0.hop" ] && [ -z "$OLD" ] ;;
esac
`;

function probe(env: Readonly<Record<string, string>> = {}) {
  const bin = makePlace();
  for (const program of ["ip", "tc"]) {
    writeFileSync(join(bin, program), kernel);
    chmodSync(join(bin, program), 0o755);
  }
  const { stdout } = spawnSync("sh", [script, "/no/image"], {
    encoding: "utf8",
    env: { ...process.env, PATH: `${bin}:${process.env["PATH"] ?? ""}`, ...env },
  });
  return { answers: stdout.trim().split("\n"), calls: readFileSync(join(bin, "ip.calls"), "utf8") };
}

it("tries a real resilient group, on a device that is up", () => {
  const { answers, calls } = probe();
  expect(answers).toContain("resilient yes");
  expect(calls).toMatch(/nexthop add id 10 group 1 type resilient/);
});

it("says no where the kernel has next hops but no resilient groups", () => {
  expect(probe({ OLD: "1" }).answers).toContain("resilient no");
});

it("answers for every feature that has a fallback, each once", () => {
  const features = probe().answers.map((line) => line.split(" ")[0]);
  expect(features).toEqual(expect.arrayContaining(["dummy", "vlan-filtering", "vrf", "netem", "resilient", "mpls"]));
  expect(new Set(features).size).toBe(features.length);
});
