/**
 * Row 12 with force: server01 is configured to be hostile, and its leaf must stop it. Every attack is first seen to have
 * reached the leaf, or its effect to appear without the rail; a server that merely kept quiet would prove nothing.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  accepted,
  address,
  attack,
  configure,
  downHostile,
  families,
  neighbor,
  on,
  paths,
  received,
  repent,
  unicast,
  upHostile,
  vtysh,
  ways,
} from "./hostile-server.ts";
import { until, type UpJson } from "./lab.ts";
import { hearRogue } from "./rogue.ts";

let first: UpJson;

beforeAll(async () => {
  first = await upHostile();
});
afterAll(downHostile);

describe("a hostile server's announcements", () => {
  afterEach(repent);

  it("of foreign prefixes are received and not accepted", async () => {
    const lies = ["0.0.0.0/0", "8.8.8.8/32", "172.20.0.0/24", "10.100.0.1/32"];
    configure("server01", ...unicast(...lies.map((prefix) => `network ${prefix}`)));
    attack();
    await until(() => lies.every((lie) => lie in received()), 10_000, "the lies at leaf01");
    expect(accepted()).toEqual([address]);
    for (const lie of ["8.8.8.8", "172.20.0.0/24"]) expect(ways("spine01", lie)).toEqual([]);
    expect(ways("leaf01", "default")).toEqual([]);
    expect(ways("leaf01", "10.100.0.1")).toEqual(["swp1"]);
  });

  it("with a forged AS path are not accepted, and the other server takes over", async () => {
    attack("set as-path prepend 65100");
    await until(() => received()[address] === "65300 65100", 10_000, "the forged path at leaf01");
    expect(accepted()).toEqual([]);
    await until(() => ways("leaf01", "172.20.0.1")[0] === "swp1", 5000, "the way to server02");
    await until(() => !ways("spine01", "172.20.0.1").includes("swp3"), 5000, "spine01 without leaf01");
  });

  it("that repeat its own AS are accepted: a legal way to step back", async () => {
    attack("set as-path prepend 65300");
    await until(() => received()[address] === "65300 65300", 10_000, "the longer path at leaf01");
    await until(() => paths().includes("65300 65300"), 5000, "the longer path in use");
    expect(accepted()).toEqual([address]);
  });

  it("that are too many are not accepted, and the next accepted one rings the alarm", async () => {
    const many = Array.from({ length: 16 }, (_, index) => `8.8.8.${index + 1}/32`);
    attack();
    configure("server01", ...unicast(...many.map((prefix) => `network ${prefix}`)));
    await until(() => many.every((prefix) => prefix in received()), 10_000, "the many at leaf01");
    expect(accepted()).toEqual([address]);
    // FRR 10.3 counts when it takes in a new route, not when its filters refuse one.
    on("server01", "ip link set lo1 down");
    await until(() => !(address in received()), 10_000, "the withdrawal");
    on("server01", "ip link set lo1 up");
    await until(() => neighbor().bgpState === "Idle", 10_000, "the alarm");
    expect(neighbor().lastNotificationReason).toBe("Cease/Maximum Number of Prefixes Reached");
    expect(vtysh("leaf01", "show bgp ipv4 unicast summary")).toContain("Idle (PfxCt)");
    expect(ways("leaf01", "172.20.0.1")).toEqual(["swp1"]);
  });

  it("lose the communities that would draw traffic, and keep the one that drains", async () => {
    attack("set extcommunity bandwidth 25000", "set large-community 65300:1:1", "set community graceful-shutdown");
    await until(() => paths().includes("graceful-shutdown"), 10_000, "the communities at leaf01");
    expect(paths()).not.toMatch(/Extended Community|Large Community/);
    // Without the rail they are there: it is the leaf that takes them away.
    const rail = ["set extcommunity none", "set large-community none"];
    configure("leaf01", "route-map FROM-SERVER permit 10", ...rail.map((line) => `no ${line}`));
    const bare = [/Large Community: 65300:1:1/, /Extended Community: LB:/];
    await until(() => bare.every((line) => line.test(paths())), 10_000, "the communities without the rail");
    configure("leaf01", "route-map FROM-SERVER permit 10", ...rail);
    await until(() => !/Extended Community|Large Community/.test(paths()), 10_000, "the rail again");
  });

  it("of another AS are never heard", async () => {
    const { connectionsEstablished } = neighbor();
    const open = ["no neighbor leaf passive", "neighbor leaf local-as 65202 no-prepend replace-as"];
    configure("server01", "router bgp 65300", ...open);
    const reason = "OPEN Message Error/Bad Peer AS";
    await until(() => neighbor().lastNotificationReason === reason, 10_000, "leaf01's refusal");
    expect(neighbor()).toMatchObject({ connectionsEstablished });
    expect(neighbor().bgpState).not.toBe("Established");
    expect(ways("leaf01", "172.20.0.1")).toEqual(["swp1"]);
  });

  it("in IPv6 and EVPN are offered in vain", async () => {
    const extra = ["ipv6 unicast", "l2vpn evpn"].flatMap((family) => [
      `address-family ${family}`,
      "neighbor leaf activate",
      "exit-address-family",
    ]);
    configure("server01", "router bgp 65300", ...extra);
    await until(() => "l2VpnEvpn" in families() && "ipv6Unicast" in families(), 10_000, "the offer at leaf01");
    expect(families()).toMatchObject({
      ipv4Unicast: { advertisedAndReceived: true },
      ipv6Unicast: { received: true },
      l2VpnEvpn: { received: true },
    });
    await until(() => accepted().includes(address), 10_000, "IPv4 all the same");
  });
});

describe("a hostile server in the VLAN", () => {
  it("is no router and no DHCP server to its neighbours", async ({ skip }) => {
    const guard = first.checks.find(({ id }) => id === "server-guard/leaf01");
    skip(guard?.status === "skip", guard?.reason ?? undefined);
    expect(await hearRogue()).toEqual([]);
    // Without the guard the neighbour hears both: it is the leaf that stops them.
    on("leaf01", "nft delete table bridge srvguard");
    expect(await hearRogue()).toEqual(["router advertisement", "DHCP answer"]);
    on("leaf01", "nft -f /etc/lab/srvguard.nft");
    expect(await hearRogue()).toEqual([]);
  });
});
