import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compilePlan } from "../../src/plan/compile.ts";
import type { Plan } from "../../src/plan/model.ts";
import { parseTopology } from "../../src/topology/parse.ts";

const folder = new URL("../../topologies/", import.meta.url);
const suffix = ".lab.yaml";
const labs = readdirSync(folder).filter((file) => file.endsWith(suffix));

function planOf(file: string): Plan {
  const topology = parseTopology(readFileSync(new URL(file, folder), "utf8"), file);
  return compilePlan(topology, { hypervisor: "netns" });
}

describe("the plan of every topology that is shipped is the one on record", () => {
  test.each(labs)("%s", async (file) => {
    const golden = `../golden/${file.slice(0, -suffix.length)}/plan.json`;
    await expect(`${JSON.stringify(planOf(file), undefined, 2)}\n`).toMatchFileSnapshot(golden);
  });
});

describe("the reference has the article's values letter for letter", () => {
  const plan = planOf("anycast.lab.yaml");
  const portOf = (key: string) => {
    const [node, port] = key.split(":");
    return plan.nodes.find(({ name }) => name === node)?.interfaces.find(({ name }) => name === port);
  };

  test.each([
    ["server01:em0", "58:9c:fc:00:5e:43", "fe80::5a9c:fcff:fe00:5e43"],
    ["server01:em1", "58:9c:fc:04:71:4e", "fe80::5a9c:fcff:fe04:714e"],
    ["leaf01:swp1", "58:9c:fc:01:53:81", "fe80::5a9c:fcff:fe01:5381"],
    ["leaf02:swp1", "58:9c:fc:05:17:d7", "fe80::5a9c:fcff:fe05:17d7"],
    ["leaf03:swp1", "58:9c:fc:02:af:cd", "fe80::5a9c:fcff:fe02:afcd"],
    ["leaf04:swp1", "58:9c:fc:0e:b3:f9", "fe80::5a9c:fcff:fe0e:b3f9"],
  ])("%s has MAC %s and link-local %s", (key, mac, linkLocal) => {
    expect(portOf(key)).toMatchObject({ mac, linkLocal });
  });

  test.each([
    ["router01:eth1", "192.168.10.254/24"],
    ["router01:eth2", "10.200.0.1/30"],
    ["edge01:swp1", "10.200.0.2/30"],
    ["edge01:swp2", "10.0.3.2/30"],
    ["edge01:swp3", "10.0.4.2/30"],
    ["spine01:swp1", "10.0.3.1/30"],
    ["spine02:swp1", "10.0.4.1/30"],
    ["laptop:eth1", "192.168.10.10/24"],
    ["hypervisor:lan0", "192.168.10.20/24"],
    ["fileserver:eth1", "192.168.10.30/24"],
    ["dhcp01:eth1", "192.168.10.5/24"],
  ])("%s has address %s", (key, address) => {
    expect(portOf(key)?.address).toBe(address);
  });

  test.each([
    ["server01", "172.16.0.101/24"],
    ["server02", "172.16.0.102/24"],
    ["server03", "172.16.0.103/24"],
    ["server04", "172.16.0.104/24"],
  ])("%s gets %s by DHCP on em0 and nothing on em1", (name, dhcp) => {
    expect(portOf(`${name}:em0`)).toMatchObject({ purpose: "access", dhcp, vlan: "vlan100" });
    expect(portOf(`${name}:em1`)?.address ?? portOf(`${name}:em1`)?.dhcp).toBeUndefined();
  });

  test.each([
    ["spine01", 65100, "10.100.0.1"],
    ["spine02", 65100, "10.100.0.2"],
    ["leaf01", 65201, "10.100.0.3"],
    ["leaf02", 65202, "10.100.0.4"],
    ["leaf03", 65203, "10.100.0.5"],
    ["leaf04", 65204, "10.100.0.6"],
    ["edge01", 65000, "10.200.0.2"],
    ["server01", 65300, undefined],
  ])("%s is AS %i with router id %s", (name, asn, routerId) => {
    const { bgp } = plan.nodes.find((node) => node.name === name) ?? {};
    expect([bgp?.asn, bgp?.routerId]).toEqual([asn, routerId]);
  });

  test.each([
    ["leaf01:swp5", "lf01-srv01"],
    ["leaf01:swp6", "lf01-srv01a"],
    ["leaf02:swp6", "lf02-srv02a"],
    ["leaf03:swp6", "lf03-srv03a"],
    ["leaf04:swp6", "lf04-srv04a"],
    ["leaf03:swp2", "sp02-lf03"],
    ["spine02:swp1", "ed01-sp02"],
    ["router01:eth2", "rt01-ed01"],
    ["laptop:eth1", "lan"],
    ["laptop:eth0", "mgmt"],
  ])("%s is plugged into %s", (key, segment) => {
    expect(portOf(key)?.segment).toBe(segment);
  });

  test("VLAN100 is the same on every leaf", () => {
    expect(plan.vlans).toEqual([
      {
        name: "vlan100",
        id: 100,
        vni: 10100,
        subnet: "172.16.0.0/24",
        gateway: "172.16.0.1/24",
        gatewayMac: "00:00:5e:00:01:64",
        bridge: "br100",
        vxlan: "vni10100",
        mtu: 1500,
        dhcp: { server: "dhcp01", address: "192.168.10.5" },
        leaves: ["leaf01", "leaf02", "leaf03", "leaf04"],
      },
    ]);
  });

  test("the service is 172.20.0.1/32 on lo1 of every server", () => {
    const servers = ["server01", "server02", "server03", "server04"];
    expect(plan.services).toEqual([{ name: "web", prefix: "172.20.0.1/32", interface: "lo1", port: 80, servers }]);
  });
});
