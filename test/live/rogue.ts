/** A server that plays router and DHCP server in its VLAN, and what a neighbour behind another leaf hears of it. */
import { on } from "./hostile-server.ts";
import { until } from "./lab.ts";

/** The control packet comes last and from a port that nothing guards: once it is heard, all before it would have been. */
const controlPort = 4000;

const script = `
import socket
ra = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
ra.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"em0")
ra.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
ra.sendto(bytes([134, 0, 0, 0, 64, 0, 7, 8]) + bytes(8), ("ff02::1", 0))
for port in (67, ${controlPort}):
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for option in (socket.SO_REUSEADDR, socket.SO_BROADCAST):
        udp.setsockopt(socket.SOL_SOCKET, option, 1)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"em0")
    udp.bind(("", port))
    udp.sendto(b"rogue", ("255.255.255.255", 68))
`;

function heard(): string {
  return on("server02", "cat /tmp/heard");
}

/** Sends both from server01 and tells which of them reached server02. */
export async function hearRogue(): Promise<readonly string[]> {
  const mac = on("server01", "cat /sys/class/net/em0/address").trim();
  const filter = `ether src ${mac} and (icmp6 or udp dst port 68)`;
  on("server02", `(timeout 30 tcpdump -l -n --immediate-mode -i em0 '${filter}' > /tmp/heard 2>&1 &)`);
  await until(() => heard().includes("listening on"), 10_000, "tcpdump on server02");
  on("server01", `python3 -c '${script}'`);
  await until(() => heard().includes(`.${controlPort} > `), 10_000, "the control packet at server02");
  const text = heard();
  on("server02", "kill $(pidof tcpdump)");
  return [
    ...(text.includes("router advertisement") ? ["router advertisement"] : []),
    ...(text.includes(".67 > ") ? ["DHCP answer"] : []),
  ];
}
