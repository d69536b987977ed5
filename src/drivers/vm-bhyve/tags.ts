/**
 * The 20-bit tags by which vm-bhyve finds the bridge of a switch (contract, section 3). Two names with one tag share one
 * bridge silently, so they are compared before anything is made. Within a lab the plan's names are apart already.
 */
import { bridgeTag } from "../../plan/names.ts";

/** First five hex digits of the name's MD5. */
export const tagOf = bridgeTag;

/** The interface group that carries the tag; FreeBSD's group names may not end in a digit, hence the `@`. */
export function tagGroup(name: string): string {
  return `viid-${tagOf(name)}@`;
}

/** Pairs of one of ours and another name, of ours or of others, that have the same tag. */
export function tagCollisions(
  ours: readonly string[],
  others: readonly string[],
): readonly (readonly [string, string])[] {
  const seen = new Map(others.map((name) => [tagOf(name), name]));
  return ours.flatMap((name) => {
    const other = seen.get(tagOf(name));
    seen.set(tagOf(name), name);
    return other === undefined || other === name ? [] : [[name, other] as const];
  });
}

/** The part of a switch's name before its first hyphen, which sysrc 7.3 takes for the key (freebsd/vm-bhyve#141). */
export function stemOf(name: string): string {
  return name.split("-", 1)[0] ?? name;
}
