/**
 * Plan → what must be true, on which node, by when: the table of contents of verification. Row 11 (a server leaves and
 * comes back) is a drill, and the hostile part of row 12 a live test; neither may be done to a fabric that is in use.
 */
import type { Plan } from "../plan/model.ts";
import type { Check } from "./model.ts";
import { playbookChecks } from "./playbook-checks.ts";
import { railChecks } from "./rail-checks.ts";
import { routingChecks } from "./routing-checks.ts";
import { segmentChecks } from "./segment-checks.ts";
import { serverChecks } from "./server-checks.ts";
import { serviceChecks } from "./service-checks.ts";
import { trafficChecks } from "./traffic-checks.ts";

/** All checks of a plan, in the order of the rows. Total and deterministic. */
export function checksOf(plan: Plan): readonly Check[] {
  const checks = [
    segmentChecks,
    serverChecks,
    serviceChecks,
    playbookChecks,
    routingChecks,
    railChecks,
    trafficChecks,
  ].flatMap((list) => list(plan));
  return checks.toSorted((one, other) => one.row - other.row);
}
