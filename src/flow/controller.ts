/** What the machine that runs lab needs where its hypervisor does not look after that: vm-bhyve may be another machine. */
import type { HostFinding } from "../drivers/driver.ts";
import type { Exec } from "../system/exec.ts";

interface Tool {
  readonly program: string;
  readonly why: string;
  /** On Debian and Ubuntu. */
  readonly apt: string;
  /** On FreeBSD; absent for what its base system has. */
  readonly pkg?: string;
}

const tools: readonly Tool[] = [
  { program: "ssh", why: "lab ssh and Ansible reach the nodes with it", apt: "openssh-client" },
  {
    program: "ansible-playbook",
    why: "makes the anycast change on the leaves",
    apt: "ansible-core",
    // By its origin: its name has the number of the Python that packages are built for in this quarter.
    pkg: "sysutils/ansible",
  },
];

/** Looks for programs on the PATH; starting Ansible to ask for its version takes half a second. */
export function probeController(exec: Exec, platform: NodeJS.Platform = process.platform): Promise<HostFinding[]> {
  return Promise.all(
    tools.map(async (tool) => {
      const argv = ["sh", "-c", 'command -v "$1"', "sh", tool.program];
      const { exitCode } = await exec.try(argv, { timeoutMs: 10_000 });
      return exitCode === 0 ? { what: tool.program, status: "good" } : missing(tool, platform);
    }),
  );
}

function missing({ program, why, apt, pkg = program }: Tool, platform: NodeJS.Platform): HostFinding {
  const finding = { what: program, status: "missing", consequence: why } as const;
  if (platform === "freebsd") return { ...finding, fix: `pkg install ${pkg}` };
  return { ...finding, fix: `apt-get install ${apt}`, packages: [apt] };
}
