/** IPv4 blocks that no part of a fabric may use (RFC 6890). */
import { overlaps, subnetOf, type Subnet } from "./ipv4.ts";

const blocks: readonly (readonly [string, string])[] = [
  ["0.0.0.0/8", "0.0.0.0/8 means this network"],
  ["127.0.0.0/8", "127.0.0.0/8 is every host's own loopback"],
  ["169.254.0.0/16", "169.254.0.0/16 is link-local"],
  ["224.0.0.0/4", "224.0.0.0/4 is multicast"],
  ["240.0.0.0/4", "240.0.0.0/4 is reserved"],
];

/** Why a subnet cannot be used at all. */
export function faultOfBlock(subnet: Subnet): string | undefined {
  return blocks.find(([block]) => overlaps(subnet, subnetOf(block)))?.[1];
}
