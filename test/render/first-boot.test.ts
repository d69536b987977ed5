import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { guestConf, parseConf } from "../../src/drivers/vm-bhyve/conf.ts";
import { packScript } from "../../src/drivers/vm-bhyve/seed.ts";
import { seedFiles } from "../../src/flow/seeds.ts";
import type { Node } from "../../src/plan/model.ts";
import { renderFirstBoot } from "../../src/render/first-boot.ts";
import { designOf, fixedKeys } from "../fakes/labs.ts";
import { makePlace } from "../fakes/place.ts";
import { duo } from "./topologies.ts";

const { plan, files } = designOf(duo, "vm-bhyve");
const nodeOf = (role: Node["role"]): Node => {
  const found = plan.nodes.find((node) => node.role === role);
  if (found === undefined) throw new Error(`duo has no ${role}`);
  return found;
};
const scripts = seedFiles(plan, files, fixedKeys(plan));
const hostile = [
  "END\nEND1\nEND2\n",
  "$(touch /tmp/owned) `id` ${HOME} \\ ' \" %s\n",
  "no newline at the end",
  "",
  "\ttabs and ümlauts 💥\n",
];

describe("the script of a first boot", () => {
  it("writes whatever a file holds, byte by byte, with its mode, and again over itself", () => {
    const place = makePlace();
    const paths = hostile.map((_, index) => `/files/deep/${index}`);
    const owner = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
    const node = nodeOf("client");
    const seeds = hostile.map((text, index) => ({
      ...{ node: node.name, path: paths[index] ?? "", text, mode: 0o640, owner },
      ...({ stage: "boot", applies: "nothing" } as const),
    }));
    const whole = renderFirstBoot(node, seeds);
    // Only what writes files; the rest would make this machine ours.
    const start = whole.indexOf("put() {");
    const first = whole.indexOf(`put 0640 ${owner} /files`);
    const last = whole.indexOf("ssh-keygen");
    const script = `set -u\n${whole.slice(start, whole.indexOf("}\n", start) + 2)}${whole.slice(first, last)}`;
    const rooted = script.replaceAll(" /files/", ` ${join(place, "files")}/`).replaceAll("lab unit", "lab\\ unit");
    for (const _ of [1, 2]) expect(spawnSync("sh", { input: rooted, encoding: "utf8" }).stderr).toBe("");
    hostile.forEach((text, index) => {
      const path = join(place, paths[index] ?? "");
      expect(readFileSync(path, "utf8")).toBe(text === "" || text.endsWith("\n") ? text : `${text}\n`);
      expect(statSync(path).mode & 0o777).toBe(0o640);
    });
  });

  it.each(scripts.map(({ node, text }) => [node, text] as const))("of %s is one that a shell can read", (_, text) => {
    expect(spawnSync("sh", ["-n"], { input: text, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  });

  it("leaves no way in but the lab's key, on every system", () => {
    for (const { node, text } of scripts) {
      expect({ node, keys: text.includes("rm -f /etc/ssh/ssh_host_*") }).toEqual({ node, keys: true });
      expect(text).toContain("PasswordAuthentication no");
      expect(text).toContain("PermitRootLogin prohibit-password");
    }
    const server = scripts.find(({ node }) => node === nodeOf("server").name)?.text ?? "";
    // facts 4, trap 3: a blocking DHCP client on em1, and a default route from the leaf.
    expect(server).toMatch(/^ifconfig_em1="up mtu 1500"$/m);
    expect(server).toMatch(/^ifconfig_em1_ipv6=".*-accept_rtadv"$/m);
    expect(server).toContain("pw userdel freebsd");
  });
});

describe("the script as user-data", () => {
  it.each(["freebsd", "debian"] as const)("is a script and a YAML document at once on %s", (os) => {
    const text = packScript(os, hostile.join(""));
    expect(text.startsWith("#!/bin/sh\n")).toBe(true);
    expect(typeof parse(text)).toBe("string");
  });

  it("runs what was packed", () => {
    const place = makePlace("lab-seed-");
    mkdirSync(join(place, "root"));
    const packed = packScript("debian", `printf '%s' "$0 ran" >'${place}/said'\n`).replaceAll(
      "/root/",
      `${place}/root/`,
    );
    writeFileSync(join(place, "user-data"), packed, { mode: 0o700 });
    expect(spawnSync(join(place, "user-data"), { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
    expect(readFileSync(join(place, "said"), "utf8")).toBe(`${place}/root/lab-first-boot ran`);
  });
});

describe("the cards of a guest that counts them", () => {
  const nodes = duo.nodes.map((one) => Object.assign({}, one, one.role === "leaf" ? { kind: "cumulus-vx" } : {}));
  const cumulus = designOf({ ...duo, nodes }, "vm-bhyve");
  const leaf = cumulus.plan.nodes.find(({ role }) => role === "leaf");

  it("are one for each number up to the highest, and those without a port are plugged into nothing", () => {
    if (leaf?.machine === undefined) throw new Error("no leaf");
    const conf = parseConf(guestConf("duo-0123abcd", "6x-leaf01", leaf, leaf.machine));
    const switches = [0, 1, 2, 3, 4, 5, 6, 7].map((index) => conf.get(`network${index}_switch`));
    expect(switches).toEqual([
      "6xmgmt",
      "6xsp01lf01",
      undefined,
      undefined,
      undefined,
      "6xlf01srv01",
      "6xlf01srv01a",
      undefined,
    ]);
    const types = [0, 1, 2, 3, 4, 5, 6, 7].map((index) => conf.get(`network${index}_type`));
    expect(types).toEqual([...Array.from({ length: 7 }, () => "virtio-net"), undefined]);
    const macs = [0, 1, 2, 3, 4, 5, 6].map((index) => conf.get(`network${index}_mac`));
    expect(new Set(macs).size).toBe(7);
    // Cumulus knows no seed.
    expect(conf.get("disk1_name")).toBeUndefined();
  });
});
