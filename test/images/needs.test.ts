/** What nodes are told to run, by kind and check, is held against what their images are made of. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packages as freebsdPackages } from "../../images/freebsd-server/steps.ts";
import { parseRecipe } from "../../src/drivers/netns/recipe.ts";
import { listConnections } from "../../src/flow/drain.ts";
import type { Argv, Guest, Hypervisor } from "../../src/kinds/kind.ts";
import { stepBack } from "../../src/render/frr-commands.ts";
import { listPins } from "../../src/render/pins.ts";
import { checksOf } from "../../src/verify/checks.ts";
import { speak } from "../../src/verify/freebsd.ts";
import { questionsOf } from "../../src/verify/questions.ts";
import { designOf } from "../fakes/labs.ts";
import { anycast, anycastDense, duo } from "../render/topologies.ts";

const assets = join(import.meta.dirname, "..", "..", "images");
const recipeOf = (image: string) => parseRecipe(readFileSync(join(assets, image, "recipe.json"), "utf8")).packages;

/** The package that a program comes with; `base` is on every system of that kind. A program that is not here has none. */
type Origins = Readonly<Record<string, string>>;
const ofDebian: Origins = {
  "/usr/lib/frr/frr-reload.py": "frr-pythontools",
  arping: "iputils-arping",
  cat: "base",
  curl: "curl",
  hostname: "base",
  ifreload: "ifupdown2",
  ifup: "ifupdown2",
  ip: "iproute2",
  nft: "nftables",
  node: "nodejs",
  ping: "iputils-ping",
  sysctl: "procps",
  traceroute: "traceroute",
  vtysh: "frr",
};
const ofEmbedded: Origins = {
  ...ofDebian,
  apache2: "apache2-bin",
  dnsmasq: "dnsmasq-base",
  sha256sum: "base",
  ss: "iproute2",
};
const ofMachine: Origins = { ...ofDebian, dnsmasq: "dnsmasq", systemctl: "systemd-sysv" };
const ofFreeBsd: Origins = {
  "/usr/local/sbin/frr-reload.py": "frr10-pythontools",
  hostname: "base",
  httpd: "apache24",
  ifconfig: "base",
  netstat: "base",
  node: "node24",
  ping: "base",
  service: "base",
  sha256: "base",
  sysctl: "base",
  vtysh: "frr10",
};

/** The commands by which a guest is controlled: all that a kind's record holds as lists of words, or lists of those. */
function controls({ frr, interfaces, web, dhcp, loopbacks }: Guest): readonly Argv[] {
  return [frr, interfaces, web, dhcp, loopbacks].flatMap((control) => {
    const values: readonly (string | Argv | readonly Argv[])[] = Object.values(control ?? {});
    return values.flatMap((value) => (typeof value === "string" ? [] : value.every(isWord) ? [value] : value));
  });
}

function isWord(value: string | Argv): value is string {
  return typeof value === "string";
}

/** What the playbook starts by its path, on leaves of Debian. */
const playbook = join(assets, "../playbooks/roles/bgp/templates/frr.sh.j2");
const played: readonly Argv[] = [...readFileSync(playbook, "utf8").matchAll(/\/usr\/lib\/[\w./-]+/g)].map(([path]) => [
  path,
]);

/** Commands to running routers, and to servers that are about to leave, whose health daemon runs on Node.js. */
const toRouters: readonly Argv[] = [listPins, ...played];
const toServers: readonly Argv[] = [stepBack(65300, []), listConnections("172.20.0.1"), ["node"]];

/** Programs and scripts that the nodes of the shipped labs run, by their operating system. */
function programsOn(hypervisor: Hypervisor, os: Guest["os"]): readonly string[] {
  const argvs = [duo, anycast, anycastDense].flatMap((topology) => {
    const { plan } = designOf(topology, hypervisor);
    const nodes = plan.nodes.filter(({ guest }) => guest.os === os);
    const asked = questionsOf(checksOf(plan)).filter(({ node }) => nodes.some(({ name }) => name === node));
    return asked
      .flatMap(({ questions }) => questions.map(({ argv }) => argv))
      .concat(nodes.flatMap(({ guest }) => controls(guest)))
      .concat(nodes.some(({ role }) => role === "leaf") ? toRouters : [])
      .concat(nodes.some(({ role }) => role === "server") ? toServers : []);
  });
  const spoken = argvs.map((argv) => speak(argv, os === "freebsd").argv);
  const words = spoken.flatMap(([program = "", script = ""]) =>
    program === "node" && script !== "" ? [program, script] : [program],
  );
  return [...new Set(words)].toSorted();
}

/** Of these programs those that an image with such packages lacks, or of which nobody knows what brings them. */
function lacking(programs: readonly string[], origins: Origins, packages: readonly string[]): readonly string[] {
  return programs.filter((program) => {
    if (program.startsWith("/usr/libexec/lab/")) return !existsSync(join(assets, "embedded/overlay", program));
    const origin = origins[program];
    return origin === undefined || (origin !== "base" && !packages.includes(origin));
  });
}

describe.each([
  ["embedded guests", "netns", "debian", ofEmbedded, recipeOf("embedded")],
  ["Debian's virtual machines", "vm-bhyve", "debian", ofMachine, recipeOf("debian-frr")],
  ["FreeBSD's virtual machines", "vm-bhyve", "freebsd", ofFreeBsd, freebsdPackages],
] as const)("the image of %s", (_, hypervisor, os, origins, packages) => {
  const programs = programsOn(hypervisor, os);

  it("has every program that its nodes run", () => {
    expect(programs.length).toBeGreaterThan(10);
    expect(lacking(programs, origins, packages)).toEqual([]);
  });

  it("is found wanting without any one of the packages that bring them", () => {
    const wanted = new Set(programs.flatMap((program) => origins[program] ?? []).filter((origin) => origin !== "base"));
    for (const one of wanted) {
      expect(
        lacking(
          programs,
          origins,
          packages.filter((name) => name !== one),
        ),
      ).not.toEqual([]);
    }
  });

  it("is looked at for nothing that no node runs", () => {
    expect(Object.keys(origins).filter((program) => !programs.includes(program))).toEqual([]);
  });
});
