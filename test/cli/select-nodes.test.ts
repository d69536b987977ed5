import { describe, expect, it, test } from "vitest";
import { selectNodes } from "../../src/cli/select-nodes.ts";
import { UsageError } from "../../src/errors.ts";
import { smallPlan } from "../verify/small-plan.ts";

test.each([
  ["leaf01", ["leaf01"]],
  ["leaf", ["leaf01", "leaf02"]],
  ["server03,leaf*", ["leaf01", "leaf02", "server03"]],
  ["leaf0?", ["leaf01", "leaf02"]],
  ["*01", ["edge01", "spine01", "leaf01", "server01", "dhcp01"]],
  ["spine,leaf01,leaf", ["spine01", "leaf01", "leaf02"]],
  ["leaf01,", ["leaf01"]],
])("%s means %j", (wanted, names) => {
  expect(selectNodes(smallPlan, wanted)).toEqual(names);
});

test("all means every node, in the order of the plan", () => {
  expect(selectNodes(smallPlan, "all")).toEqual(smallPlan.nodes.map(({ name }) => name));
});

describe("a word that means no node", () => {
  it.each([
    "D*",
    "S*",
    "W*",
    "w*",
    "b*",
    "Leaf01",
    "leaf.1",
    "leaf01|all",
    "(leaf01)",
    "[a-z]*",
    "leaf03",
    "^leaf01",
    "\\w*",
  ])("%s is refused", (wanted) => {
    expect(() => selectNodes(smallPlan, wanted)).toThrow(UsageError);
  });

  it.each(["", ",", ",,"])("%j selects nothing and is refused", (wanted) => {
    expect(() => selectNodes(smallPlan, wanted)).toThrow("no node is selected");
  });
});
