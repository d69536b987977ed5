/**
 * What is said to a running FRR during a change, apart from its files: how a server steps back, how a port is given up. A
 * reload of the files takes all of it back.
 */
import type { Argv } from "../kinds/kind.ts";
import { line } from "./line.ts";

/**
 * A server lengthens its path by its own AS number: its leaf and all above it prefer others, and still deliver what comes
 * this way. One time is right: the leaf's own path stays shorter than the way round by a spine, so nothing goes in circles.
 */
export function stepBack(asn: number, prefixes: readonly string[]): Argv {
  return vtysh([
    ...prefixes.map((prefix, index) => line`ip prefix-list LEAVING seq ${(index + 1) * 5} permit ${prefix}`),
    "route-map LEAVING permit 10",
    "match ip address prefix-list LEAVING",
    line`set as-path prepend ${asn}`,
    "exit",
    "route-map LEAVING permit 20",
    "match ip address prefix-list VIP",
    "exit",
    line`router bgp ${asn}`,
    "address-family ipv4 unicast",
    "neighbor leaf route-map LEAVING out",
  ]);
}

/**
 * Ports that are about to be pulled out for good. zebra 10.3 does not stop advertising on an interface that goes, and dies
 * within a second of being told to forget it (FRRouting/frr#22881): it must stop while the interface is there.
 */
export function shutPorts(ports: readonly string[]): Argv {
  return vtysh(ports.flatMap((port) => [line`interface ${port}`, "shutdown", "exit"]));
}

function vtysh(lines: readonly string[]): Argv {
  return ["vtysh", ...["configure", ...lines].flatMap((text) => ["-c", text])];
}
