/** Everything the schema cannot say: what must hold between the parts of a topology. */
import { asnRules } from "./rules-asns.ts";
import { linkRules } from "./rules-links.ts";
import { loopbackRules } from "./rules-loopbacks.ts";
import { macRules } from "./rules-macs.ts";
import { networkRules } from "./rules-networks.ts";
import { nodeRules } from "./rules-nodes.ts";
import { portRules } from "./rules-ports.ts";
import { routeRules } from "./rules-routes.ts";
import { serviceRules } from "./rules-services.ts";
import { subnetRules } from "./rules-subnets.ts";
import { vlanRules } from "./rules-vlans.ts";
import { wiringRules } from "./rules-wiring.ts";
import type { Mistake } from "./mistake.ts";
import type { Rule, Subject } from "./subject.ts";

/** Hold for any part of a topology. */
const always: readonly Rule[] = [
  ...nodeRules,
  ...asnRules,
  ...loopbackRules,
  ...macRules,
  ...linkRules,
  ...portRules,
  ...networkRules,
  ...routeRules,
  ...vlanRules,
  ...serviceRules,
  ...subnetRules,
];

/** All mistakes, rule by rule; `parse.ts` sorts them by place. What is missing is only told of a complete file. */
export function findMistakes(subject: Subject): readonly Mistake[] {
  const rules = subject.complete ? [...always, ...wiringRules] : always;
  return rules.flatMap((rule) => rule(subject));
}
