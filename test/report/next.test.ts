import { describe, expect, it } from "vitest";
import type { Plan } from "../../src/plan/model.ts";
import { formatNext } from "../../src/report/next.ts";
import type { Verdict } from "../../src/verify/model.ts";
import { anycast, duo, onNetns } from "../render/topologies.ts";

const plan = onNetns(duo);
const verdict = (node: string, status: Verdict["status"]): Verdict => ({
  ...{ check: `node/${node}`, row: 1, title: "", node, status, expected: "", seen: "" },
});
const good = [verdict("leaf01", "pass")];
const tries = (given: Plan, verdicts = good) => formatNext(given, verdicts, 4.25).slice(1).join("\n");

describe("after lab up", () => {
  it("tells what to try with the nodes and the service of the plan", () => {
    expect(formatNext(plan, good, 4.25)).toEqual([
      "duo is up after 4.3 s. Try next:",
      "  lab exec -n duo spine01 -- ip route show 172.20.0.1   the next hops in spine01's kernel",
      "  lab exec -n duo laptop -- curl -s http://172.20.0.1/  which server answers",
      "  lab down -n duo                                       take it down and leave nothing",
    ]);
  });

  it("names no lab where the reference is meant", () => {
    expect(tries(onNetns(anycast))).not.toContain("-n ");
  });

  it("asks the service's own port", () => {
    const services = plan.services.map((service) => Object.assign({}, service, { port: 8080 }));
    expect(tries({ ...plan, services })).toContain("curl -s http://172.20.0.1:8080/");
  });

  it("knows other things to try without a service, a client or a spine", () => {
    const without = (role: string) => plan.nodes.filter((node) => node.role !== role);
    const bare = tries({ ...plan, services: [] });
    expect(bare).toContain("lab exec -n duo spine01 -- vtysh -c 'show bgp summary'");
    expect(bare).toContain("lab status -n duo");
    expect(bare).not.toContain("http:");
    expect(tries({ ...plan, nodes: without("client") })).not.toContain("curl");
    expect(tries({ ...plan, nodes: without("spine") })).toContain("leaf01's kernel");
    expect(tries({ ...plan, nodes: [] }).split("\n")).toHaveLength(2);
  });

  it("tells where to look instead when checks failed", () => {
    const lines = formatNext(plan, [...good, verdict("leaf01", "fail")], 40);
    expect(lines).toEqual([
      "duo runs, but 1 check failed after 40.0 s. Look at:",
      "  lab status -n duo       which sessions, prefixes and next hops are missing",
      "  lab logs -n duo leaf01  what leaf01 wrote",
      "  lab verify -n duo       all checks again; -v lists those that hold as well",
    ]);
  });
});
