/**
 * Names that must be unique on the hypervisor: the lab's tag and the names of segments. vm-bhyve makes a bridge `vm-NAME`
 * for up to 12 characters; FreeBSD and Linux take 15 for an interface.
 */
import type { Role } from "../kinds/kind.ts";
import type { Topology, TopologyEnd, TopologyNode } from "../topology/topology.ts";
import { hashText, takeFree } from "./hash.ts";
import { md5 } from "./md5.ts";
import { splitName } from "../topology/numbers.ts";

/** The lab whose names are the bare ones of the article. */
const defaultLab = "anycast";

/** How many tags there are. */
export const mostTags = 360;

/**
 * The lab's mark in host-wide names: empty for the default lab, else two characters, digit first, so that no name of a
 * tagged lab can be one of the default lab. Two labs may share a tag; the driver refuses that by name.
 */
export function tagOf(lab: string): string {
  if (lab === defaultLab) return "";
  const hash = hashText(`tag/${lab}`);
  return `${hash % 10}${(Math.floor(hash / 10) % 36).toString(36)}`;
}

/** A number below `mostTags` for each tag of two characters, another for each. */
export function numberOfTag(tag: string): number {
  return Number(tag[0]) + 10 * Number.parseInt(tag[1] ?? "0", 36);
}

/** The name of a guest on the hypervisor: `leaf01` in the default lab, `4x-leaf01` in another. */
export function guestName(tag: string, node: string): string {
  return tag === "" ? node : `${tag}-${node}`;
}

const abbreviations: Readonly<Record<Role, string>> = {
  spine: "sp",
  leaf: "lf",
  server: "srv",
  edge: "ed",
  router: "rt",
  client: "cl",
  dhcp: "dh",
};

/**
 * Short names of nodes: `leaf01` → `lf01`. Nodes called after their role choose first, then others with digits
 * (`tor07` → `lf07` if that is free); the rest get three characters of a hash (`laptop` → `clk3p`).
 */
export function abbreviateNodes(nodes: readonly TopologyNode[]): ReadonlyMap<string, string> {
  const short = new Map<string, string>();
  const taken = new Set<string>();
  const usual = nodes.filter(({ name, role }) => splitName(name).stem === role);
  for (const { name, role } of new Set([...usual, ...nodes])) {
    const { digits } = splitName(name);
    const plain = `${abbreviations[role]}${digits}`;
    if (digits !== "" && digits.length <= 4 && !taken.has(plain)) {
      short.set(name, plain);
      taken.add(plain);
    } else {
      short.set(
        name,
        takeFree(taken, name, (text) => `${abbreviations[role]}${base36(hashText(text), 3)}`),
      );
    }
  }
  return short;
}

/** Upper layer first, as in the article's `lf01-srv01a`. */
const layers: readonly Role[] = ["router", "edge", "spine", "leaf", "server", "client", "dhcp"];

/** The names of all segments, in the order of the topology. */
export interface SegmentNames {
  readonly links: readonly string[];
  readonly networks: readonly string[];
  readonly management: string;
}

/**
 * `lf01-srv01`, the second link of the same pair `lf01-srv01a`, the third `lf01-srv01b`; networks by their own name;
 * `mgmt`. Other labs put their tag before and leave the hyphen out (`4xlf01srv01a`), which keeps 12 characters.
 */
export function nameSegments(topology: Topology, tag: string): SegmentNames {
  const taken: Taken = { names: new Set(), bridgeTags: new Set() };
  const short = abbreviateNodes(topology.nodes);
  const layerOf = new Map(topology.nodes.map(({ name, role }) => [name, layers.indexOf(role)]));
  const rank = (end: TopologyEnd) => layerOf.get(end.node) ?? layers.length;
  const parallel = new Map<string, number>();
  const links = topology.links.map(({ ends: [one, other] }) => {
    const swap = rank(other) < rank(one) || (rank(other) === rank(one) && other.node < one.node);
    const [upper, lower] = swap ? [other, one] : [one, other];
    const pair = `${short.get(upper.node)}-${short.get(lower.node)}`;
    const before = parallel.get(pair) ?? 0;
    parallel.set(pair, before + 1);
    return takeName(taken, tag, `${pair}${letters(before)}`);
  });
  // sysrc takes `type_lf01` for the key of `lf01-srv01`: no switch may be called like another up to its first hyphen.
  for (const name of links) taken.names.add(name.split("-", 1)[0] ?? name);
  const management = takeName(taken, tag, "mgmt");
  const networks = topology.networks.map(({ name }) => takeName(taken, tag, name.replaceAll("-", "")));
  return { links, networks, management };
}

/**
 * The 20 bits by which vm-bhyve finds the bridge of a switch: two switches that have them in common would share one bridge
 * without a word (contract, section 3).
 */
export function bridgeTag(name: string): string {
  return md5(name).slice(0, 5);
}

interface Taken {
  readonly names: Set<string>;
  readonly bridgeTags: Set<string>;
}

/** The wanted name, or one made of a hash: vm-bhyve refuses one character, and a bridge tag that is taken. */
function takeName({ names, bridgeTags }: Taken, tag: string, wanted: string): string {
  const usual = tag === "" ? wanted : `${tag}${wanted.replaceAll("-", "")}`;
  const isFree = (name: string) => name.length > 1 && !names.has(name) && !bridgeTags.has(bridgeTag(name));
  let name = usual;
  for (let round = 0; !isFree(name); round += 1) {
    name = `${usual.slice(0, 9)}${base36(hashText(round === 0 ? usual : `${usual}#${round}`), 3)}`;
  }
  names.add(name);
  bridgeTags.add(bridgeTag(name));
  return name;
}

/** 0 → nothing, 1 → `a`, 26 → `z`, 27 → `aa`: which of several parallel links. */
function letters(count: number): string {
  if (count === 0) return "";
  return letters(Math.floor((count - 1) / 26)) + String.fromCharCode(97 + ((count - 1) % 26));
}

function base36(value: number, length: number): string {
  return (value % 36 ** length).toString(36).padStart(length, "0");
}
