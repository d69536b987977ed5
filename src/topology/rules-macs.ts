/** Fixed MAC addresses: of ports that exist, for one card each. */
import { keyOf } from "./end.ts";
import type { Mistake } from "./mistake.ts";
import type { Rule } from "./subject.ts";
import { faultOfPort, kindOf } from "./rules-ports.ts";

/** VRRP's range (RFC 9568); the gateways on the leaves take theirs from it. */
const gatewayRange = "00:00:5e:00:01:";

const portsExist: Rule = ({ topology }) =>
  topology.nodes.flatMap((node) =>
    Object.keys(node.macs).flatMap((port): readonly Mistake[] => {
      const kind = kindOf(node);
      if (kind === undefined || port === kind.ports.management) return [];
      const fault = faultOfPort(node, kind, port);
      return fault === undefined ? [] : [{ path: ["nodes", node.name, "macs", port], at: "key", ...fault }];
    }),
  );

const addressesAreUsable: Rule = ({ topology }) =>
  topology.nodes.flatMap((node) =>
    Object.entries(node.macs).flatMap(([port, mac]): readonly Mistake[] => {
      const fault = faultOfCard(mac);
      if (fault === undefined) return [];
      const hint = "Take one that begins with 58:9c:fc, as bhyve does, or leave it out";
      return [{ path: ["nodes", node.name, "macs", port], message: `${mac} ${fault}`, hint }];
    }),
  );

function faultOfCard(mac: string): string | undefined {
  if (mac === "00:00:00:00:00:00") return "is no address at all";
  if (Number.parseInt(mac.slice(0, 2), 16) % 2 === 1) return "is a multicast address";
  return mac.startsWith(gatewayRange) ? "is in the range of the gateways" : undefined;
}

const addressesDiffer: Rule = ({ topology }) => {
  const owners = new Map<string, string>();
  return topology.nodes.flatMap((node) =>
    Object.entries(node.macs).flatMap(([port, mac]): readonly Mistake[] => {
      const owner = owners.get(mac);
      const own = keyOf({ node: node.name, interface: port });
      owners.set(mac, owner ?? own);
      if (owner === undefined) return [];
      const message = `${own} has the MAC address of ${owner}`;
      return [{ path: ["nodes", node.name, "macs", port], message, hint: "Change one, or leave both out" }];
    }),
  );
};

/** The rules of this file, in the order they are told. */
export const macRules: readonly Rule[] = [portsExist, addressesAreUsable, addressesDiffer];
