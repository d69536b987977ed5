/** What the embedded hypervisor needs of this machine, tried rather than guessed; and what is used where it is missing. */
import { access } from "node:fs/promises";
import { constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { Exec } from "../../system/exec.ts";
import { readTextOr } from "../../system/files.ts";
import type { HostFinding } from "../driver.ts";

export interface ProbeOptions {
  readonly exec: Exec;
  readonly assets: string;
  readonly unprivileged: boolean;
  /** The image root; building it needs more tools than running it. */
  readonly image: string;
  /** `PATH`, handed in because only the command line reads the environment. */
  readonly path: string;
  /** `/proc/sys` where absent. */
  readonly sysctls?: string;
}

interface Tool {
  readonly program: string;
  readonly packages: readonly string[];
  readonly why: string;
}

const tools: readonly Tool[] = [
  { program: "unshare", packages: ["util-linux"], why: "makes the sandbox" },
  { program: "nsenter", packages: ["util-linux"], why: "enters the sandbox" },
  { program: "ssh", packages: ["openssh-client"], why: "lab ssh and Ansible reach the nodes with it" },
  { program: "ansible-playbook", packages: ["ansible-core"], why: "makes the anycast change on the leaves" },
];

const buildTools: readonly Tool[] = [
  { program: "mmdebstrap", packages: ["mmdebstrap", "debian-archive-keyring"], why: "builds the image root" },
];

const userTools: readonly Tool[] = [
  { program: "newuidmap", packages: ["uidmap"], why: "gives an ordinary user the ids of a sandbox" },
];

/** What a kernel feature that is missing is replaced by. */
const fallbacks: Readonly<Record<string, string>> = {
  dummy: "service loopbacks are bridges without ports",
  "vlan-filtering": "one bridge per VNI",
  vrf: "management without a VRF",
  netem: "no delay or loss can be added to links",
  "nft-bridge": "no guard against rogue router advertisements on access ports",
  resilient: "a membership change rehashes established flows",
  mpls: "no labels: the fabric needs none",
};

export async function probeHost(options: ProbeOptions): Promise<HostFinding[]> {
  const imageBuilt = await isExecutable(options.image);
  const wanted = [...tools, ...(imageBuilt ? [] : buildTools), ...(options.unprivileged ? userTools : [])];
  const findings = await Promise.all(wanted.map((tool) => probeTool(tool, options.path)));
  const namespaces = await probeNamespaces(options);
  const features = namespaces.status === "good" ? await probeKernel(options) : [];
  return [...findings, namespaces, ...features];
}

async function probeTool(tool: Tool, path: string): Promise<HostFinding> {
  const found = await Promise.all(path.split(delimiter).map((folder) => isExecutable(join(folder, tool.program))));
  if (found.includes(true)) return { what: tool.program, status: "good" };
  return {
    what: tool.program,
    status: "missing",
    consequence: tool.why,
    fix: `apt-get install ${tool.packages.join(" ")}`,
    packages: tool.packages,
  };
}

/** Makes a sandbox of nothing; when that is refused, says which of the known limits it was. */
async function probeNamespaces(options: ProbeOptions): Promise<HostFinding> {
  const what = options.unprivileged ? "user namespaces" : "namespaces";
  const user = options.unprivileged ? ["--user", "--map-root-user", "--map-auto"] : [];
  const argv = ["unshare", ...user, "--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "true"];
  const result = await options.exec.try(argv, { timeoutMs: 10_000 });
  if (result.failure === undefined) return { what, status: "good" };
  const { why, fix } = options.unprivileged
    ? await explainRefusal(options.sysctls ?? "/proc/sys")
    : { why: result.stderr.trim() || result.failure, fix: "inside a container, lab needs one that is privileged" };
  return { what, status: "missing", consequence: why, fix };
}

async function explainRefusal(sysctls: string): Promise<{ readonly why: string; readonly fix: string }> {
  const readSysctl = async (key: string) => (await readTextOr(join(sysctls, key), "")).trim();
  if ((await readSysctl("kernel/apparmor_restrict_unprivileged_userns")) === "1") {
    return {
      why: "AppArmor keeps ordinary users from user namespaces (the default since Ubuntu 24.04)",
      fix: "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or run lab as root",
    };
  }
  if ((await readSysctl("kernel/unprivileged_userns_clone")) === "0") {
    return {
      why: "this kernel keeps ordinary users from user namespaces",
      fix: "sudo sysctl -w kernel.unprivileged_userns_clone=1, or run lab as root",
    };
  }
  if ((await readSysctl("user/max_user_namespaces")) === "0") {
    return { why: "no user namespaces are allowed", fix: "sudo sysctl -w user.max_user_namespaces=10000" };
  }
  return {
    why: "your user has no range in /etc/subuid and /etc/subgid, or newuidmap is missing",
    fix: 'sudo apt-get install uidmap && sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "$USER"',
  };
}

/** The static script prints `feature yes|no`, a line each, from inside a throw-away sandbox. */
async function probeKernel(options: ProbeOptions): Promise<HostFinding[]> {
  const user = options.unprivileged ? ["--user", "--map-root-user", "--map-auto"] : [];
  const argv = ["unshare", ...user, "--net", "--mount", "--fork", "sh", `${options.assets}/probe.sh`, options.image];
  const { stdout } = await options.exec.try(argv, { timeoutMs: 20_000 });
  return stdout.trim().split("\n").filter(Boolean).map(judgeFeature);
}

function judgeFeature(line: string): HostFinding {
  const [feature = "", answer] = line.split(" ");
  const what = `kernel: ${feature}`;
  if (answer === "yes") return { what, status: "good" };
  const consequence = fallbacks[feature];
  if (consequence !== undefined) return { what, status: "fallback", consequence };
  return { what, status: "missing", consequence: "the fabric cannot be built", fix: "use a kernel that has it" };
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
