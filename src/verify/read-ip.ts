/** What `ip -j address` and `ip -j route` print (iproute2 5.x and 6.x). */
import { z } from "zod";
import type { Reply } from "./model.ts";
import { type Read, readJson } from "./read-json.ts";

const link = z.object({
  ifname: z.string(),
  flags: z.array(z.string()),
  mtu: z.number(),
  operstate: z.string(),
  address: z.string().optional(),
  addr_info: z.array(
    z.object({ family: z.string(), local: z.string().optional(), prefixlen: z.number(), scope: z.string().optional() }),
  ),
});

/** One device with its addresses. */
export type Link = z.infer<typeof link>;

/** `ip -j address show`. */
export function readLinks(reply: Reply): Read<readonly Link[]> {
  return readJson(reply, z.array(link));
}

/** Usable: administratively up with carrier. Loopbacks and bridges without ports report UNKNOWN while they work. */
export function isUp(candidate: Link): boolean {
  return candidate.flags.includes("LOWER_UP") && (candidate.operstate === "UP" || candidate.operstate === "UNKNOWN");
}

/** With prefix length, in the kernel's order. */
export function addressesOf(candidate: Link, family: "inet" | "inet6"): readonly string[] {
  return candidate.addr_info
    .filter((info) => info.family === family && info.local !== undefined)
    .map((info) => `${info.local}/${info.prefixlen}`);
}

const hop = z.object({
  dev: z.string().optional(),
  gateway: z.string().optional(),
  via: z.object({ host: z.string() }).optional(),
  flags: z.array(z.string()).optional(),
});

const route = hop.extend({
  dst: z.string(),
  protocol: z.string().optional(),
  nexthops: z.array(hop).optional(),
});

/** One route; of several next hops each is in `nexthops`, of one it is the route itself. */
export type KernelRoute = z.infer<typeof route>;

/** `ip -j route show`. */
export function readRoutes(reply: Reply): Read<readonly KernelRoute[]> {
  return readJson(reply, z.array(route));
}

/** One next hop of a kernel's route; its address, or `directly` where there is none. */
export interface KernelHop {
  readonly device: string;
  /** Undefined for FRR's old spelling of an IPv6 next hop (169.254.0.1 onlink), which does not say whose it is. */
  readonly via: string | undefined;
}

/** Next hops of a host route; several, or a single one on the route itself. The kernel prints /32 without its length. */
export function hopsOf(routes: readonly KernelRoute[], prefix: string): readonly KernelHop[] {
  const bare = prefix.replace(/\/32$/, "");
  const found = routes.find(({ dst }) => dst === bare || dst === prefix);
  if (found === undefined) return [];
  return (found.nexthops ?? [found])
    .filter(({ flags }) => !(flags ?? []).some((flag) => flag === "dead" || flag === "linkdown"))
    .map(({ dev, gateway, via }) => ({
      device: dev ?? "no device",
      via: gateway === "169.254.0.1" ? undefined : (via?.host ?? gateway ?? "directly"),
    }));
}
