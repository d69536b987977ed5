/** Where a lab runs: where it is up, or where it is to be made; a hypervisor by name, or one on another machine. */
import { UsageError } from "../errors.ts";
import { readDesign, readHost, type State } from "../flow/state.ts";
import type { Hypervisor } from "../kinds/kind.ts";
import type { HostUrl } from "../remote/hypervisor/url.ts";

export interface Where {
  readonly hypervisor: Hypervisor;
  /** Absent for this machine. */
  readonly host?: HostUrl | undefined;
}

interface Wish {
  readonly hypervisor?: Hypervisor;
  readonly host?: HostUrl;
}

export function defaultHypervisor(): Hypervisor {
  return process.platform === "freebsd" ? "vm-bhyve" : "netns";
}

/** A host is one of vm-bhyve, whatever else would be chosen. Throws UsageError where another hypervisor is asked for. */
export function chooseHypervisor({ hypervisor, host }: Wish, otherwise: Hypervisor = defaultHypervisor()): Hypervisor {
  if (host === undefined) return hypervisor ?? otherwise;
  if (hypervisor === undefined || hypervisor === "vm-bhyve") return "vm-bhyve";
  throw new UsageError({
    code: "E_HOST_HYPERVISOR",
    message: `--host ${host.text} is a hypervisor with vm-bhyve, and --hypervisor asks for ${hypervisor}`,
    hint: "give one of the two; LAB_HOST and LAB_HYPERVISOR count as well",
  });
}

/** Of a lab that is looked at or taken down. */
export async function whereItIs(state: State, wish: Wish): Promise<Where> {
  const there = await lookUp(state);
  refuseElsewhere(state, wish, there);
  const host = wish.host ?? there?.host;
  if (there !== undefined) return { hypervisor: there.hypervisor, host };
  return { hypervisor: chooseHypervisor(wish), host };
}

/** Of a lab that is to come up: a second run needs no more to be said than the first. */
export async function whereToMake(state: State, wish: Wish, topology: Hypervisor | undefined): Promise<Where> {
  const there = await lookUp(state);
  refuseElsewhere(state, wish, there);
  const host = wish.host ?? there?.host;
  return { hypervisor: chooseHypervisor({ ...wish, ...(host && { host }) }, topology), host };
}

/** What state there is says; undefined if there is none. */
async function lookUp(state: State): Promise<Where | undefined> {
  const [host, design] = await Promise.all([readHost(state), readDesign(state).catch(() => undefined)]);
  if (host !== undefined) return { hypervisor: "vm-bhyve", host };
  return design === undefined ? undefined : { hypervisor: design.plan.hypervisor };
}

function refuseElsewhere(state: State, wish: Wish, there: Where | undefined): void {
  if (wish.host === undefined || there === undefined || there.host?.text === wish.host.text) return;
  throw new UsageError({
    code: "E_ELSEWHERE",
    message: `the lab in ${state.directory} is on ${there.host?.text ?? "this machine"}, not on ${wish.host.text}`,
    hint: "leave --host (and LAB_HOST) out, lab down it first, or --name OTHER for another lab",
  });
}
