/** The world as far as a service needs it; tests make their own. */
import type { Check, Service } from "../config/service.ts";
import type { Interfaces } from "../interface/interfaces.ts";
import type { Mode, Phase } from "../machine/state.ts";
import type { Checked } from "../probes/run.ts";
import type { Log } from "./log.ts";

/** From one phase into another. */
export interface Moved {
  readonly from: Phase;
  readonly to: Phase;
  readonly reason: string;
}

export interface World {
  readonly interfaces: Interfaces;
  readonly log: Log;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly chance: () => number;
  readonly runCheck: (check: Check, timeoutMs: number) => Promise<Checked>;
  readonly readMode: (file: string) => Mode;
  /** Calls back ten times a second, all services from one timer, until the returned function is called. */
  readonly onBeat: (callback: () => void) => () => void;
  /** Whoever wants to hear of transitions; not waited for. */
  readonly tell: (service: Service, moved: Moved) => void;
}
