import { describe, expect, test } from "vitest";
import { cumulusVx } from "../../src/kinds/cumulus-vx.ts";
import { renderFiles } from "../../src/render/files.ts";
import { renderInterfaces } from "../../src/render/interfaces.ts";
import { renderBoot, renderIpBatch } from "../../src/render/iproute.ts";
import { anycast, anycastDense, duo, nodeOf, onBhyve, onNetns, withLeaves } from "./topologies.ts";

const plan = onNetns(anycastDense);

describe("interfaces and the embedded boot", () => {
  test.each(plan.nodes.map(({ name }) => name))("agree on devices, addresses and MTUs on %s", (name) => {
    const text = renderInterfaces(plan, nodeOf(plan, name));
    const batch = renderIpBatch(plan, nodeOf(plan, name));
    const declared = [...text.matchAll(/^auto (\S+)/gm)].map((match) => match[1]);
    const up = [...batch.matchAll(/^link set dev (\S+) (?:mtu \d+ )?up$/gm)].map((match) => match[1]);
    expect(new Set(up)).toEqual(new Set(declared));
    const addresses = [...text.matchAll(/^ {4}address (\S+)/gm)].map((match) => match[1]);
    expect([...batch.matchAll(/^address replace (\S+)/gm)].map((match) => match[1])).toEqual(addresses);
    for (const [, mtu] of text.matchAll(/^ {4}mtu (\d+)/gm)) expect(batch).toContain(`mtu ${mtu}`);
  });

  test("leave a leaf's ports towards servers to the playbook", () => {
    const leaf = nodeOf(plan, "leaf01");
    expect(renderInterfaces(plan, leaf)).not.toMatch(/^auto swp(?:[5-9]|1\d)$/m);
    expect(renderIpBatch(plan, leaf)).toContain("link set dev swp5 mtu 1500\n");
    expect(renderIpBatch(plan, leaf)).toContain("link set dev swp5 master br100\n");
    expect(renderIpBatch(plan, leaf)).not.toContain("swp6 master");
  });

  test("list every access port in the bridge of its VLAN", () => {
    expect(renderInterfaces(plan, nodeOf(plan, "leaf02"))).toContain("bridge-ports vni10100 swp5 swp7 swp9 swp11\n");
  });

  test("give each route to the device that reaches its next hop", () => {
    const stanzas = renderInterfaces(plan, nodeOf(plan, "router01")).split("\n\n");
    const outward = stanzas.find((stanza) => stanza.startsWith("auto eth2"));
    expect(outward).toContain("up ip route replace 172.20.0.1/32 via 10.200.0.2");
    expect(renderInterfaces(plan, nodeOf(plan, "laptop"))).toContain("    gateway 192.168.10.254\n");
  });

  test("end in the folder for later additions", () => {
    expect(renderInterfaces(plan, nodeOf(plan, "leaf01"))).toMatch(/\nsource \/etc\/network\/interfaces\.d\/\*\n$/);
  });

  test("boot the hypervisor's own part as a client, without files for it", () => {
    const boot = renderBoot(plan).find(({ node }) => node === "hypervisor");
    expect(boot?.ipBatch).toContain("address replace 192.168.10.20/24 dev lan0\n");
    expect(renderFiles(plan).filter(({ node }) => node === "hypervisor")).toEqual([]);
  });

  test("keep the management port of Cumulus in its VRF", () => {
    const cumulus = onBhyve(withLeaves(anycast, cumulusVx));
    const text = renderInterfaces(cumulus, nodeOf(cumulus, "leaf01"));
    expect(text).toMatch(/auto eth0\n(?: {4}.*\n|iface.*\n)* {4}vrf mgmt\n/);
    expect(text).toContain("auto mgmt\niface mgmt\n");
    expect(renderInterfaces(plan, nodeOf(plan, "leaf01"))).not.toContain("vrf");
  });
});

describe("FreeBSD's rc.conf.local", () => {
  const files = renderFiles(onBhyve(anycast));
  const textOn = (node: string) => files.find((file) => file.node === node && file.path === "/etc/rc.conf.local")?.text;

  test("is the same on all servers", () => {
    expect(new Set(["server01", "server02", "server03", "server04"].map(textOn)).size).toBe(1);
  });

  test("asks for a lease on em0 only, and believes no router advertisement", () => {
    expect(textOn("server01")).toContain('ifconfig_em0="DHCP"\n');
    expect(textOn("server01")).toContain('ifconfig_em1="up mtu 1500"\n');
    expect(textOn("server01")).toContain('ifconfig_em1_ipv6="inet6 -ifdisabled auto_linklocal -accept_rtadv"\n');
  });

  test("numbers further service addresses on one loopback as aliases", () => {
    const dns = { name: "dns", prefix: "172.20.0.2/32", servers: ["server01"], port: 53 };
    const two = onBhyve({ ...duo, services: [...duo.services, dns] });
    const services = two.services.map((service) => Object.assign({}, service, { interface: "lo1" }));
    const text = renderFiles({ ...two, services }).find(({ path }) => path === "/etc/rc.conf.local")?.text;
    expect(text).toContain(
      'cloned_interfaces="lo1"\nifconfig_lo1="inet 172.20.0.1/32"\nifconfig_lo1_alias0="inet 172.20.0.2/32"\n',
    );
  });
});
