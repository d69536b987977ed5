/** What `ifconfig -a` and `netstat` of FreeBSD print, in the shape of `ip -j` and of `ss`. */
import type { KernelRoute, Link } from "./read-ip.ts";

/** The bridge of a switch with a long name is called by the kernel, and says in its description whose it is. */
const switchDescription = /^\s+description: vm\/(\S+)$/m;

export function linksFromIfconfig(text: string): readonly Link[] {
  return text
    .split(/\n(?=\S)/)
    .filter((block) => /^\S+: flags=/.test(block))
    .map(readInterface);
}

function readInterface(block: string): Link {
  const [, name = "", words = "", mtu = "0"] = /^(\S+): flags=\w+<([^>]*)>.* mtu (\d+)/.exec(block) ?? [];
  const flags = words.split(",").filter((flag) => flag !== "LOWER_UP");
  const address = /^\s+ether (\S+)/m.exec(block)?.[1];
  const described = switchDescription.exec(block)?.[1];
  const up = works(flags, block);
  return {
    ifname: described === undefined ? name : `vm-${described}`,
    flags: up ? [...flags, "LOWER_UP"] : flags,
    mtu: Number(mtu),
    operstate: up ? "UP" : "DOWN",
    ...(address !== undefined && { address }),
    addr_info: [...ipv4(block), ...ipv6(block)],
  };
}

/** Before 15 there is no LOWER_UP: an interface runs, unless its medium says otherwise. */
function works(flags: readonly string[], block: string): boolean {
  return flags.includes("UP") && flags.includes("RUNNING") && !/^\s+status: no carrier/m.test(block);
}

function ipv4(block: string): Link["addr_info"] {
  return [...block.matchAll(/^\s+inet (\d[\d.]*) .*netmask 0x([0-9a-f]{8})/gm)].map(([, local = "", mask = ""]) => ({
    family: "inet",
    local,
    prefixlen: Number.parseInt(mask, 16).toString(2).replaceAll("0", "").length,
  }));
}

/** `inet6 fe80::5a9c:fcff:fe00:5e43%em0 prefixlen 64 scopeid 0x1` */
function ipv6(block: string): Link["addr_info"] {
  return [...block.matchAll(/^\s+inet6 ([0-9a-f:]+)(?:%\S+)? prefixlen (\d+)/gm)].map(
    ([, local = "", length = ""]) => ({ family: "inet6", local, prefixlen: Number(length) }),
  );
}

/** A routing daemon marks its routes with RTF_PROTO1, which is shown as `1`. */
export function routesFromNetstat(text: string): readonly KernelRoute[] {
  return text.split("\n").flatMap((line): KernelRoute[] => {
    const [, dst, gateway = "", flags = "", dev] = /^(default|\d[\d./]*)\s+(\S+)\s+(\w+)\s+(\S+)/.exec(line) ?? [];
    if (dst === undefined || dev === undefined) return [];
    return [
      {
        dst,
        dev,
        ...(flags.includes("G") && { gateway: gateway.replace(/%.*$/, "") }),
        ...(flags.includes("1") && { protocol: "bgp" }),
      },
    ];
  });
}

/** Lines of `ss -H -t -n` for the connections from one address: `tcp4 0 0 172.20.0.1.80 192.168.10.10.41002 TIME_WAIT`. */
export function connectionsFromNetstat(text: string, from: string): string {
  const lines = [...text.matchAll(/^tcp4\s+(\d+)\s+(\d+)\s+(\S+)\.(\w+|\*)\s+(\S+)\.(\w+|\*)\s+(\w+)/gm)];
  return lines
    .filter(([, , , address]) => address === from)
    .map(([, received, sent, address, port, peer, peerPort, state = ""]) => {
      const name = state === "ESTABLISHED" ? "ESTAB" : state.replaceAll("_", "-");
      return `${name} ${received} ${sent} ${address}:${port} ${peer}:${peerPort}\n`;
    })
    .join("");
}
