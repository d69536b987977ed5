import { describe, expect, test } from "vitest";
import { cumulusVx } from "../../src/kinds/cumulus-vx.ts";
import type { Plan } from "../../src/plan/model.ts";
import { renderFiles } from "../../src/render/files.ts";
import { renderFrrFiles } from "../../src/render/frr.ts";
import { fabricOf, link } from "../plan/topologies.ts";
import { anycast, anycastDense, duo, nodeOf, onBhyve, onNetns, withLeaves } from "./topologies.ts";

/** The text of FRR's configuration on a node, wherever it is. */
function frrOf(plan: Plan, name: string): string {
  const conf = renderFrrFiles(plan, nodeOf(plan, name)).find(({ path }) => /(?:frr|10-base)\.conf$/.test(path));
  return conf?.text ?? "";
}

describe("servers", () => {
  const twoUplinks = {
    ...anycast,
    links: [...anycast.links, link("leaf02:swp8 server01:em2")],
  };

  test.each([
    ["the reference on netns", onNetns(anycast)],
    ["the reference on vm-bhyve", onBhyve(anycast)],
    ["four servers on a leaf", onNetns(anycastDense)],
    ["a server with a second uplink", onNetns(twoUplinks)],
  ])("share every byte of every FRR file: %s", (_, plan) => {
    const servers = plan.nodes.filter(({ role }) => role === "server");
    const texts = servers.map((server) =>
      renderFrrFiles(plan, server)
        .map(({ path, text, mode, owner }) => `${path} ${mode} ${owner}\n${text}`)
        .join(""),
    );
    expect(servers.length).toBeGreaterThan(1);
    expect(new Set(texts).size).toBe(1);
  });

  test("share everything else but the page", () => {
    const plan = onNetns(anycast);
    const differing = renderFiles(plan)
      .filter(({ node }) => nodeOf(plan, node).role === "server")
      .reduce(
        (seen, { path, text }) => seen.set(path, (seen.get(path) ?? new Set()).add(text.replace(/^# .*\n/, ""))),
        new Map<string, Set<string>>(),
      );
    const paths = [...differing].filter(([, texts]) => texts.size > 1).map(([path]) => path);
    expect(paths).toEqual(["/usr/local/www/apache24/data/index.html"]);
  });

  test("keep BGP routes out of a Linux kernel, as FreeBSD's kernel does by itself", () => {
    expect(frrOf(onNetns(anycast), "server01")).toContain("ip protocol bgp route-map NOFIB\n");
    expect(frrOf(onBhyve(anycast), "server01")).not.toContain("NOFIB");
  });

  test("announce the service addresses and accept nothing", () => {
    const text = frrOf(onNetns(anycast), "server03");
    expect(text).toContain("ip prefix-list VIP seq 5 permit 172.20.0.1/32\n");
    expect(text).toContain(" redistribute connected route-map VIP\n");
    expect(text).toContain(" neighbor leaf prefix-list NONE in\n");
  });

  test("name only the BFD timers that are not FRR's own", () => {
    const slow = { ...anycast.defaults.timers, bfd: { multiplier: 5, transmitMs: 300, receiveMs: 1000 } };
    const plan = onNetns({ ...anycast, defaults: { ...anycast.defaults, timers: slow } });
    expect(frrOf(plan, "server01")).toContain(
      "bfd\n profile anycast\n  detect-multiplier 5\n  receive-interval 1000\n exit\nexit\n",
    );
    expect(frrOf(onNetns(anycast), "server01")).toContain("bfd\n profile anycast\n exit\nexit\n");
  });
});

describe("fabric routers", () => {
  test.each(["spine01", "leaf01", "edge01"])("have a policy in both directions in every family: %s", (name) => {
    const families = frrOf(onNetns(anycast), name).split("address-family ").slice(1);
    const groups = new Set(
      frrOf(onNetns(anycast), name)
        .match(/neighbor \w+ peer-group\n/g)
        ?.map((text) => text.split(" ")[1]),
    );
    for (const family of families) {
      const present = [...groups].filter((group) => family.includes(`neighbor ${group} `));
      expect(present.length).toBeGreaterThan(0);
      for (const group of present) {
        expect(family).toMatch(new RegExp(`neighbor ${group} \\S+ \\S+ in\\n`));
        expect(family).toMatch(new RegExp(`neighbor ${group} \\S+ \\S+ out\\n`));
      }
    }
  });

  test("take a default route from the edge and from nobody else", () => {
    const spine = frrOf(onNetns(anycast), "spine01");
    expect(spine).toContain("neighbor fabric prefix-list NO-DEFAULT in\n");
    expect(spine).toContain("neighbor edge prefix-list EDGE in\n");
    expect(spine).not.toContain("default-originate");
    expect(frrOf(onNetns(anycast), "edge01")).toContain("neighbor edge default-originate\n");
  });

  test("let the default route up where the edge hangs on a leaf", () => {
    const border = {
      ...anycast,
      links: anycast.links.map((given) =>
        given.ends[0].node === "spine02" && given.ends[1].node === "edge01"
          ? link("leaf04:swp3 edge01:swp3", { subnet: "10.0.4.0/30" })
          : given,
      ),
    };
    expect(frrOf(onNetns(border), "leaf04")).toContain("neighbor edge prefix-list EDGE in\n");
    expect(frrOf(onNetns(border), "spine01")).toContain("neighbor fabric prefix-list ANY in\n");
  });

  test("never carry a spine's routes up to another spine", () => {
    const leaf = frrOf(onNetns(anycast), "leaf02");
    expect(leaf).toContain("bgp as-path access-list NO-VALLEY seq 5 deny ^65100_\n");
    expect(leaf).toContain("neighbor fabric filter-list NO-VALLEY out\n");
  });

  test("announce what the plan says, as networks", () => {
    expect(frrOf(onNetns(anycast), "leaf01")).toContain("  network 10.100.0.3/32\n  network 172.16.0.0/24\n");
    expect(frrOf(onNetns(duo), "spine01")).toContain("  network 192.168.10.0/24\n");
  });

  test("leave the anycast session to the playbook", () => {
    const leaf = frrOf(onNetns(anycastDense), "leaf01");
    for (const word of ["anycast", "swp6", "172.20.0.1", "FROM-SERVER", "SERVERAS", "NONE"])
      expect(leaf).not.toContain(word);
  });

  test("speak EVPN only where there is a VLAN", () => {
    const routed = { ...fabricOf(1, 1, 1), vlans: [] };
    expect(frrOf(onNetns(anycast), "leaf01")).toContain("  advertise-all-vni\n");
    expect(frrOf(onNetns(routed), "leaf01")).not.toContain("l2vpn");
    expect(frrOf(onNetns(anycast), "edge01")).not.toContain("l2vpn");
  });

  test.each([
    ["a fragment for the node to assemble", onNetns(anycast), "/etc/frr/lab.d/10-base.conf"],
    ["a whole file where a vendor's tool edits it", onBhyve(withLeaves(anycast, cumulusVx)), "/etc/frr/frr.conf"],
  ])("get %s", (_, plan, path) => {
    expect(renderFrrFiles(plan, nodeOf(plan, "leaf01")).map((file) => file.path)).toContain(path);
  });
});
