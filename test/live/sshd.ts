/**
 * A real OpenSSH server on the loopback, with keys, users and a configuration of its own, that stands for a hypervisor's. It
 * is the one of the embedded image, run by the image's own loader, so nothing is installed on this machine.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { localExec } from "../../src/system/exec.ts";
import { childrenOf, kill } from "../../src/system/processes.ts";
import { until } from "../fakes/processes.ts";

export interface Sshd {
  readonly port: number;
  /** OpenSSH's configuration for it: identity and known hosts. */
  readonly config: string;
  /** Home directory of its only user, root. */
  readonly home: string;
  /** Private key that may log in. */
  readonly identity: string;
  readonly log: () => string;
  /** Kills every open connection, and nothing else; one that has just ended by itself will do. */
  cut(): void;
  stop(): Promise<void>;
}

export interface SshdOptions {
  /** An empty directory. */
  readonly place: string;
  /** Of its sessions. */
  readonly env: Readonly<Record<string, string>>;
  /** Directory whose `dev/vmm` and `usr/local/share` its sessions see in place of this machine's. */
  readonly root: string;
  /** Starts it on another, emulated machine, which has the devices of its own. */
  readonly enter?: (...argv: string[]) => ChildProcess;
  /** More lines for sshd_config. */
  readonly lines?: readonly string[];
}

export async function startSshd({ place, env, root, lines = [], enter }: SshdOptions): Promise<Sshd> {
  const at = (name: string) => join(place, name);
  const image = imageRoot();
  const loader = [
    join(image, "usr/lib64/ld-linux-x86-64.so.2"),
    "--library-path",
    join(image, "usr/lib/x86_64-linux-gnu"),
  ];
  const port = await freePort();
  mkdirSync(at("home"));
  for (const key of ["host", "identity"])
    await localExec.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", at(key)]);
  const known = readFileSync(at("host.pub"), "utf8");
  writeFileSync(at("known_hosts"), `[127.0.0.1]:${port} ${known}`);
  await localExec.run(["ssh-keygen", "-q", "-H", "-f", at("known_hosts")]);
  for (const helper of ["sshd-session", "sshd-auth"]) {
    const words = [...loader, join(image, "usr/lib/openssh", helper)];
    writeFileSync(at(helper), `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`, { mode: 0o755 });
  }
  writeFileSync(
    at("sshd_config"),
    [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${at("host")}`,
      `SshdSessionPath ${at("sshd-session")}`,
      `SshdAuthPath ${at("sshd-auth")}`,
      `AuthorizedKeysFile ${at("identity.pub")}`,
      "StrictModes no",
      "UsePAM no",
      "PidFile none",
      "PermitRootLogin prohibit-password",
      "Subsystem sftp internal-sftp",
      `SetEnv ${Object.entries(env)
        .map(([name, value]) => `"${name}=${value}"`)
        .join(" ")}`,
      ...lines,
      "",
    ].join("\n"),
  );
  writeFileSync(
    at("ssh_config"),
    [
      `IdentityFile ${at("identity")}`,
      "IdentitiesOnly yes",
      `UserKnownHostsFile ${at("known_hosts")}`,
      "GlobalKnownHostsFile none",
      "StrictHostKeyChecking yes",
      "",
    ].join("\n"),
  );
  // Users as sshd wants them: root with a home of its own, and the one for its unprivileged half.
  writeFileSync(
    at("passwd"),
    `root:x:0:0:root:${at("home")}:/bin/sh\nsshd:x:999:65534::/run/sshd:/usr/sbin/nologin\nnobody:x:65534:65534::/:/usr/sbin/nologin\n`,
  );
  // No password, which is not the same as a locked account.
  writeFileSync(at("passwd.shadow"), "root:*:20000:0:99999:7:::\nsshd:!:20000::::::\n", { mode: 0o600 });
  const binary = join(image, "usr/sbin/sshd");
  const sshd = [...loader, "--argv0", binary, binary, "-D", "-e", "-f", at("sshd_config")];
  const words = ["unshare", "--mount", "sh", "-euc", `${users}${enter === undefined ? devices : ""}${run}`, "sh"];
  const argv = [...words, at("passwd"), root, ...sshd];
  const child =
    enter?.(...argv) ?? spawn("unshare", argv.slice(1), { stdio: ["ignore", "ignore", "pipe"], detached: true });
  let log = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (log += text));
  await until(() => log.includes("Server listening") || child.exitCode !== null);
  if (child.exitCode !== null) throw new Error(`sshd: ${log}`);
  const cut = () => sessionsOf(child).forEach(kill);
  return {
    port,
    config: at("ssh_config"),
    home: at("home"),
    identity: at("identity"),
    log: () => log,
    cut,
    async stop() {
      cut();
      child.kill("SIGKILL");
      await until(() => child.exitCode !== null || child.signalCode !== null);
    },
  };
}

/** In a mount namespace of its own: users, and sshd's own directory; then the hypervisor's devices and firmware. */
const users = `
mount --bind "$1" /etc/passwd
mount --bind "$1.shadow" /etc/shadow
mount -t tmpfs tmpfs /run
mkdir /run/sshd`;
const devices = `
mkdir /run/dev /run/dev/pts /run/dev/vmm
for one in null zero full random urandom tty ptmx; do
	: >"/run/dev/$one"
	mount --bind "/dev/$one" "/run/dev/$one"
done
ln -s /proc/self/fd /run/dev/fd
mount --bind /dev/pts /run/dev/pts
mount --bind "$2/dev/vmm" /run/dev/vmm
mount --rbind /run/dev /dev
mount --bind "$2/usr/local/share" /usr/local/share`;
const run = `
shift 2
exec "$@"`;

/** Without the image that the live suite builds, there is no sshd. */
function imageRoot(): string {
  const images = join(
    process.env["LAB_CACHE_DIR"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "lab"),
    "images",
  );
  const [name] = readdirSync(images)
    .filter((one) => one.startsWith("debian-frr-"))
    .toSorted();
  if (name === undefined) throw new Error(`no image in ${images}`);
  return join(images, name, "root");
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/**
 * The listening process has one child for each connection; what carries it into another machine has it for its only child.
 * Once somebody is logged in that one has a child of its own with the same socket, which would keep the connection. What
 * runs for the one who is logged in is none of them.
 */
function sessionsOf({ pid = 0, spawnfile }: ChildProcess): readonly number[] {
  const listener = spawnfile === "nsenter" ? (childrenOf(pid)[0] ?? 0) : pid;
  const sessions = childrenOf(listener);
  return [...sessions.flatMap(childrenOf).filter(isSshd), ...sessions];
}

function isSshd(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("sshd-session");
  } catch {
    return false;
  }
}
