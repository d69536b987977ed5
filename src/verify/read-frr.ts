/** What vtysh prints as JSON. Shapes seen on FRR 10.3; keys that 8.4 spells otherwise are accepted in both spellings. */
import { z } from "zod";
import type { Reply } from "./model.ts";
import { type Read, readJson } from "./read-json.ts";

const session = z.object({
  remoteAs: z.number(),
  state: z.string(),
  /** Prefixes accepted, after filters. */
  pfxRcd: z.number().optional(),
});

/** One line of a summary. */
export type Session = z.infer<typeof session>;

/** `show bgp <family> summary json`: sessions by peer. Without any neighbor FRR prints `{}`. */
export function readSessions(reply: Reply): Read<ReadonlyMap<string, Session>> {
  const read = readJson(reply, z.object({ peers: z.record(z.string(), session).optional() }));
  return "problem" in read ? read : { value: new Map(Object.entries(read.value.peers ?? {})) };
}

const family = z.object({
  acceptedPrefixCounter: z.number().optional(),
  incomingUpdatePrefixFilterList: z.string().optional(),
  outgoingUpdatePrefixFilterList: z.string().optional(),
  routeMapForIncomingAdvertisements: z.string().optional(),
  inboundSoftConfigPermit: z.boolean().optional(),
  /** `maximum-prefix`; whether it is forced is not told. */
  prefixAllowedMax: z.number().optional(),
  prefixAllowedMaxWarning: z.boolean().optional(),
  prefixAllowedRestartIntervalMsecs: z.number().optional(),
});

export type NeighborFamily = z.infer<typeof family>;

const neighbor = z.object({
  remoteAs: z.number(),
  bgpState: z.string(),
  peerGroup: z.string().optional(),
  /** A key for every family that is activated. */
  addressFamilyInfo: z.looseObject({ ipv4Unicast: family.optional() }).optional(),
});

/** State, filters and counters of one neighbor; FRR leaves out what is not set. */
export type BgpNeighbor = z.infer<typeof neighbor>;

/** `show bgp neighbors json`: by interface, or by address on numbered links. Entries that are no neighbor are left out. */
export function readNeighbors(reply: Reply): Read<ReadonlyMap<string, BgpNeighbor>> {
  const read = readJson(reply, z.record(z.string(), z.unknown()));
  if ("problem" in read) return read;
  const known = Object.entries(read.value).flatMap(([name, value]): [string, BgpNeighbor][] => {
    const parsed = neighbor.safeParse(value);
    return parsed.success ? [[name, parsed.data]] : [];
  });
  return { value: new Map(known) };
}

/** `show bgp peer-group NAME json`: the AS its members must have, 0 where any other than our own may connect. */
export function readPeerGroup(reply: Reply, name: string): Read<number> {
  const read = readJson(reply, z.record(z.string(), z.object({ remoteAs: z.number() })));
  if ("problem" in read) return read;
  const group = read.value[name];
  return group === undefined ? { problem: `no peer-group ${name}` } : { value: group.remoteAs };
}

const bfdPeer = z.object({
  peer: z.string(),
  interface: z.string().optional(),
  status: z.string(),
  diagnostic: z.string().optional(),
});

/** One BFD session; `interface` is there on unnumbered links. */
export type BfdPeer = z.infer<typeof bfdPeer>;

/** `show bfd peers json`. */
export function readBfd(reply: Reply): Read<readonly BfdPeer[]> {
  return readJson(reply, z.array(bfdPeer));
}

const path = z.object({
  multipath: z.boolean().optional(),
  bestpath: z.union([z.boolean(), z.object({ overall: z.boolean().optional() })]).optional(),
  peer: z.object({ peerId: z.string(), interface: z.string().optional() }),
});

/** One of a prefix's paths. */
export interface BgpPath {
  /** As neighbors are configured: the interface, or the address on a numbered link. */
  readonly peer: string;
  /** Chosen, alone or as one of several equals. */
  readonly used: boolean;
}

/** `show bgp ipv4 unicast <prefix> json`; an unknown prefix is `{}`. */
export function readPaths(reply: Reply): Read<readonly BgpPath[]> {
  const read = readJson(reply, z.object({ paths: z.array(path).optional() }));
  if ("problem" in read) return read;
  return {
    value: (read.value.paths ?? []).map((candidate) => ({
      peer: candidate.peer.interface ?? candidate.peer.peerId,
      used: candidate.multipath === true || isBest(candidate.bestpath),
    })),
  };
}

function isBest(best: z.infer<typeof path>["bestpath"]): boolean {
  return typeof best === "object" ? best.overall === true : best === true;
}

const vni = z.object({
  remoteVteps: z.array(z.union([z.string(), z.object({ ip: z.string() })])).optional(),
});

/** `show evpn vni json`: addresses of the other tunnel end points by VNI. */
export function readVteps(reply: Reply): Read<ReadonlyMap<string, readonly string[]>> {
  const read = readJson(reply, z.record(z.string(), vni));
  if ("problem" in read) return read;
  const entries = Object.entries(read.value).map(([id, { remoteVteps }]): [string, readonly string[]] => [
    id,
    (remoteVteps ?? []).map((vtep) => (typeof vtep === "string" ? vtep : vtep.ip)),
  ]);
  return { value: new Map(entries) };
}
