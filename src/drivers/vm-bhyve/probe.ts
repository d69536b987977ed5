/**
 * What a FreeBSD host lacks for a lab on vm-bhyve (contract, sections 1, 3 and 8): all of it at once, each with the command
 * that mends it. Nothing is made. With a plan, also whether the whole lab fits and its names are free.
 */
import type { Plan } from "../../plan/model.ts";
import type { HostFinding } from "../driver.ts";
import type { Owner } from "./conf.ts";
import type { ImageCache } from "./images/cache.ts";
import { imagesFor, judgeImages, lookAtImages } from "./images/look.ts";
import { findVmDir, type Host, readRcConf, type VmDir, withVmDir } from "./host.ts";
import { takeInventory } from "./inventory.ts";
import { configDirectory, firmwareDirectory } from "./place.ts";
import { probeAddresses } from "./probe-addresses.ts";
import { probeNames } from "./probe-names.ts";
import { probeRoom } from "./probe-room.ts";

/** Before 1.7, `vm start` exits 0 whatever happens, and guests on parallel hosts get equal MACs. */
const oldest = [1, 7] as const;

export async function probeHost(
  host: Host,
  owner: Owner,
  plan?: Plan,
  cache?: ImageCache,
): Promise<readonly HostFinding[]> {
  // The first that is asked of it: one that cannot be reached says so.
  const rights = await host.probe();
  const rcConf = await readRcConf(host, ["vm_enable", "vm_dir"]);
  if (rcConf === undefined) return [notFreeBsd(host)];
  const vmDir = await findVmDir(host);
  const own = await Promise.all([
    probeRcConf(rcConf, vmDir),
    probeDirectory(host, vmDir),
    probeVersion(host),
    ...loadersOf(plan).map((loader) => probeLoader(host, loader)),
    probeProgram(host, ["qemu-img", "--version"], "qemu-tools", "copies images to guests"),
    ...bridgeSysctls.map((name) =>
      probeSysctl(host, name, "0", "the host's firewall would drop frames between guests"),
    ),
    probeSysctl(host, "net.link.tap.up_on_open", "1", "a guest's ports would stay down after it reboots", "vm init"),
  ]);
  const findings = [...rights, ...own];
  if (vmDir === undefined || plan === undefined) return findings;
  const there = withVmDir(host, vmDir);
  const inventory = await takeInventory(there, owner);
  const images = await lookAtImages(there, imagesFor(plan), cache);
  return [
    ...findings,
    ...(await probeRoom(there, owner, plan, inventory, images)),
    ...(await probeNames(there, owner, plan, inventory)),
    ...(await probeAddresses(there, owner, plan, inventory)),
    ...judgeImages(there, images),
  ];
}

function notFreeBsd({ name }: Host): HostFinding {
  return {
    what: "FreeBSD with vm-bhyve",
    status: "missing",
    consequence: `${name ?? "this machine"} has no sysrc, so it is no FreeBSD host`,
    fix: "run lab on the hypervisor, or with --host ssh://root@HYPERVISOR, or use --hypervisor netns on Linux",
  };
}

/** With a packet filter loaded, if_bridge hands it every frame (contract, section 8). */
const bridgeSysctls = ["net.link.bridge.pfil_onlyip", "net.link.bridge.pfil_member", "net.link.bridge.pfil_bridge"];

function probeRcConf(rcConf: ReadonlyMap<string, string>, vmDir: VmDir | undefined): HostFinding {
  const what = "vm-bhyve in rc.conf";
  const fixes = [
    ...(/^(yes|true|on|1)$/i.test(rcConf.get("vm_enable") ?? "") ? [] : ["vm_enable=YES"]),
    ...(rcConf.has("vm_dir") ? [] : ["vm_dir=/vm"]),
  ];
  if (fixes.length > 0)
    return { what, status: "missing", consequence: "vm does nothing", fix: `sysrc ${fixes.join(" ")}` };
  if (vmDir !== undefined) return { what, status: "good" };
  const dataset = rcConf.get("vm_dir")?.replace(/^zfs:/, "") ?? "";
  return { what, status: "missing", consequence: `the dataset ${dataset} is not mounted`, fix: `zfs mount ${dataset}` };
}

async function probeDirectory(host: Host, vmDir: VmDir | undefined): Promise<HostFinding> {
  const what = "vm-bhyve's directory";
  const fix = `mkdir -p ${vmDir?.path ?? "/vm"} && vm init`;
  if (vmDir === undefined) return { what, status: "missing", consequence: "none is configured", fix };
  if (/\s/.test(vmDir.path)) {
    return {
      what,
      status: "missing",
      consequence: `vm-bhyve cannot copy images to ${vmDir.path}`,
      fix: "a path without blanks",
    };
  }
  if (await withVmDir(host, vmDir).exists(configDirectory)) return { what, status: "good" };
  return { what, status: "missing", consequence: `vm init has never run in ${vmDir.path}`, fix };
}

/** `vm version` works for everybody, also where vm-bhyve is not enabled. */
async function probeVersion(host: Host): Promise<HostFinding> {
  const what = "vm-bhyve";
  const { stdout, exitCode } = await host.run(["vm", "version"], { timeoutMs: 10_000 });
  if (exitCode === undefined)
    return { what, status: "missing", consequence: "there is no vm", fix: "pkg install vm-bhyve" };
  const [, major = "0", minor = "0"] = /v?(\d+)\.(\d+)/.exec(stdout) ?? [];
  const isOld = Number(major) < oldest[0] || (Number(major) === oldest[0] && Number(minor) < oldest[1]);
  if (!isOld) return { what, status: "good" };
  const consequence = `version ${major}.${minor} does not tell when a guest is refused`;
  return { what, status: "missing", consequence, fix: "pkg upgrade vm-bhyve" };
}

function loadersOf(plan: Plan | undefined): readonly string[] {
  return [...new Set(plan?.nodes.flatMap(({ machine }) => machine?.loader ?? []) ?? ["uefi"])];
}

/** The files that `vm` looks for, in its library vm-run. */
const firmware: Readonly<Record<string, readonly string[]>> = {
  uefi: ["BHYVE_UEFI.fd", "BHYVE_UEFI_VARS.fd"],
  "uefi-csm": ["BHYVE_UEFI_CSM.fd", "BHYVE_UEFI_VARS.fd"],
};

async function probeLoader(host: Host, loader: string): Promise<HostFinding> {
  const what = `loader ${loader}`;
  if (loader === "grub") return probeProgram(host, ["grub-bhyve", "--version"], "grub2-bhyve", "loads guests");
  const files = (firmware[loader] ?? []).map((file) => `${firmwareDirectory}/${file}`);
  const there = await Promise.all(files.map((file) => host.exists(file)));
  const missing = files.filter((_, index) => there[index] !== true);
  if (missing.length === 0) return { what, status: "good" };
  return { what, status: "missing", consequence: `no ${missing.join(", ")}`, fix: "pkg install bhyve-firmware" };
}

async function probeProgram(host: Host, argv: readonly string[], port: string, why: string): Promise<HostFinding> {
  const what = argv[0] ?? "";
  const { exitCode } = await host.run(argv, { timeoutMs: 10_000 });
  if (exitCode !== undefined) return { what, status: "good" };
  return { what, status: "missing", consequence: why, fix: `pkg install ${port}` };
}

async function probeSysctl(
  host: Host,
  name: string,
  wanted: string,
  consequence: string,
  fix = `sysctl ${name}=${wanted}, and the same line in /etc/sysctl.conf`,
): Promise<HostFinding> {
  const { stdout, failure } = await host.run(["sysctl", "-n", name], { timeoutMs: 10_000 });
  if (failure !== undefined)
    return { what: name, status: "missing", consequence: "its module is not loaded", fix: "vm init" };
  if (stdout.trim() === wanted) return { what: name, status: "good" };
  return { what: name, status: "missing", consequence, fix };
}
