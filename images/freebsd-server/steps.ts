/** The commands that make the image of FreeBSD servers, in order: from packages alone, or out of the published image. Pure. */

export interface Options {
  /** The file to make. */
  readonly out: string;
  /** The published image, unpacked: its base system is kept. Without one, the base comes from packages as well. */
  readonly from?: string;
  /** As truncate(1) takes it; only of an image that is made from packages alone. */
  readonly size: string;
  readonly major: number;
  readonly minor: number;
}

/** What is known only when it runs: the memory disk, its root partition, a directory to mount it on and one for notes. */
export interface Places {
  readonly disk: string;
  readonly rootPartition: string;
  readonly mountPoint: string;
  readonly scratch: string;
}

export interface Step {
  readonly argv: readonly string[];
  /** What is written to the command's standard input. */
  readonly input?: string;
}

/** The oldest FRR that gives IPv4 routes with IPv6 next hops to FreeBSD's kernel in time. */
export const oldestFrr = [10, 5] as const;

/** The health daemon runs on Node.js, as on Debian. */
export const packages = ["frr10", "frr10-pythontools", "apache24", "node24"];
/** What reads the seed is named, since it need not be in the set of every release. */
const base = ["FreeBSD-set-base", "FreeBSD-kernel-generic", "FreeBSD-nuageinit"];
const repositories = (scratch: string) => `${scratch}/repos`;

/**
 * Gives back what a run that was killed holds of a file: file systems that are mounted from it, the memory disk, the file. In
 * this order, since a file that is made anew under a mounted file system would be written to from two sides.
 */
export function discardStep(file: string): Step {
  return { argv: ["sh", "-c", discard, "sh", file] };
}

const discard = [
  'for disk in $(mdconfig -l -f "$1")',
  'do mount -p | while read -r from on rest; do case $from in "/dev/$disk"p*) umount -f "$on" ;; esac; done',
  'mdconfig -d -u "$disk"; done',
  'rm -f "$1"',
].join("; ");

/** Before there is a disk: the file. */
export function fileSteps({ out, from, size }: Options): Step[] {
  return from === undefined ? [{ argv: ["truncate", "-s", size, out] }] : [{ argv: ["cp", from, out] }];
}

/** Partitions and file systems; nothing for a published image, which has them. */
export function diskSteps({ from }: Options, disk: string): Step[] {
  if (from !== undefined) return [];
  return [
    { argv: ["gpart", "create", "-s", "gpt", disk] },
    { argv: ["gpart", "add", "-a", "1m", "-t", "efi", "-s", "64m", "-l", "efiesp", disk] },
    { argv: ["gpart", "add", "-a", "1m", "-t", "freebsd-ufs", "-l", "rootfs", disk] },
    { argv: ["newfs_msdos", "-F", "32", "-c", "1", "-L", "EFISYS", `/dev/${disk}p1`] },
    { argv: ["newfs", "-U", "-L", "rootfs", `/dev/${disk}p2`] },
  ];
}

export function mountSteps({ rootPartition, mountPoint }: Places): Step[] {
  return [{ argv: ["mount", `/dev/${rootPartition}`, mountPoint] }];
}

export function unmountSteps({ mountPoint }: Places): Step[] {
  return [{ argv: ["umount", mountPoint] }];
}

/** What is in it: base system, packages, settings. */
export function contentSteps(options: Options, places: Places): Step[] {
  const { mountPoint, scratch } = places;
  return [
    { argv: ["mkdir", "-p", repositories(scratch), `${mountPoint}/usr/share/keys`] },
    { argv: ["tee", `${repositories(scratch)}/lab.conf`], input: repositoryConf(options) },
    // pkg looks for the keys below the root directory it installs to.
    { argv: ["cp", "-R", "/usr/share/keys/.", `${mountPoint}/usr/share/keys/`] },
    ...(options.from === undefined ? baseSteps(options, places) : []),
    install(options, places, "FreeBSD-ports", packages),
    ...settings(options, mountPoint),
    { argv: ["sh", "-c", 'rm -rf "$1"/var/cache/pkg/* "$1"/var/db/pkg/repos', "sh", mountPoint] },
  ];
}

/** Asked afterwards: `name version` of each. */
export function packagesStep(options: Options, places: Places): Step {
  return { argv: [...pkg(options, places), "query", "-a", "%n %v"] };
}

function baseSteps(options: Options, places: Places): Step[] {
  const { disk, mountPoint } = places;
  const efi = `${mountPoint}/boot/efi`;
  return [
    install(options, places, "FreeBSD-base", base),
    { argv: ["mkdir", "-p", efi] },
    { argv: ["mount_msdosfs", `/dev/${disk}p1`, efi] },
    { argv: ["mkdir", "-p", `${efi}/EFI/BOOT`] },
    { argv: ["cp", `${mountPoint}/boot/loader.efi`, `${efi}/EFI/BOOT/BOOTX64.EFI`] },
    { argv: ["umount", efi] },
    { argv: ["tee", `${mountPoint}/etc/fstab`], input: "/dev/gpt/rootfs\t/\tufs\trw\t1\t1\n" },
    {
      argv: ["tee", `${mountPoint}/boot/loader.conf`],
      input: ['autoboot_delay="-1"', 'beastie_disable="YES"', 'console="comconsole,efi"', ""].join("\n"),
    },
  ];
}

/** The guest's first boot brings the rest: nuageinit reads its seed, and everything in it is the lab's. */
function settings({ from }: Options, mountPoint: string): Step[] {
  const always = ["sshd_enable=YES", "sshd_rsa_enable=NO", "nuageinit_enable=YES", "growfs_enable=YES", "dumpdev=NO"];
  // At its first boot the published image would look for updates, which a guest of a lab cannot reach.
  const published = from === undefined ? [] : ["firstboot_freebsd_update_enable=NO"];
  return [
    { argv: ["sysrc", "-R", mountPoint, ...always, ...published] },
    // Nobody logs in by a password.
    { argv: ["pw", "-R", mountPoint, "usermod", "root", "-h", "-"] },
    { argv: ["touch", `${mountPoint}/firstboot`] },
  ];
}

function install(options: Options, places: Places, repository: string, names: readonly string[]): Step {
  return { argv: [...pkg(options, places), "install", "-y", "-r", repository, ...names] };
}

/** An empty root tells nothing of its release, and a later minor release is no reason to refuse a package. */
function pkg({ major }: Options, { mountPoint, scratch }: Places): string[] {
  const release = ["-o", `ABI=FreeBSD:${major}:amd64`, "-o", "IGNORE_OSVERSION=yes"];
  return ["pkg", "--rootdir", mountPoint, "--repo-conf-dir", repositories(scratch), ...release];
}

function repositoryConf({ major, minor }: Options): string {
  const repository = (name: string, folder: string, keys: string) => [
    `${name}: {`,
    `  url: "pkg+https://pkg.FreeBSD.org/FreeBSD:${major}:amd64/${folder}",`,
    '  mirror_type: "srv",',
    '  signature_type: "fingerprints",',
    `  fingerprints: "/usr/share/keys/${keys}",`,
    "  enabled: yes",
    "}",
  ];
  return [
    ...repository("FreeBSD-base", `base_release_${minor}`, `pkgbase-${major}`),
    ...repository("FreeBSD-ports", "latest", "pkg"),
    "",
  ].join("\n");
}

/** Whether a list of packages, `frr10 10.5.1_2` a line, has an FRR that is new enough. */
export function isFrrNewEnough(list: string): boolean {
  const [, major = "0", minor = "0"] = /^frr10 (\d+)\.(\d+)/m.exec(list) ?? [];
  return Number(major) > oldestFrr[0] || (Number(major) === oldestFrr[0] && Number(minor) >= oldestFrr[1]);
}
