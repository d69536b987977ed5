import { describe, expect, it } from "vitest";
import type { Answer } from "../../src/verify/model.ts";
import { seenByStatus, splitDocuments } from "../../src/verify/read-status.ts";
import { statusQuestions } from "../../src/verify/status-questions.ts";
import { judgeStatus } from "../../src/verify/status.ts";
import { anycast, onNetns } from "../render/topologies.ts";
import { captured, printed } from "./answers.ts";
import { smallPlan } from "./small-plan.ts";

function rowOf(node: string, answer: Answer) {
  return judgeStatus(smallPlan, new Map([[node, seenByStatus(answer)]])).find((row) => row.node === node);
}

describe("the status of a node", () => {
  it("takes one question each, and none of the hypervisor", () => {
    const plan = onNetns(anycast);
    const asked = statusQuestions(plan).map(({ node }) => node);
    expect(asked).toEqual(plan.nodes.map(({ name }) => name).filter((name) => name !== "hypervisor"));
    expect(judgeStatus(plan, new Map()).find(({ node }) => node === "hypervisor")?.state).toBe("up");
  });

  it("has the leaf's sessions, BFD, prefixes and next hops", () => {
    expect(rowOf("leaf01", captured("leaf01-status"))).toEqual({
      node: "leaf01",
      role: "leaf",
      kind: "debian-frr",
      address: "100.64.2.1",
      state: "up",
      sessions: { present: 3, expected: 3 },
      bfd: { present: 2, expected: 2 },
      prefixes: { present: 2, expected: 2 },
      nextHops: { web: { present: 2, expected: 2 } },
    });
  });

  it("shows what a dead server takes away from its leaf", () => {
    expect(rowOf("leaf01", captured("broken-leaf01-status"))).toMatchObject({
      sessions: { present: 2, expected: 3 },
      bfd: { present: 1, expected: 2 },
      prefixes: { present: 1, expected: 2 },
      nextHops: { web: { present: 1, expected: 2 } },
    });
  });

  it("has no next hops on a server, whose kernel stays out of BGP", () => {
    const row = rowOf("server01", captured("server01-status"));
    expect(row).toMatchObject({ sessions: { present: 1, expected: 1 }, bfd: { present: 1, expected: 1 } });
    expect(row).not.toHaveProperty("nextHops");
  });

  it("counts nothing as present where bgpd does not run", () => {
    expect(rowOf("server01", captured("broken-server01-status"))).toMatchObject({
      state: "up",
      sessions: { present: 0, expected: 1 },
    });
  });

  it("survives any answer", () => {
    for (const text of ["", "== frr\n{]", '== frr\n{"peers":3}[7]\n== route 172.20.0.1\nwhat', "]]}{{"]) {
      expect(rowOf("spine01", printed(text))).toMatchObject({ sessions: { present: 0, expected: 3 } });
    }
  });

  it("is unreachable, with the reason, when the node does not answer", () => {
    const row = rowOf("spine01", { unreachable: "connection refused" });
    expect(row).toMatchObject({ state: "unreachable", reason: "connection refused" });
    expect(row).not.toHaveProperty("sessions");
  });
});

describe("several JSON values in a row", () => {
  it("are told apart, whatever stands between them or in their strings", () => {
    expect(splitDocuments('{"a":"}{"}\n% oops\n[1,[2]]{"b":"\\""}')).toEqual(['{"a":"}{"}', "[1,[2]]", '{"b":"\\""}']);
  });
});
