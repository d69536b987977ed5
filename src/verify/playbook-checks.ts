/** Row 5: Ansible's own account of its last run, which is handed in rather than asked of a node. */
import type { Plan } from "../plan/model.ts";
import type { Check } from "./model.ts";

/** One check, or none where the playbook has nothing to do. */
export function playbookChecks(plan: Plan): readonly Check[] {
  const leaves = plan.nodes
    .filter((node) => node.bgp?.neighbors.some(({ byPlaybook }) => byPlaybook))
    .map(({ name }) => name);
  if (leaves.length === 0) return [];
  return [
    {
      id: "playbook/leaves",
      row: 5,
      title: "the playbook ran on every leaf and a second run changed nothing",
      node: leaves[0] ?? "",
      asks: [],
      expect: { kind: "playbook", leaves },
      deadline: "settled",
    },
  ];
}
