/**
 * `npm run try-image -- [FILE] [--memory MIB] [--keep]`: boots the image of Debian guests, by default the one in the cache,
 * under qemu's software emulation and UEFI firmware, with a seed CD as vm-bhyve makes one, logs in by SSH and asks what
 * guests need. Takes some minutes. The image itself stays as it is.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { setTimeout as pause } from "node:timers/promises";
import { $, which } from "zx/core";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { memory: { type: "string", default: "512" }, keep: { type: "boolean", default: false } },
});
const cache = process.env["LAB_CACHE_DIR"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "lab");
const image = positionals[0] ?? join(cache, "vm-bhyve", "debian-frr.raw");
const firmwares: readonly (readonly [code: string, variables: string])[] = [
  ["/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"],
  ["/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"],
];
const firmware = firmwares.find(([code]) => existsSync(code));
const bootMs = 15 * 60_000;

/** What a guest must be able to do, as a leaf, a client or a DHCP server: a command and what it must print. */
const questions: readonly (readonly [command: string, answer: RegExp])[] = [
  ["vtysh -c 'show version'", /^FRRouting 1\d\./],
  ["ifreload --version", /ifupdown2/],
  ["systemctl is-active frr", /^active$/],
  ["systemctl is-active dnsmasq", /^active$/],
  ["systemctl --failed --no-legend --plain | wc -l", /^0$/],
  ["modprobe -a vxlan vrf bridge 8021q dummy ahci nvme nf_tables && echo loaded", /^loaded$/],
  ["cat /sys/class/net/eth0/operstate", /^up$/],
  ["/usr/lib/frr/frr-reload.py --help | head -n 1", /^usage/],
  ["node /usr/libexec/lab/flows.mjs </dev/null >/dev/null 2>&1; node --version", /^v2\d\./],
  ["nft list ruleset && echo ruled", /ruled$/],
  ["getent shadow root | cut -d: -f2", /^[*!]/],
  ['test "$(df --output=size -BM / | tail -n 1 | tr -dc 0-9)" -gt 3500 && echo grown', /^grown$/],
  ["cat /proc/sys/kernel/hostname", /^try01$/],
];

const place = await mkdtemp(join(tmpdir(), "lab-try-image-"));
/** A file of this run. */
const at = (name: string) => join(place, name);
let machine: ReturnType<typeof spawn> | undefined;
try {
  await run();
} finally {
  // Only what this run has started.
  machine?.kill("SIGKILL");
  if (values.keep) console.log(`kept: ${place}`);
  else await rm(place, { recursive: true, force: true });
}

async function run(): Promise<void> {
  const [code, variables] = await findTools();
  const port = await freePort();
  await prepare(variables);
  const start = Date.now();
  machine = spawn("qemu-system-x86_64", qemuArguments(port, code), { stdio: ["ignore", "ignore", "inherit"] });
  const hostKey = (await readFile(at("host.pub"), "utf8")).split(" ").slice(0, 2).join(" ");
  await writeFile(at("known_hosts"), `[127.0.0.1]:${port} ${hostKey}\n`);
  const ssh = [
    ...["-F", "/dev/null", "-i", at("user"), "-p", String(port), "-o", `UserKnownHostsFile=${at("known_hosts")}`],
    ...["-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes", "-o", "ConnectTimeout=30", "root@127.0.0.1"],
  ];
  await waitForSsh(ssh, at("console.log"));
  console.log(`logged in after ${Math.round((Date.now() - start) / 1000)} s`);
  for (const [command, answer] of questions) await ask(ssh, command, answer);
}

/** Firmware and its variables; throws if anything is missing. */
async function findTools(): Promise<readonly [code: string, variables: string]> {
  const missing = [];
  for (const program of ["qemu-system-x86_64", "qemu-img", "xorriso", "ssh", "ssh-keygen"]) {
    if ((await which(program, { nothrow: true })) === null) missing.push(program);
  }
  if (firmware === undefined) missing.push("UEFI firmware");
  if (missing.length === 0 && firmware !== undefined) return firmware;
  throw new Error(`${missing.join(", ")} missing
  → apt-get install qemu-system-x86 qemu-utils ovmf xorriso openssh-client`);
}

async function prepare(variables: string): Promise<void> {
  for (const key of ["user", "host"]) await $`ssh-keygen -q -t ed25519 -N ${""} -C ${key} -f ${at(key)}`;
  const [user, host] = [await readFile(at("user.pub"), "utf8"), await readFile(at("host"), "utf8")];
  await mkdir(at("seed"));
  await writeFile(at("seed/meta-data"), "instance-id: lab-try\nlocal-hostname: try01\n");
  await writeFile(at("seed/user-data"), userData(user, host));
  await $`xorriso -as mkisofs -quiet -V cidata -R -o ${at("seed.iso")} ${at("seed")}`.quiet();
  // What vm create does, without a copy: a larger disk, whose changes go elsewhere.
  await $`qemu-img create -q -f qcow2 -b ${image} -F raw ${at("disk.qcow2")} 4G`;
  await copyFile(variables, at("vars.fd"));
}

async function ask(ssh: readonly string[], command: string, answer: RegExp): Promise<void> {
  const { stdout, stderr } = await $({ nothrow: true, quiet: true })`ssh ${ssh} ${command}`;
  const [said = ""] = stdout.trim().split("\n");
  if (answer.test(said)) {
    console.log(`ok   ${command}: ${said}`);
    return;
  }
  process.exitCode = 1;
  console.log(`FAIL ${command}: ${said} ${stderr.trim()}`);
}

/** As the lab's own: a key that may log in, a host key that is known, an address, all by a script. */
function userData(user: string, host: string): string {
  return `#!/bin/sh
umask 077
mkdir -p /root/.ssh
cat >/root/.ssh/authorized_keys <<'END'
${user.trim()}
END
cat >/etc/ssh/ssh_host_ed25519_key <<'END'
${host.trim()}
END
umask 022
ssh-keygen -y -f /etc/ssh/ssh_host_ed25519_key >/etc/ssh/ssh_host_ed25519_key.pub
echo try01 >/etc/hostname
hostname -F /etc/hostname
cat >/etc/network/interfaces <<'END'
auto lo
iface lo inet loopback
auto eth0
iface eth0 inet static
\taddress 10.0.2.15/24
END
systemctl restart networking
systemctl start ssh
`;
}

/** The seed on an AHCI CD drive, as vm-bhyve has it. */
function qemuArguments(port: number, code: string): string[] {
  return [
    ...["-machine", "q35,accel=tcg", "-cpu", "max", "-smp", "2", "-m", values.memory, "-display", "none"],
    ...["-no-reboot", "-serial", `file:${at("console.log")}`],
    ...[
      "-drive",
      `if=pflash,format=raw,readonly=on,file=${code}`,
      "-drive",
      `if=pflash,format=raw,file=${at("vars.fd")}`,
    ],
    ...["-drive", `file=${at("disk.qcow2")},format=qcow2,if=virtio`],
    ...["-drive", `file=${at("seed.iso")},format=raw,media=cdrom,readonly=on,if=none,id=seed`],
    ...["-device", "ich9-ahci,id=seedbus", "-device", "ide-cd,drive=seed,bus=seedbus.0"],
    ...["-netdev", `user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`],
    ...["-device", "virtio-net-pci,netdev=net"],
  ];
}

async function waitForSsh(ssh: readonly string[], log: string): Promise<void> {
  const deadline = Date.now() + bootMs;
  for (;;) {
    const { exitCode, stderr } = await $({ nothrow: true, quiet: true })`ssh ${ssh} true`;
    if (exitCode === 0) return;
    if (Date.now() > deadline || machine?.exitCode !== null) {
      const tail = (await readFile(log, "utf8")).slice(-3000);
      throw new Error(`no login by SSH: ${stderr.trim()}\nthe console says:\n${tail}`);
    }
    await pause(3000);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
