import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compilePlan } from "../../src/plan/compile.ts";
import type { Plan } from "../../src/plan/model.ts";
import { addressOf, isHostAddress, overlaps, subnetOf } from "../../src/topology/ipv4.ts";
import { fabricOf } from "./topologies.ts";

const sizes = fc.record({
  spines: fc.integer({ min: 1, max: 16 }),
  leaves: fc.integer({ min: 1, max: 128 }),
  servers: fc.integer({ min: 1, max: 8 }),
  lab: fc.constantFrom("anycast", "sample", "other-lab"),
});

/** Each names what is wrong with a plan; nothing may be. */
const properties: Readonly<Record<string, (plan: Plan) => readonly unknown[]>> = {
  "MACs are unique": (plan) => repeated(portsOf(plan).map(({ mac }) => mac)),
  "link-local addresses are unique": (plan) => repeated(portsOf(plan).map(({ linkLocal }) => linkLocal)),
  "addresses are unique": (plan) => repeated(addressesOf(plan).map((address) => address.split("/")[0] ?? "")),
  "addresses belong to hosts": (plan) =>
    addressesOf(plan).filter((text) => !isHostAddress(subnetOf(text), addressOf(text.split("/")[0] ?? ""))),
  "subnets do not overlap": overlapping,
  "AS numbers of leaves are unique": (plan) =>
    repeated(plan.nodes.flatMap(({ bgp, role }) => (role === "leaf" && bgp ? [bgp.asn] : []))),
  "hash seeds of routers are unique and not zero": (plan) => {
    const seeds = plan.nodes.flatMap(({ sysctls }) => sysctls["net.ipv4.fib_multipath_hash_seed"] ?? []);
    return [...repeated(seeds), ...seeds.filter((seed) => seed === 0)];
  },
  "segment names are unique": (plan) => repeated(plan.segments.map(({ name }) => name)),
  "segment names are legal and fit an interface": (plan) =>
    plan.segments.filter(({ name }) => !/^[a-z0-9][a-z0-9-]{0,13}[a-z0-9]$/.test(name)),
  "every end is an interface of that segment, with its MTU": (plan) => {
    const ports = portsByKey(plan);
    return plan.segments.flatMap(({ name, mtu, ends }) =>
      ends.filter((end) => {
        const port = ports.get(`${end.node}:${end.interface}`);
        return port?.segment !== name || port.mtu !== mtu;
      }),
    );
  },
  "every interface is an end of its segment": (plan) => {
    const ends = new Set(plan.segments.flatMap(({ ends: own }) => own.map((end) => `${end.node}:${end.interface}`)));
    return [...portsByKey(plan).keys()].filter((key) => !ends.has(key));
  },
  "a link has two ends": (plan) => plan.segments.filter(({ kind, ends }) => kind === "link" && ends.length !== 2),
  "every BGP session has both sides": oneSided,
};

test("a fabric of any size up to 16 × 128 × 8 keeps every property", () => {
  fc.assert(
    fc.property(sizes, ({ spines, leaves, servers, lab }) => {
      const plan = compilePlan(fabricOf(spines, leaves, servers), { hypervisor: "netns", lab });
      const broken = Object.entries(properties).flatMap(([title, check]) => {
        const wrong = check(plan);
        return wrong.length === 0 ? [] : [{ title, wrong }];
      });
      expect(broken).toEqual([]);
    }),
    { numRuns: 6, examples: [[{ spines: 16, leaves: 128, servers: 8, lab: "sample" }]] },
  );
}, 30_000);

function portsOf(plan: Plan) {
  return plan.nodes.flatMap(({ interfaces }) => interfaces);
}

function portsByKey(plan: Plan) {
  return new Map(
    plan.nodes.flatMap(({ name, interfaces }) => interfaces.map((port) => [`${name}:${port.name}`, port])),
  );
}

/** With prefix length: ports, loopbacks, gateways, the hypervisor's. */
function addressesOf(plan: Plan): readonly string[] {
  return [
    ...portsOf(plan).flatMap(({ address, dhcp }) => [address, dhcp]),
    ...plan.nodes.map(({ loopback }) => loopback),
    ...plan.vlans.map(({ gateway }) => gateway),
    plan.management.host,
  ].filter((address) => address !== undefined);
}

function repeated<Value>(values: readonly Value[]): readonly Value[] {
  const seen = new Set<Value>();
  return values.filter((value) => seen.has(value) || !seen.add(value));
}

/** Management, VLANs, services, and one subnet for each numbered link, network and loopback. */
function overlapping(plan: Plan): readonly string[] {
  const onSegments = new Map(portsOf(plan).flatMap(({ segment, address }) => (address ? [[segment, address]] : [])));
  const all = [
    ...onSegments.values(),
    ...plan.vlans.map(({ subnet }) => subnet),
    ...plan.services.map(({ prefix }) => prefix),
    ...plan.nodes.flatMap(({ loopback }) => loopback ?? []),
  ].map((text) => ({ text, subnet: subnetOf(text) }));
  return all.flatMap((one, index) =>
    all.slice(index + 1).flatMap((other) => (overlaps(one.subnet, other.subnet) ? `${one.text} – ${other.text}` : [])),
  );
}

function oneSided(plan: Plan): readonly string[] {
  const sessions = new Map(
    plan.nodes.flatMap(({ name, bgp }) =>
      (bgp?.neighbors ?? []).map((neighbor) => [`${name}:${neighbor.interface}`, { ...neighbor, asn: bgp?.asn }]),
    ),
  );
  return [...sessions].flatMap(([from, { remote, remoteAsn, asn }]) => {
    const back = sessions.get(`${remote.node}:${remote.interface}`);
    const same = back && `${back.remote.node}:${back.remote.interface}` === from;
    return same && back.asn === remoteAsn && back.remoteAsn === asn ? [] : [from];
  });
}
