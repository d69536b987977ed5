/** Judges of row 12: what the leaf's bgpd says of a server's session, and the nftables guard in its kernel. */
import { bad, type Judge, listNames, lookAt, unjudged, unless, withRead } from "./finding.ts";
import type { Guards, PlannedPeer, Reply } from "./model.ts";
import { type BgpNeighbor, type NeighborFamily, readNeighbors, readPeerGroup } from "./read-frr.ts";
import { excerpt } from "./read-json.ts";
import { readDrops } from "./read-nft.ts";

const guardHint = "the playbook sets these rails; run lab up again";

export const judgeGuards: Judge<"guards"> = ({ peer, ...guards }, [neighborReply, groupReply]) => {
  const expected = describe(guards, peer);
  if (neighborReply === undefined) return bad(expected, "nothing was asked");
  return withRead(readNeighbors(neighborReply), expected, (neighbors) => {
    const neighbor = neighbors.get(peer.peer);
    const family = neighbor?.addressFamilyInfo?.ipv4Unicast;
    const name = `${peer.peer} (${peer.node})`;
    if (neighbor === undefined || family === undefined) {
      return bad(expected, `no neighbor ${name} in ipv4 unicast`, guardHint);
    }
    const complaints = [
      missing("prefix-list in", guards.prefixListIn, family.incomingUpdatePrefixFilterList),
      missing("route-map in", guards.routeMapIn, family.routeMapForIncomingAdvertisements),
      missing("prefix-list out", guards.prefixListOut, family.outgoingUpdatePrefixFilterList),
      complaintsOfAlarm(guards.alarm, family),
      complaintsOfFamilies(neighbor),
      neighbor.peerGroup === guards.group ? [] : [`not in peer-group ${guards.group}`],
      groupReply === undefined ? [] : complaintsOfGroup(guards.group, peer, groupReply),
    ].flat();
    return unless(complaints, expected, expected, guardHint);
  });
};

function describe({ prefixListIn, prefixListOut, routeMapIn, alarm }: Guards, { remoteAsn }: PlannedPeer): string {
  return [
    `prefix-list ${prefixListIn} in`,
    ...(routeMapIn === undefined ? [] : [`route-map ${routeMapIn} in`]),
    `prefix-list ${prefixListOut} out`,
    ...(alarm === undefined ? [] : [`hangs up after ${alarm.prefixes} prefixes`]),
    `AS ${remoteAsn} alone`,
    "ipv4 unicast alone",
  ].join(", ");
}

/** FRR leaves the key out where no filter is set. A filter that names an undefined list accepts nothing: see `port`. */
function missing(what: string, wanted: string | undefined, present: string | undefined): readonly string[] {
  if (wanted === undefined || present === wanted) return [];
  return [present === undefined ? `no ${what}` : `${what} is ${present}`];
}

/** Without the copy that soft reconfiguration keeps, `force` counts nothing (facts from FRR's bgp_route.c). */
function complaintsOfAlarm(alarm: Guards["alarm"], family: NeighborFamily): readonly string[] {
  if (alarm === undefined) return [];
  const { prefixAllowedMax: most, prefixAllowedRestartIntervalMsecs: restart = 0 } = family;
  const copy = family.inboundSoftConfigPermit === true ? [] : ["no soft-reconfiguration inbound"];
  if (most === undefined) return ["no maximum-prefix", ...copy];
  return [
    ...(most === alarm.prefixes ? [] : [`maximum-prefix is ${most}`]),
    ...(family.prefixAllowedMaxWarning === true ? ["maximum-prefix only warns"] : []),
    ...(family.prefixAllowedMaxWarning === true || restart === alarm.restartMinutes * 60_000
      ? []
      : [`maximum-prefix restarts after ${restart / 1000} s`]),
    ...copy,
  ];
}

function complaintsOfFamilies({ addressFamilyInfo }: BgpNeighbor): readonly string[] {
  const others = Object.keys(addressFamilyInfo ?? {}).filter((family) => family !== "ipv4Unicast");
  return others.length === 0 ? [] : [`${listNames(others)} is activated`];
}

/** An established session of a group with `remote-as external` looks the same; only the group tells, by AS 0. */
function complaintsOfGroup(group: string, { remoteAsn }: PlannedPeer, reply: Reply): readonly string[] {
  const read = readPeerGroup(reply, group);
  if ("problem" in read) return [read.problem];
  if (read.value === remoteAsn) return [];
  return [read.value === 0 ? "any AS may connect" : `AS ${read.value} may connect`];
}

/** A kernel without the bridge family cannot hold the guard, and the playbook has said so: skipped, not failed. */
export const judgeServerGuard: Judge<"serverGuard"> = ({ ports }, [table, family], check) => {
  const expected = `no router advertisement and no DHCP answer from ${listNames(ports)}`;
  if (table === undefined || family === undefined) return bad(expected, "nothing was asked");
  const hint = lookAt(check.node, "nft", "list", "table", "bridge", "srvguard");
  if (table.exitCode === 0) {
    return withRead(readDrops(table), expected, (drops) => {
      const complaints = ports.flatMap((port) => [
        ...(drops.has(`${port} nd-router-advert`) ? [] : [`${port} lets router advertisements through`]),
        ...(drops.has(`${port} 67`) ? [] : [`${port} lets DHCP answers through`]),
        ...(drops.has(`${port} 547`) ? [] : [`${port} lets DHCPv6 answers through`]),
      ]);
      return unless(complaints, expected, expected, hint);
    });
  }
  if (family.exitCode === 127) return unjudged(expected, `${check.node} has no nft`);
  if (family.exitCode !== 0)
    return unjudged(expected, `no nftables bridge family in this kernel: ${firstLine(family)}`);
  return bad(expected, `not loaded: ${excerpt(table)}`, guardHint);
};

function firstLine({ stdout, stderr }: Reply): string {
  return (stderr.trim() === "" ? stdout : stderr).trim().split("\n")[0] ?? "";
}
