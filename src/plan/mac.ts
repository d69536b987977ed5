/** MAC addresses and what follows from them: derived ones are stable across machines and unique within the lab. */
import { keyOf } from "./end.ts";
import type { End } from "./model.ts";
import type { Topology } from "../topology/topology.ts";
import { hashText, takeFree } from "./hash.ts";

/** The FreeBSD Foundation's prefix for bhyve, which vm-bhyve uses too. */
const prefix = "58:9c:fc";

/** A MAC for every end: the given one, else 24 bits of a hash of lab, node and interface. */
export function assignMacs(topology: Topology, lab: string, ends: readonly End[]): ReadonlyMap<string, string> {
  const given = new Map(
    topology.nodes.flatMap(({ name, macs }) =>
      Object.entries(macs).map(([port, mac]) => [keyOf({ node: name, interface: port }), mac]),
    ),
  );
  const taken = new Set(given.values());
  return new Map(
    ends.map((end) => {
      const key = keyOf(end);
      return [key, given.get(key) ?? takeFree(taken, `${lab}/${end.node}/${end.interface}`, deriveMac)];
    }),
  );
}

function deriveMac(text: string): string {
  const low = hashText(text) >>> 8;
  return [prefix, ...[16, 8, 0].map((shift) => hexByte((low >>> shift) & 255))].join(":");
}

/** Gateway MAC of a VLAN, the same on every leaf: VRRP's prefix (RFC 5798) and the VLAN id's low byte, as in the reference. */
export function gatewayMacOf(vlanId: number): string {
  return `00:00:5e:00:01:${hexByte(vlanId & 255)}`;
}

/**
 * The link-local address made from a MAC by modified EUI-64 (RFC 4291, appendix A), in the spelling of the kernel and of
 * FRR (RFC 5952): 58:9c:fc:00:5e:43 → fe80::5a9c:fcff:fe00:5e43.
 */
export function linkLocalOf(mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac.split(":").map((byte) => Number.parseInt(byte, 16));
  const groups = [(a ^ 2) * 256 + b, c * 256 + 0xff, 0xfe00 + d, e * 256 + f];
  // A first group of zero joins the run of zeros that `::` stands for.
  return `fe80::${(groups[0] === 0 ? groups.slice(1) : groups).map((group) => group.toString(16)).join(":")}`;
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
