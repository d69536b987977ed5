/** One lab at hand: where its state is and how its hypervisor is driven. */
import type { Driver } from "../drivers/driver.ts";
import type { Hypervisor } from "../kinds/kind.ts";
import type { Clock } from "../system/clock.ts";
import type { HostUrl } from "../remote/hypervisor/url.ts";
import type { Exec } from "../system/exec.ts";
import { type Journal, openJournal } from "./journal.ts";
import type { News } from "./news.ts";
import { locateState, type State } from "./state.ts";

/** What the command line hands to every flow; nothing else of the outside is used. */
export interface World {
  readonly exec: Exec;
  readonly clock: Clock;
  /** Directory of all labs' state. */
  readonly stateRoot: string;
  /** Directory of playbooks. */
  readonly playbooks: string;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** The driver of one lab; `host` where the hypervisor is another machine. */
  readonly driverOf: (hypervisor: Hypervisor, state: State, host?: HostUrl) => Promise<Driver>;
  /** Hears what happens beside the work. */
  readonly news?: News;
  /** Makes sure that the images of guests are there. */
  readonly ensureImages: (onProgress: (percent: number, doing: string) => void) => Promise<void>;
}

export interface Lab {
  readonly name: string;
  readonly world: World;
  readonly state: State;
  readonly driver: Driver;
  readonly journal: Journal;
  /** The hypervisor, where it is another machine. */
  readonly host?: HostUrl;
}

export async function findLab(world: World, name: string, hypervisor: Hypervisor, host?: HostUrl): Promise<Lab> {
  const state = locateState(world.stateRoot, name);
  return {
    name,
    world,
    state,
    driver: await world.driverOf(hypervisor, state, host),
    journal: openJournal(state.journal, world.clock),
    ...(host !== undefined && { host }),
  };
}
