import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { probeHost, type ProbeOptions } from "../../src/drivers/netns/probe.ts";
import { fakeExec, type Reply } from "../fakes/exec.ts";
import { makePlace } from "../fakes/place.ts";

const features = ["overlay", "multipath-hash", "veth", "bridge", "vxlan", "dummy", "vrf", "vlan-filtering", "netem"];
const kernel = (missing: readonly string[] = []) =>
  [...features, "resilient", "nft-bridge", "mpls"]
    .map((one) => `${one} ${missing.includes(one) ? "no" : "yes"}\n`)
    .join("");

interface Machine {
  readonly programs?: readonly string[];
  readonly unprivileged?: boolean;
  readonly imageBuilt?: boolean;
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly namespaces?: Reply;
  readonly kernel?: string;
}

const all = ["unshare", "nsenter", "ssh", "ansible-playbook", "mmdebstrap", "newuidmap"];

async function probe(machine: Machine) {
  const place = makePlace();
  const make = (path: string, text = "") => {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), text);
  };
  for (const program of machine.programs ?? all) {
    make(`bin/${program}`);
    chmodSync(join(place, "bin", program), 0o755);
  }
  for (const [key, value] of Object.entries(machine.sysctls ?? {})) make(`sys/${key}`, `${value}\n`);
  if (machine.imageBuilt === true) mkdirSync(join(place, "root"));
  const exec = fakeExec((argv) => {
    if (argv.at(-1) === "true") return machine.namespaces ?? {};
    return argv.includes(`/assets/probe.sh`) ? { stdout: machine.kernel ?? kernel() } : undefined;
  });
  const options: ProbeOptions = {
    exec,
    assets: "/assets",
    unprivileged: machine.unprivileged ?? false,
    image: join(place, "root"),
    path: `/nowhere:${join(place, "bin")}`,
    sysctls: join(place, "sys"),
  };
  const findings = await probeHost(options);
  return { findings, calls: exec.lines(), missing: findings.filter(({ status }) => status === "missing") };
}

const refused: Reply = { exitCode: 1, stderr: "unshare: unshare failed: Operation not permitted\n" };

describe("a machine that has everything", () => {
  it("is good in every respect, as root and as an ordinary user", async () => {
    for (const unprivileged of [true, false]) {
      const { findings } = await probe({ unprivileged });
      expect(findings.filter(({ status }) => status !== "good")).toEqual([]);
    }
  });

  it("is tried with the namespaces that a sandbox has", async () => {
    const { calls } = await probe({ unprivileged: true });
    expect(calls[0]).toBe("unshare --user --map-root-user --map-auto --net --mount --pid --uts --ipc --fork true");
  });
});

describe("a missing program", () => {
  it.each([
    ["ssh", "openssh-client"],
    ["ansible-playbook", "ansible-core"],
    ["unshare", "util-linux"],
    ["mmdebstrap", "mmdebstrap debian-archive-keyring"],
  ])("%s is named with the package that has it", async (program, packages) => {
    const { missing } = await probe({ programs: all.filter((one) => one !== program) });
    expect(missing).toMatchObject([
      { what: program, fix: `apt-get install ${packages}`, packages: packages.split(" ") },
    ]);
  });

  it("is none where nobody needs it: what builds the image once it is built, what maps ids for root", async () => {
    const few = { programs: ["unshare", "nsenter", "ssh", "ansible-playbook"], imageBuilt: true };
    expect((await probe(few)).missing).toEqual([]);
    expect((await probe({ ...few, unprivileged: true })).missing).toMatchObject([{ what: "newuidmap" }]);
    expect((await probe({ ...few, imageBuilt: false })).missing).toMatchObject([{ what: "mmdebstrap" }]);
  });
});

describe("a machine that refuses namespaces", () => {
  it.each([
    ["AppArmor, as on Ubuntu", "kernel/apparmor_restrict_unprivileged_userns", "1", /AppArmor .*Ubuntu 24.04/],
    ["Debian's old switch", "kernel/unprivileged_userns_clone", "0", /this kernel keeps ordinary users/],
    ["a limit of none", "user/max_user_namespaces", "0", /no user namespaces are allowed/],
    ["no range of ids", "user/max_user_namespaces", "5000", /no range in \/etc\/subuid/],
  ])("to an ordinary user is explained: %s", async (_, key, value, why) => {
    const { missing, findings } = await probe({ unprivileged: true, namespaces: refused, sysctls: { [key]: value } });
    expect(missing).toMatchObject([{ what: "user namespaces", consequence: expect.stringMatching(why) as string }]);
    expect(missing[0]?.fix).toContain("sudo ");
    // Without namespaces there is no place to try the kernel in.
    expect(findings.filter(({ what }) => what.startsWith("kernel"))).toEqual([]);
  });

  it("to root is not told to become root", async () => {
    const { missing } = await probe({ namespaces: refused });
    expect(missing).toMatchObject([{ what: "namespaces", consequence: refused.stderr?.trim() }]);
    expect(missing[0]?.fix).not.toContain("as root");
  });
});

describe("a smaller kernel", () => {
  it.each([
    ["dummy", /bridges without ports/],
    ["vlan-filtering", /one bridge per VNI/],
    ["vrf", /without a VRF/],
    ["netem", /no delay or loss/],
    ["nft-bridge", /no guard/],
    ["resilient", /rehashes/],
    ["mpls", /no labels/],
  ])("without %s gets along with something else, which is named", async (feature, instead) => {
    const { findings, missing } = await probe({ kernel: kernel([feature]) });
    expect(missing).toEqual([]);
    expect(findings.filter(({ status }) => status === "fallback")).toEqual([
      { what: `kernel: ${feature}`, status: "fallback", consequence: expect.stringMatching(instead) as string },
    ]);
  });

  it.each(["overlay", "veth", "bridge", "vxlan", "multipath-hash"])(
    "without %s cannot carry the fabric",
    async (feature) => {
      const { missing } = await probe({ kernel: kernel([feature]) });
      expect(missing).toMatchObject([{ what: `kernel: ${feature}`, fix: "use a kernel that has it" }]);
    },
  );
});
