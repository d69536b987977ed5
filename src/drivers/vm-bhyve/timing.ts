/** How long things may take on the hypervisor, in milliseconds. */
export interface Timing {
  /** An image to be copied for a guest. */
  readonly copyMs: number;
  /** A guest to run after `vm start` has returned. */
  readonly startMs: number;
  /** A guest that runs must go on for this long: a conf that bhyve refuses ends it at once. */
  readonly steadyMs: number;
  /** A guest to boot until it asks for a login on its console, and that to be done. */
  readonly loginMs: number;
  /** A guest to shut down by itself after the power button. */
  readonly stopMs: number;
  /** A guest to be gone once its power is off. */
  readonly goneMs: number;
}

export const usualTiming: Timing = {
  copyMs: 1_800_000,
  startMs: 90_000,
  steadyMs: 300,
  loginMs: 600_000,
  stopMs: 45_000,
  goneMs: 10_000,
};
