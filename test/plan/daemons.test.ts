import { expect, test } from "vitest";
import { daemonsOf } from "../../src/plan/daemons.ts";
import { cumulusVx } from "../../src/kinds/cumulus-vx.ts";
import { onBhyve, onNetns, anycast, nodeOf, withLeaves } from "../render/topologies.ts";

test.each([
  ["spine01", "mgmtd zebra bgpd"],
  ["edge01", "mgmtd zebra bgpd"],
  ["leaf01", "mgmtd zebra bfdd bgpd"],
  ["server01", "mgmtd zebra bfdd bgpd"],
])("%s runs %s, in this order", (name, daemons) => {
  expect(daemonsOf(nodeOf(onNetns(anycast), name)).join(" ")).toBe(daemons);
  expect(daemonsOf(nodeOf(onBhyve(anycast), name)).join(" ")).toBe(daemons);
});

test("the FRR of Cumulus has no mgmtd, its stand-in on netns has", () => {
  const topology = withLeaves(anycast, cumulusVx);
  expect(daemonsOf(nodeOf(onBhyve(topology), "leaf01"))).toEqual(["zebra", "bfdd", "bgpd"]);
  expect(daemonsOf(nodeOf(onNetns(topology), "leaf01"))).toEqual(["mgmtd", "zebra", "bfdd", "bgpd"]);
});
