import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { cumulusVx } from "../../src/kinds/cumulus-vx.ts";
import { cumulusVx5 } from "../../src/kinds/cumulus-vx5.ts";
import type { Plan } from "../../src/plan/model.ts";
import { ansibleVersion, fillIn } from "./playbook-templates.ts";
import { anycast, anycastDense, duo, onBhyve, onNetns, withLeaves } from "./topologies.ts";

const frr = [
  "bgp/templates/anycast.conf.j2",
  "interfaces/templates/interfaces.j2",
  "interfaces/templates/srvguard.nft.j2",
] as const;
const nclu = ["interfaces/templates/nclu.j2", "bgp/templates/nclu.j2"] as const;
const nvue = ["interfaces/templates/nvue.yaml.j2", "bgp/templates/nvue.yaml.j2"] as const;

/** Everything that is not a default: two services, slow BFD, an AS number of four bytes. */
const unusual = {
  ...anycastDense,
  name: "unusual",
  nodes: anycastDense.nodes.map((node) =>
    node.role === "server" ? Object.assign({}, node, { asn: 4_200_065_300 }) : node,
  ),
  services: [...anycastDense.services, { name: "dns", prefix: "172.20.0.53/32", servers: ["server01"], port: 53 }],
  defaults: {
    ...anycast.defaults,
    timers: { ...anycast.defaults.timers, connectS: 5, bfd: { multiplier: 5, transmitMs: 1000, receiveMs: 500 } },
  },
};

const topologies = [duo, anycast, anycastDense, unusual];
const cases: readonly [string, Plan, readonly string[]][] = [
  ...topologies.map((each): [string, Plan, readonly string[]] => [`${each.name}.frr`, onNetns(each), frr]),
  ...[duo, unusual].flatMap((each): [string, Plan, readonly string[]][] => [
    [`${each.name}.nclu`, onBhyve(withLeaves(each, cumulusVx)), nclu],
    [`${each.name}.nvue`, onBhyve(withLeaves(each, cumulusVx5)), nvue],
  ]),
];

const version = await ansibleVersion();
const texts = new Map<string, Readonly<Record<string, string>>>();

/** Every rail of the reviewed list, as FRR shows it, so that a golden refreshed in haste cannot lose one. */
const rails = [
  /^ip prefix-list anycast seq 5 permit 172\.20\.0\.1\/32$/m,
  /^ip prefix-list NONE seq 5 deny any$/m,
  /^bgp as-path access-list SERVERAS seq 5 permit \^65300\(_65300\)\*\$$/m,
  /^route-map FROM-SERVER permit 10\n match as-path SERVERAS\n match ip address prefix-list anycast\n/m,
  /^ set extcommunity none$/m,
  /^ set large-community none$/m,
  /^route-map FROM-SERVER deny 99$/m,
  /^ neighbor anycast remote-as 65300$/m,
  /^ {2}neighbor anycast soft-reconfiguration inbound$/m,
  /^ {2}neighbor anycast prefix-list anycast in$/m,
  /^ {2}neighbor anycast prefix-list NONE out$/m,
  /^ {2}neighbor anycast route-map FROM-SERVER in$/m,
  /^ {2}neighbor anycast maximum-prefix 8 80 restart 1 force$/m,
];

describe("the playbook's templates", () => {
  beforeAll(async () => {
    if (version === undefined) return;
    const filled = await Promise.all(cases.map(([, plan, templates]) => fillIn(plan, "leaf01", templates)));
    for (const [index, [name]] of cases.entries()) texts.set(name, filled[index] ?? {});
  }, 60_000);

  test.for(cases)("become what was reviewed: %s", async ([name, , templates], { skip }) => {
    skip(version === undefined, "ansible is not installed");
    const text = templates.map((path) => `### ${path}\n${texts.get(name)?.[path] ?? ""}\n`).join("");
    await expect(text).toMatchFileSnapshot(`../golden/playbooks/${name}.txt`);
  });

  test.for(["duo.frr", "anycast.frr", "anycast-dense.frr"])("put every rail on a leaf: %s", (name, { skip }) => {
    skip(version === undefined, "ansible is not installed");
    const conf = texts.get(name)?.[frr[0]] ?? "";
    for (const rail of rails) expect(conf).toMatch(rail);
    expect(conf.match(/address-family \w+ \w+/g)).toEqual(["address-family ipv4 unicast"]);
    expect(conf).not.toMatch(/remote-as external|allowas-in|activate/);
  });

  test("guard every access port and no other", ({ skip }) => {
    skip(version === undefined, "ansible is not installed");
    const guard = texts.get("anycast-dense.frr")?.[frr[2]] ?? "";
    for (const port of ["swp5", "swp7", "swp9", "swp11"]) {
      expect(guard).toContain(`    iifname "${port}" icmpv6 type nd-router-advert counter drop\n`);
      expect(guard).toContain(`    iifname "${port}" udp sport { 67, 547 } counter drop\n`);
    }
    expect(guard.match(/iifname/g)).toHaveLength(8);
    expect(guard).toContain("type filter hook prerouting priority -200; policy accept;");
  });

  test("speak YAML to NVUE, and every rail that it has words for", ({ skip }) => {
    skip(version === undefined, "ansible is not installed");
    const [patch] = parse(texts.get("duo.nvue")?.[nvue[1]] ?? "", { version: "1.1" }) as [object];
    expect(patch).toMatchObject({
      set: { vrf: { default: { router: { bgp: { "peer-group": { anycast: { "remote-as": 65300 } } } } } } },
    });
    expect(patch).toHaveProperty(
      "set.vrf.default.router.bgp.peer-group.anycast.address-family.ipv4-unicast",
      expect.objectContaining({
        "soft-reconfiguration": true,
        "prefix-limits": { inbound: { maximum: 8, "warning-threshold": 80, "reestablish-wait": 1 } },
        policy: {
          inbound: { "prefix-list": "anycast", "route-map": "FROMSERVER" },
          outbound: { "prefix-list": "NONE" },
        },
      }),
    );
  });
});
