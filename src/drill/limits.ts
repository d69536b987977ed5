/** How long routers may take to turn away from what is gone, from the fabric's own timers. Milliseconds. */
import type { Plan } from "../plan/model.ts";

/**
 * For FRR to pass a change on through three tiers. On an idle machine that takes 0.2 s (127 ms at the leaf, 50 ms for
 * each tier above); the rest is for machines that are busy.
 */
const passOnMs = 800;

/** Somebody says so: a withdrawal, a reset connection, a port without carrier. */
export function toldMs(): number {
  return passOnMs;
}

/** Nobody says so, and BFD finds out (RFC 5880, section 6.8.4: multiplier × interval). */
export function bfdMs({ timers: { bfd } }: Plan): number {
  return bfd.multiplier * Math.max(bfd.transmitMs, bfd.receiveMs) + passOnMs;
}

/** Not even BFD finds out, and the hold timer ends the session (RFC 4271, section 6.5). */
export function holdMs({ timers }: Plan): number {
  return timers.holdS * 1000 + passOnMs;
}

/**
 * Linux tells of carriers that go at most once a second, several at a time (net/core/link_watch.c), and on netns all ports
 * have one kernel.
 */
const carrierMs = 1000;

/** A cable: on netns both ends see the carrier go; a switch of vm-bhyve keeps it up at the other end. */
export function cableMs(plan: Plan, otherwise: (plan: Plan) => number): number {
  return plan.hypervisor === "netns" ? carrierMs + toldMs() : otherwise(plan);
}
