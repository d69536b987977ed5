/** `lab plan --verbose`: every interface, file, step and check, in the order in which they are made and asked. */
import type { Interface, Plan, RenderedFile, Step } from "../plan/model.ts";
import type { Check, Row } from "../verify/model.ts";
import { rowTitles } from "../verify/rows.ts";
import { type LayoutOptions, type Paint, plain } from "./paint.ts";
import { formatTexts } from "./table.ts";
import { truncate } from "./width.ts";

/** What comes of a plan. */
export interface PlanDetails {
  readonly files: readonly RenderedFile[];
  readonly steps: readonly Step[];
  readonly checks: readonly Check[];
}

export function formatPlanDetails(plan: Plan, details: PlanDetails, options: LayoutOptions = {}): readonly string[] {
  const interfaces = plan.nodes.flatMap((node) => node.interfaces.map((port) => interfaceCells(node.name, port)));
  const steps = details.steps.map((step, index) => [String(index + 1), step.kind, stepSubject(plan, step)]);
  return [
    "",
    ...formatTexts(["NODE", "INTERFACE", "FOR", "MAC", "MTU", "ADDRESS"], interfaces, options),
    "",
    ...formatTexts(["NODE", "FILE", "MODE", "OWNER", "WRITTEN IN"], details.files.map(fileCells), options),
    "",
    ...formatTexts(["STEP", "MAKES", "NAME"], steps, options),
    "",
    ...formatChecks(details.checks, options),
  ];
}

function interfaceCells(node: string, port: Interface): readonly string[] {
  const { name, purpose, mac, mtu, address, dhcp, vlan, linkLocal } = port;
  const given = address ?? (dhcp === undefined ? undefined : `${dhcp} by DHCP`);
  return [node, name, vlan === undefined ? purpose : `${purpose} ${vlan}`, mac, String(mtu), given ?? linkLocal];
}

function fileCells({ node, path, mode, owner, stage }: RenderedFile): readonly string[] {
  return [node, path, mode.toString(8).padStart(4, "0"), owner, stage];
}

function stepSubject(plan: Plan, step: Step): string {
  if (step.kind === "sandbox") return plan.lab;
  return step.kind === "segment" ? step.segment : step.node;
}

function formatChecks(checks: readonly Check[], { width, paint = plain }: LayoutOptions): readonly string[] {
  const rows = [...new Set(checks.map(({ row }) => row))].toSorted((one, other) => one - other);
  const fit = (line: string) => (width === undefined ? line : truncate(line, width));
  return rows.flatMap((row) => {
    const own = checks.filter((check) => check.row === row);
    return [formatRow(row, own.length, fit, paint)].concat(own.map(({ title }) => fit(`     ${title}`)));
  });
}

function formatRow(row: Row, count: number, fit: (line: string) => string, paint: Paint): string {
  return paint("bold", fit(`CHECKS ${row}: ${rowTitles[row]} (${count})`));
}
