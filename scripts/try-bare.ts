/**
 * `npm run try-bare -- [--suite trixie|bookworm|noble] [--as root|user|sudo] [--test]`, as root: the README in a bare
 * root of Debian or Ubuntu that has git, Node.js and npm, and nothing of this machine but its network and kernel.
 * Not chroot: a process in a chroot may not make user namespaces.
 */
import { access, copyFile, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { $ } from "zx/core";

interface Suite {
  readonly mirror: string;
  readonly keyring: string;
  readonly components: string;
  /** Packages of a new enough Node.js; without any, this machine's own is copied. */
  readonly node: readonly string[];
}

const debian = {
  mirror: "http://deb.debian.org/debian",
  keyring: "/usr/share/keyrings/debian-archive-keyring.gpg",
  components: "main",
};
const suites: Readonly<Record<string, Suite>> = {
  trixie: { ...debian, node: ["nodejs", "npm"] },
  bookworm: { ...debian, node: [] },
  // The keyring is in Debian's package ubuntu-archive-keyring.
  noble: {
    mirror: "http://archive.ubuntu.com/ubuntu",
    keyring: "/usr/share/keyrings/ubuntu-archive-keyring.gpg",
    components: "main universe",
    node: [],
  },
};

const { values } = parseArgs({
  options: {
    suite: { type: "string", default: "trixie" },
    as: { type: "string", default: "root" },
    test: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
  },
});
const suite = suites[values.suite];
if (suite === undefined || !["root", "user", "sudo"].includes(values.as)) {
  throw new Error(`--suite ${Object.keys(suites).join("|")}, --as root|user|sudo`);
}
const checkout = fileURLToPath(new URL("..", import.meta.url));
$.verbose = false;

const root = await mkdtemp(join(tmpdir(), `bare-${values.suite}-`));
try {
  await $`cp -a --reflink=auto ${await baseOf(values.suite, suite)}/. ${root}`;
  await furnish(root);
  process.exitCode = await enter(root);
} finally {
  if (values.keep) console.error(`kept: ${root}`);
  else await rm(root, { recursive: true, force: true });
}

/** The bare root that is copied for each try, made once. */
async function baseOf(name: string, { mirror, keyring, components, node }: Suite): Promise<string> {
  const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "lab", "bare");
  const base = join(cache, name);
  const isThere = await access(base).then(
    () => true,
    () => false,
  );
  if (isThere) return base;
  console.error(`building ${base}`);
  await rm(`${base}.part`, { recursive: true, force: true });
  await mkdir(cache, { recursive: true });
  const include = ["ca-certificates", "git", "sudo", "procps", ...node].join(",");
  const options = [
    "--variant=minbase",
    "--format=directory",
    `--keyring=${keyring}`,
    `--include=${include}`,
    `--components=${components}`,
  ];
  await $({ stdio: "inherit" })`mmdebstrap ${options} ${name} ${base}.part ${mirror}`;
  await $`mv ${base}.part ${base}`;
  return base;
}

/** Names, certificates and npm settings by which this machine reaches its registry; Node.js where the suite's is old. */
async function furnish(place: string): Promise<void> {
  for (const file of ["/etc/resolv.conf", "/etc/ssl/certs/ca-certificates.crt"]) {
    await rm(join(place, file), { force: true });
    await copyFile(file, join(place, file));
  }
  await copyFile(join(homedir(), ".npmrc"), join(place, "etc/bare.npmrc")).catch(() => undefined);
  if (suite?.node.length === 0) {
    const npm = dirname(dirname(await realpath((await $`command -v npm`).stdout.trim())));
    const local = join(place, "usr/local");
    await $`mkdir -p ${local}/lib/node_modules && cp ${process.execPath} ${local}/bin/node && cp -r ${npm} ${local}/lib/node_modules/npm`;
    await $`ln -s ../lib/node_modules/npm/bin/npm-cli.js ${local}/bin/npm && ln -s ../lib/node_modules/npm/bin/npx-cli.js ${local}/bin/npx`;
  }
  await $`git clone --quiet --bare ${checkout} ${place}/srv/lab.git`;
  // The copy is root's; git would not read it for somebody else.
  await writeFile(join(place, "etc/gitconfig"), "[safe]\n\tdirectory = *\n");
  await $`chroot ${place} useradd --create-home --shell /bin/sh somebody`;
  if (values.as === "sudo") {
    await writeFile(join(place, "etc/sudoers.d/somebody"), "somebody ALL=(ALL) NOPASSWD: ALL\n", { mode: 0o440 });
  }
  const scenario = await readFile(join(checkout, "scripts/try-bare.sh"));
  await writeFile(join(place, "try-bare.sh"), scenario);
}

/** Runs the scenario as the first process of the root; with it everything it started ends. */
async function enter(place: string): Promise<number> {
  const pivot = [
    `mount --bind ${place} ${place} && cd ${place} && mkdir .old`,
    "mount -t proc proc proc && mount -t sysfs sysfs sys && mount --rbind /dev dev && mount -t tmpfs tmpfs run",
    "hostname bare && pivot_root . .old && umount -l /.old && rmdir /.old && cd /",
    `exec sh /try-bare.sh ${values.as} ${values.test ? "test" : ""}`,
  ].join(" && ");
  const env = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    LANG: "C.UTF-8",
    NODE_EXTRA_CA_CERTS: "/etc/ssl/certs/ca-certificates.crt",
    NPM_CONFIG_USERCONFIG: "/etc/bare.npmrc",
  };
  const namespaces = ["--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "--propagation=private"];
  const entered = $({ stdio: ["ignore", "inherit", "inherit"], env, nothrow: true });
  return (await entered`unshare ${namespaces} sh -c ${pivot}`).exitCode ?? 1;
}
