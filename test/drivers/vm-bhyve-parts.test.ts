import { describe, expect, it } from "vitest";
import { describeCondition } from "../../src/drivers/proof.ts";
import {
  formatConf,
  guestConf,
  ownerOf,
  parseConf,
  recordText,
  templateText,
} from "../../src/drivers/vm-bhyve/conf.ts";
import { findVmDir, localHost } from "../../src/drivers/vm-bhyve/host.ts";
import { parseInterfaces, tapOwner } from "../../src/drivers/vm-bhyve/interfaces.ts";
import { limitTo } from "../../src/system/limit.ts";
import { bridgeOf, lookupOf, placeOf, supervisorOf, tapsOf } from "../../src/drivers/vm-bhyve/place.ts";
import { fakeExec } from "../fakes/exec.ts";
import { anycast, nodeOf, onBhyve, withLeaves } from "../render/topologies.ts";
import { cumulusVx } from "../../src/kinds/cumulus-vx.ts";

describe("a configuration file of vm-bhyve", () => {
  it("is read as vm reads it: first key, no comments, no double quotes, single ones kept", () => {
    const text = ["#loader=no", ' cpu="9"', 'cpu="2" # two', "memory='2G'", 'cpu="4"', "X=1", "bare", 'a="x#y"'].join(
      "\n",
    );
    expect(Object.fromEntries(parseConf(text))).toEqual({ cpu: "2", memory: "'2G'", a: "x" });
  });

  it("is written with every value quoted, and refuses keys twice and what a shell would expand", () => {
    expect(
      formatConf([
        ["cpu", 2],
        ["memory", "2G"],
      ]),
    ).toBe('cpu="2"\nmemory="2G"\n');
    expect(() =>
      formatConf([
        ["cpu", 1],
        ["cpu", 2],
      ]),
    ).toThrow(RangeError);
    for (const value of ["$(reboot)", "`id`", 'a"b', "a#b", "a\nb", "$HOME"]) {
      expect(() => formatConf([["name", value]])).toThrow(RangeError);
    }
  });

  it("is read back as it was written", () => {
    const record = parseConf(recordText("anycast-0123abcd", ["lan", "lf01-srv01a"], ["leaf01"]));
    expect([...record]).toEqual([
      ["lab_owner", "anycast-0123abcd"],
      ["switches", "lan lf01-srv01a"],
      ["guests", "leaf01"],
    ]);
    expect(parseConf(templateText("x-1")).get("disk0_name")).toBe("disk0.img");
  });
});

function confOf(name: string, topology = anycast) {
  const node = nodeOf(onBhyve(topology), name);
  if (node.machine === undefined) throw new Error(`${name} is no machine`);
  return parseConf(guestConf("anycast-0123abcd", name, node, node.machine));
}

describe("the conf of a guest", () => {
  it("numbers NICs without a gap, and makes em0 and em1 of a server's", () => {
    const conf = confOf("server01");
    expect([...conf.keys()].filter((key) => key.endsWith("_type") && key.startsWith("network"))).toEqual([
      "network0_type",
      "network1_type",
    ]);
    expect(conf.get("network0_type")).toBe("e1000");
    expect(conf.get("network1_mac")).toBe("58:9c:fc:04:71:4e");
  });

  it("keeps boot entries where the loader is UEFI, as Cumulus needs, with its management port first", () => {
    const conf = confOf("leaf01", withLeaves(anycast, cumulusVx));
    expect(conf.get("uefi_vars")).toBe("yes");
    expect(conf.get("network0_switch")).toBe("mgmt");
    expect(conf.get("memory")).toBe("1024M");
  });

  it("has the same UUID in every run, and another for another guest", () => {
    expect(confOf("leaf01").get("uuid")).toBe(confOf("leaf01").get("uuid"));
    expect(confOf("leaf01").get("uuid")).not.toBe(confOf("leaf02").get("uuid"));
    expect(confOf("leaf01").get("uuid")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("carries the mark of its lab, which another user's lab of the same name does not have", () => {
    expect(confOf("leaf01").get("lab_owner")).toBe("anycast-0123abcd");
    expect(ownerOf("anycast", "/root/.local/state/lab/anycast")).toMatch(/^anycast-[0-9a-f]{8}$/);
    expect(ownerOf("anycast", "/root/lab/anycast")).not.toBe(ownerOf("anycast", "/home/lab/anycast"));
  });
});

describe("interfaces", () => {
  const text = [
    "vm-lan: flags=1008843<UP> metric 0 mtu 1500",
    "\toptions=0",
    "\tether 58:9c:fc:10:ff:a1",
    "\tinet 192.168.10.20 netmask 0xffffff00 broadcast 192.168.10.255",
    "\tmember: tap0 flags=143<LEARNING,DISCOVER>",
    "\tmember: tap11 flags=143<LEARNING,DISCOVER>",
    "\tgroups: bridge vm-switch viid-73f50@",
    "tap11: flags=1008943<UP> metric 0 mtu 9216",
    "\tdescription: vmnet/leaf01/3/sp01-lf01",
    "\tgroups: tap vm-port",
    "\tOpened by PID 4711",
  ].join("\n");

  it("are read with their members, groups and descriptions", () => {
    expect(parseInterfaces(text)).toEqual([
      {
        name: "vm-lan",
        description: "",
        groups: ["bridge", "vm-switch", "viid-73f50@"],
        members: ["tap0", "tap11"],
        addresses: ["192.168.10.20/24"],
      },
      {
        name: "tap11",
        description: "vmnet/leaf01/3/sp01-lf01",
        groups: ["tap", "vm-port"],
        members: [],
        addresses: [],
      },
    ]);
    expect(parseInterfaces("")).toEqual([]);
  });

  it("belong to a guest and a switch by their description alone", () => {
    const [bridge, tap] = parseInterfaces(text);
    expect(bridge && tapOwner(bridge)).toBeUndefined();
    expect(tap && tapOwner(tap)).toEqual({ guest: "leaf01", switch: "sp01-lf01" });
  });

  it("are called after switches of up to 12 characters, and looked up for longer ones", () => {
    expect(bridgeOf("4nlf01srv01a")).toBe("vm-4nlf01srv01a");
    expect(lookupOf(bridgeOf("lf01-srv01abcd"))).toEqual({ kind: "bridge", switch: "lf01-srv01abcd" });
    expect(lookupOf(tapsOf("leaf01"))).toEqual({ kind: "taps", guest: "leaf01", switch: undefined });
    expect(lookupOf(tapsOf("leaf01", "lan"))).toEqual({ kind: "taps", guest: "leaf01", switch: "lan" });
    expect(lookupOf(supervisorOf("leaf01"))).toEqual({ kind: "supervisor", guest: "leaf01" });
    expect(lookupOf(placeOf("leaf01").clone)).toEqual({ kind: "dataset" });
    expect(lookupOf("vm-lan")).toBeUndefined();
  });
});

describe("the directory of vm-bhyve", () => {
  it("is the mount point of a dataset where rc.conf names one", async () => {
    const exec = fakeExec((argv) => {
      if (argv[0] === "sysrc") return { stdout: "vm_dir: zfs:zroot/vm\n" };
      return argv.join(" ") === "zfs get -H -o value mountpoint zroot/vm" ? { stdout: "/zroot/vm\n" } : undefined;
    });
    expect(await findVmDir(localHost({ exec, isRoot: true }))).toEqual({ path: "/zroot/vm", dataset: "zroot/vm" });
  });

  it("is none where nothing is mounted", async () => {
    const exec = fakeExec((argv) => ({ stdout: argv[0] === "sysrc" ? "vm_dir: zfs:zroot/vm\n" : "legacy\n" }));
    expect(await findVmDir(localHost({ exec, isRoot: true }))).toBeUndefined();
  });
});

describe("a limit", () => {
  it("lets so many run and no more, whether they fail or not", async () => {
    const limit = limitTo(2);
    let running = 0;
    let most = 0;
    const work = async (fails: boolean) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (fails) throw new Error("failed");
      return 1;
    };
    const outcomes = await Promise.allSettled(
      [true, false, true, false, false].map((fails) => limit(() => work(fails))),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([
      "rejected",
      "fulfilled",
      "rejected",
      "fulfilled",
      "fulfilled",
    ]);
    expect(most).toBe(2);
  });
});

it("conditions are said in words", () => {
  expect(describeCondition({ is: "there", paths: ["/a", "/b"] })).toBe("/a and /b exist");
  expect(describeCondition({ is: "unset", file: "f", settings: [["k", "v"]] })).toBe("f lacks k=v");
});
