/**
 * The playbook's back ends for Cumulus, on a leaf that only looks like it: our `net` and `nv` beside real FRR. nclu goes
 * through the real module of community.network.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { localExec } from "../../src/system/exec.ts";
import { hasNclu, withoutNclu } from "../playbooks/nclu-module.ts";
import { leftovers, makePlace } from "./lab.ts";
import { leafOf } from "./leaf.ts";

const lab = "backends";
const place = makePlace();
const leaf = leafOf(place, lab);

beforeAll(async () => {
  const { code, stderr } = await place.run("up", "-t", "duo", "-n", lab, "--until", "fabric");
  if (code !== 0) throw new Error(stderr);
});
afterAll(async () => {
  await place.run("down", "-n", lab);
  place.remove();
});

const found = await hasNclu(localExec);
const changing = (changed: number) => ({ leaf01: { changed, failed: 0 } });

describe("the nclu back end", () => {
  beforeAll(() => leaf.install("net"));
  beforeEach(({ skip }) => skip(!found, withoutNclu));

  it("commits the change to FRR through the real module, and the second time finds nothing to do", async () => {
    const before = running().split("\n");
    expect(await leaf.play("nclu")).toEqual(changing(2));
    expect(await leaf.play("nclu")).toEqual(changing(0));
    const added = running()
      .split("\n")
      .filter((line) => !before.includes(line));
    expect(added.map((line) => line.trim())).toEqual([
      "ip prefix-list NONE seq 5 deny any",
      "ip prefix-list anycast seq 5 permit 172.20.0.1/32",
      "neighbor anycast peer-group",
      "neighbor anycast remote-as 65300",
      "neighbor anycast bfd",
      "neighbor anycast timers connect 1",
      "neighbor swp6 interface peer-group anycast",
      "neighbor anycast prefix-list anycast in",
      "neighbor anycast prefix-list NONE out",
    ]);
    expect(leaf.sh("cat /etc/network/interfaces")).toMatch(
      /^iface swp5\n +mtu 1500\n\nauto swp6\niface swp6\n +mtu 1500$/m,
    );
    expect(leaf.sh("net pending")).toBe("");
  });

  it.each([
    [
      "as it is added",
      { anycast_prefixes: ["172.20.0.9/32"], connect_retry_s: "never" },
      "Failed on line add bgp neighbor anycast timers connect never",
    ],
    [
      "by FRR, in the middle of the commit",
      { anycast_prefixes: ["172.20.0.8/32", "172.20.0.0/24 ge 8"] },
      "ERROR: % Configuration failed.",
    ],
  ])(
    "names leaf, task and reason of a line refused %s, and keeps none of the lines before it",
    async (_, vars, why) => {
      const before = committed();
      const said = await leaf.play("nclu", vars).catch(String);
      expect(said).toContain(`leaf01: bgp : Peer with the servers: ${why}`);
      expect(committed()).toBe(before);
      expect(leaf.sh("net pending")).toBe("");
    },
  );
});

const running = () => leaf.sh("vtysh -c 'show running-config'");
/** All that a commit changes, and what was ever committed. */
const committed = () => running() + leaf.sh("cat /etc/frr/frr.conf /etc/network/interfaces; net show commit last");

describe("the nvue back end", () => {
  beforeAll(() => leaf.install("nv"));

  it("applies and saves what differs, and the second time leaves the switch alone", async () => {
    expect(await leaf.play("nvue")).toEqual(changing(2));
    expect(newCalls()).toEqual([...applying, ...applying]);
    expect(await leaf.play("nvue")).toEqual(changing(0));
    expect(newCalls()).toEqual([...idling, ...idling]);
  });

  it("names leaf, task and reason of a refused patch, and leaves nothing pending", async () => {
    const said = await leaf.play("nvue", { connect_retry_s: "never" }).catch(String);
    expect(said).toContain("leaf01: bgp : Peer with the servers: ");
    expect(said).toContain("nothing changed: Error: never is not of type integer at connection-retry:");
    expect(newCalls()).toEqual([...idling, "config detach", "config patch FILE", "config detach"]);
    expect(leaf.sh("ls /var/lib/lab-nv/pending")).toBe("");
  });
});

const applying = ["config detach", "config patch FILE", "config diff", "config apply -y", "config save"];
const idling = ["config detach", "config patch FILE", "config diff", "config detach"];
/** What `nv` was asked to do since the last look. */
const newCalls = () =>
  leaf
    .sh("cat /var/lib/lab-nv/calls && rm /var/lib/lab-nv/calls")
    .replaceAll(/\/tmp\S+/g, "FILE")
    .trim()
    .split("\n");

it("takes a lab down that was played on, and leaves nothing", async () => {
  expect((await place.run("down", "-n", lab)).code).toBe(0);
  expect(leftovers(place)).toEqual([]);
});
