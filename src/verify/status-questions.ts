/** What `lab status` asks; apart from its judge, so that nodes are asked before all that is needed to read them is loaded. */
import type { Plan } from "../plan/model.ts";
import { withoutLength } from "../topology/ipv4.ts";
import type { Ask, Question } from "./model.ts";

/**
 * Routing state of a node in one command: BGP sessions and BFD from FRR, then the kernel's routes to the addresses. Sections
 * are headed `== name`; each is exactly what the tool printed, complaints included. One line: a hypervisor may ask by lines.
 */
const script = [
  "exec 2>&1",
  "echo '== frr'",
  "vtysh -c 'show bgp ipv4 unicast summary json' -c 'show bfd peers json'",
  'for address; do echo "== route $address"; ip -j route show "$address"; done',
  "exit 0",
].join("; ");

/** One ask per node. The hypervisor itself is not asked: it runs this program. */
export function statusQuestions(plan: Plan): readonly Ask[] {
  const addresses = plan.services.map(({ prefix }) => withoutLength(prefix));
  const routing: Question = { kind: "command", argv: ["sh", "-c", script, "status", ...addresses], format: "text" };
  const alive: Question = { kind: "command", argv: ["true"], format: "text" };
  return plan.nodes
    .filter((node) => node.guest.os !== "host")
    .map((node) => ({ node: node.name, question: node.bgp === undefined ? alive : routing }));
}
