/** Judges of rows 6 and 7: sessions, BFD, and routes in bgpd, zebra's VNIs and the kernel. Sets, never order. */
import type { NextHop, PlannedPeer } from "./model.ts";
import { count } from "../count.ts";
import { bad, good, type Judge, listNames, lookAt, ofOne, unless, withRead } from "./finding.ts";
import { type BgpNeighbor, readBfd, readNeighbors, readPaths, readSessions, readVteps } from "./read-frr.ts";
import { hopsOf, type KernelHop, readRoutes } from "./read-ip.ts";

/** `swp5 (leaf03)` */
function named(peer: PlannedPeer): string {
  return `${peer.peer} (${peer.node})`;
}

function peerNames(peers: readonly PlannedPeer[]): string {
  return listNames(peers.map(({ peer }) => peer));
}

export const judgeSessions = ofOne<"sessions">(({ peers }, reply, check) => {
  const expected = `${count(peers.length, "session")}: ${peerNames(peers)}`;
  return withRead(readSessions(reply), expected, (sessions) => {
    const missing = peers.flatMap((peer) => {
      const session = sessions.get(peer.peer);
      if (session === undefined) return [`${named(peer)} is not configured`];
      if (session.state !== "Established") return [`${named(peer)} is ${session.state}`];
      return session.remoteAs === peer.remoteAsn ? [] : [`${named(peer)} is AS ${session.remoteAs}`];
    });
    const up = `${peers.length - missing.length} of ${count(peers.length, "session")} up`;
    const hint = lookAt(check.node, "vtysh", "-c", "show bgp summary");
    return missing.length === 0 ? good(expected, up) : bad(expected, `${up}; ${missing.join("; ")}`, hint);
  });
});

export const judgePort = ofOne<"port">(({ peer, prefixes }, reply, check) => {
  const wanted = count(prefixes, "prefix", "prefixes");
  const expected = `${named(peer)} AS ${peer.remoteAsn} Established, ${wanted} accepted`;
  return withRead(readNeighbors(reply), expected, (neighbors) => {
    const neighbor = neighbors.get(peer.peer);
    const complaints =
      neighbor === undefined ? [`no neighbor ${named(peer)}`] : complaintsOfPort(neighbor, peer, prefixes);
    return unless(complaints, expected, expected, lookAt(check.node, "vtysh", "-c", `show bgp neighbors ${peer.peer}`));
  });
});

function complaintsOfPort(neighbor: BgpNeighbor, peer: PlannedPeer, prefixes: number): readonly string[] {
  if (neighbor.bgpState !== "Established") return [`${named(peer)} is ${neighbor.bgpState}`];
  const accepted = neighbor.addressFamilyInfo?.ipv4Unicast?.acceptedPrefixCounter ?? 0;
  return [
    ...(neighbor.remoteAs === peer.remoteAsn ? [] : [`${named(peer)} is AS ${neighbor.remoteAs}`]),
    ...(accepted === prefixes ? [] : [`${count(accepted, "prefix", "prefixes")} accepted from ${named(peer)}`]),
  ];
}

export const judgeBfd = ofOne<"bfd">(({ peers }, reply, check) => {
  const expected = `BFD up: ${peerNames(peers)}`;
  return withRead(readBfd(reply), expected, (sessions) => {
    const complaints = peers.flatMap((peer) => {
      const session = sessions.find((candidate) => (candidate.interface ?? candidate.peer) === peer.peer);
      if (session === undefined) return [`none with ${named(peer)}`];
      return session.status === "up"
        ? []
        : [`${named(peer)} is ${session.status} (${session.diagnostic ?? "no reason"})`];
    });
    return unless(complaints, expected, expected, lookAt(check.node, "vtysh", "-c", "show bfd peers"));
  });
});

export const judgeNextHops = ofOne<"nextHops">(({ prefix, hops }, reply, check) => {
  const expected = `${count(hops.length, "next hop")}: ${listNames(hops.map(({ device }) => device))}`;
  return withRead(readRoutes(reply), expected, (routes) => {
    const present = hopsOf(routes, prefix);
    const complaints = complaintsOfHops(hops, present);
    const seen = `${count(present.length, "next hop")}: ${listNames(present.map(({ device }) => device))}`;
    const hint = lookAt(check.node, "ip", "route", "show", prefix);
    return complaints.length === 0 ? good(expected, seen) : bad(expected, `${seen}; ${complaints.join("; ")}`, hint);
  });
});

function complaintsOfHops(hops: readonly NextHop[], present: readonly KernelHop[]): readonly string[] {
  const missing = hops.filter(({ device }) => !present.some((hop) => hop.device === device));
  const wrong = hops.flatMap(({ device, via, node }) => {
    const hop = present.find((candidate) => candidate.device === device);
    return hop?.via === undefined || hop.via === via ? [] : [`${device} goes to ${hop.via}, not ${via} (${node})`];
  });
  const foreign = present.filter(({ device }) => !hops.some((hop) => hop.device === device));
  return [
    ...(missing.length === 0 ? [] : [`missing ${missing.map((hop) => `${hop.device} (${hop.node})`).join(" ")}`]),
    ...wrong,
    ...(foreign.length === 0 ? [] : [`unplanned ${listNames(foreign.map(({ device }) => device))}`]),
  ];
}

export const judgePaths = ofOne<"paths">(({ prefix, peers }, reply, check) => {
  const expected = `${count(peers.length, "path")} in use: ${peerNames(peers)}`;
  return withRead(readPaths(reply), expected, (paths) => {
    const used = paths.filter((path) => path.used).map((path) => path.peer);
    const missing = peers.filter(({ peer }) => !used.includes(peer));
    const foreign = used.filter((name) => !peers.some(({ peer }) => peer === name));
    const complaints = [
      ...(missing.length === 0 ? [] : [`missing ${missing.map(named).join(" ")}`]),
      ...(foreign.length === 0 ? [] : [`unplanned ${listNames(foreign)}`]),
    ];
    const seen = `${count(used.length, "path")} in use: ${listNames(used)}`;
    const hint = lookAt(check.node, "vtysh", "-c", `show bgp ipv4 unicast ${prefix}`);
    return complaints.length === 0 ? good(expected, seen) : bad(expected, `${seen}; ${complaints.join("; ")}`, hint);
  });
});

export const judgeVteps = ofOne<"vteps">(({ vni, remotes }, reply, check) => {
  const expected = `VNI ${vni} with ${remotes.length === 0 ? "no other leaf" : remotes.map(({ node }) => node).join(" ")}`;
  return withRead(readVteps(reply), expected, (vteps) => {
    const present = vteps.get(String(vni));
    if (present === undefined)
      return bad(expected, `no VNI ${vni}`, lookAt(check.node, "vtysh", "-c", "show evpn vni"));
    const missing = remotes.filter(({ address }) => !present.includes(address));
    const foreign = present.filter((address) => !remotes.some((remote) => remote.address === address));
    const complaints = [
      ...missing.map(({ node, address }) => `no tunnel to ${node} (${address})`),
      ...foreign.map((address) => `unplanned tunnel to ${address}`),
    ];
    return unless(complaints, expected, expected, lookAt(check.node, "vtysh", "-c", `show evpn vni ${vni}`));
  });
});

export const judgeReturnPath: Judge<"returnPath"> = ofOne(({ device, gateway }, reply, check) => {
  const expected = `default via ${gateway} dev ${device}, no BGP route`;
  return withRead(readRoutes(reply), expected, (routes) => {
    const defaults = hopsOf(routes, "default");
    const right = defaults.length === 1 && defaults[0]?.device === device && defaults[0].via === gateway;
    const learned = routes.filter(({ protocol }) => protocol === "bgp").map(({ dst }) => dst);
    const complaints = [
      ...(right ? [] : [`default ${listNames(defaults.map((hop) => `via ${hop.via} dev ${hop.device}`))}`]),
      ...(learned.length === 0 ? [] : [`BGP routes in the kernel: ${listNames(learned)}`]),
    ];
    return unless(complaints, expected, expected, lookAt(check.node, "ip", "route"));
  });
});
