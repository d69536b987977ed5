/** Topology → everything that is known before anything is made: printed by `lab plan`, stored by `lab up`. Pure. */
import type { Hypervisor } from "../kinds/kind.ts";
import { compilePlan } from "../plan/compile.ts";
import type { Plan, RenderedFile, Step } from "../plan/model.ts";
import { stepsOf } from "../plan/steps.ts";
import { renderFiles } from "../render/files.ts";
import type { Topology } from "../topology/topology.ts";
import { checksOf } from "../verify/checks.ts";
import type { Check } from "../verify/model.ts";

export interface Design {
  readonly plan: Plan;
  readonly files: readonly RenderedFile[];
  readonly steps: readonly Step[];
  readonly checks: readonly Check[];
}

export interface DesignOptions {
  readonly hypervisor: Hypervisor;
  /** Name of the lab where it is not the topology's. */
  readonly lab?: string;
}

export function designLab(topology: Topology, options: DesignOptions): Design {
  const plan = compilePlan(topology, options);
  return { plan, files: renderFiles(plan), steps: stepsOf(plan), checks: checksOf(plan) };
}
