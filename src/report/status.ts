/** `lab status` as a table and as JSON. */
import type { Portion, StatusRow } from "../verify/status.ts";
import type { LayoutOptions } from "./paint.ts";
import { type Cell, formatTable } from "./table.ts";

const columns = [
  { title: "NODE" },
  { title: "ROLE" },
  { title: "ADDRESS" },
  { title: "SESSIONS" },
  { title: "BFD" },
  { title: "PREFIXES" },
  { title: "NEXT HOPS" },
] as const;

/** Lines without line breaks, one for each node under a heading. */
export function formatStatus(rows: readonly StatusRow[], options: LayoutOptions = {}): readonly string[] {
  return formatTable({ columns, rows: rows.map(cellsOf) }, options);
}

function cellsOf(row: StatusRow): readonly Cell[] {
  const identity = [{ text: row.node }, { text: row.role }, { text: row.address }];
  if (row.state === "unreachable") return [...identity, { text: "unreachable", style: "red" }];
  const hops = Object.values(row.nextHops ?? {});
  return [...identity, ...[row.sessions, row.bfd, row.prefixes].map(portionCell), hopsCell(hops)];
}

/** `3/4`; a dash where nothing is planned. */
function portionCell(portion: Portion | undefined): Cell {
  if (portion === undefined) return { text: "-", style: "dim" };
  const { present, expected } = portion;
  return { text: `${present}/${expected}`, style: present === expected ? "green" : "red" };
}

/** One portion per service, in the order of the plan. */
function hopsCell(hops: readonly Portion[]): Cell {
  if (hops.length === 0) return portionCell(undefined);
  const text = hops.map(({ present, expected }) => `${present}/${expected}`).join(" ");
  return { text, style: hops.every(({ present, expected }) => present === expected) ? "green" : "red" };
}

/** What `lab status --json` prints: every key of every node, null where it does not apply. */
export interface StatusJson {
  readonly nodes: readonly {
    readonly node: string;
    readonly role: string;
    readonly kind: string;
    readonly address: string;
    readonly state: StatusRow["state"];
    readonly reason: string | null;
    readonly sessions: Portion | null;
    readonly bfd: Portion | null;
    readonly prefixes: Portion | null;
    readonly nextHops: Readonly<Record<string, Portion>> | null;
  }[];
}

/** What the plan has nothing of, or nobody could ask, is null. */
export function statusToJson(rows: readonly StatusRow[]): StatusJson {
  return {
    nodes: rows.map(({ node, role, kind, address, state, reason, sessions, bfd, prefixes, nextHops }) => ({
      node,
      role,
      kind,
      address,
      state,
      reason: reason ?? null,
      sessions: sessions ?? null,
      bfd: bfd ?? null,
      prefixes: prefixes ?? null,
      nextHops: nextHops ?? null,
    })),
  };
}
