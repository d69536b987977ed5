import { describe, expect, it } from "vitest";
import { formatShares } from "../../src/report/share.ts";
import { formatStatus, statusToJson } from "../../src/report/status.ts";
import type { StatusRow } from "../../src/verify/status.ts";

const rows: readonly StatusRow[] = [
  {
    node: "leaf01",
    role: "leaf",
    kind: "debian-frr",
    address: "100.64.2.1",
    state: "up",
    sessions: { present: 2, expected: 3 },
    bfd: { present: 2, expected: 2 },
    prefixes: { present: 1, expected: 1 },
    nextHops: { web: { present: 1, expected: 1 }, dns: { present: 0, expected: 1 } },
  },
  { node: "laptop", role: "client", kind: "debian-host", address: "100.64.5.1", state: "up" },
  {
    node: "leaf02",
    role: "leaf",
    kind: "debian-frr",
    address: "100.64.2.2",
    state: "unreachable",
    reason: "connection refused",
  },
];

describe("the status", () => {
  it("is a table with what is there of what is planned", () => {
    expect(formatStatus(rows)).toEqual([
      "NODE    ROLE    ADDRESS     SESSIONS     BFD  PREFIXES  NEXT HOPS",
      "leaf01  leaf    100.64.2.1  2/3          2/2  1/1       1/1 0/1",
      "laptop  client  100.64.5.1  -            -    -         -",
      "leaf02  leaf    100.64.2.2  unreachable",
    ]);
  });

  it("paints what is missing red", () => {
    const [, leaf] = formatStatus(rows, { paint: (style, text) => (style === "red" ? `!${text}` : text) });
    expect(leaf).toContain("!2/3");
    expect(leaf).toContain("!1/1 0/1");
  });

  it("has every key as JSON", () => {
    const { nodes } = statusToJson(rows);
    const keys = ["node", "role", "kind", "address", "state", "reason", "sessions", "bfd", "prefixes", "nextHops"];
    for (const node of nodes) expect(Object.keys(node)).toEqual(keys);
    expect(nodes[2]).toMatchObject({ reason: "connection refused", sessions: null });
  });
});

describe("the share per server", () => {
  it("has a bar, a percentage and a count", () => {
    const servers = [
      { server: "server01", flows: 500, share: 0.25 },
      { server: "s2", flows: 1500, share: 0.75 },
      { server: "s3", flows: 0, share: 0 },
    ];
    expect(formatShares({ spread: [{ check: "spread/web", servers }] })).toEqual([
      `server01   25.0 %  ${"█".repeat(11)}${" ".repeat(21)}  500`,
      `s2         75.0 %  ${"█".repeat(32)}  1500`,
      `s3          0.0 %  ${" ".repeat(32)}  0`,
    ]);
  });

  it("is nothing where nothing was measured", () => {
    expect(formatShares({ spread: [] })).toEqual([]);
  });
});
