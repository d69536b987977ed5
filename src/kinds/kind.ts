/**
 * What a node kind is: a readonly record. Adding a kind is adding one file beside this one and one line in `registry.ts`.
 * Kinds are pure data: paths, names and argv lists; nothing here acts.
 */

/** The two places a lab can run. */
export type Hypervisor = "netns" | "vm-bhyve";

/** A command and its arguments, never a shell string. */
export type Argv = readonly string[];

/** What a node does in the fabric. */
export type Role = "spine" | "leaf" | "server" | "edge" | "router" | "client" | "dhcp";

/** The guest operating system as seen over SSH. `host` is the hypervisor itself (no guest is made). */
export type GuestOs = "debian" | "freebsd" | "cumulus" | "host";

/** Which Ansible back end speaks to this guest (`lab_backend` in the inventory). */
export type Backend = "frr" | "nclu" | "nvue";

/** How files reach a running daemon on this guest. */
export interface FrrControl {
  /** Directory of `frr.conf`, `daemons`, `vtysh.conf`. */
  readonly directory: string;
  /** Syntax check of a candidate file; the path of the file is appended. */
  readonly check: Argv;
  /** Exit status 0 when FRR runs. */
  readonly running: Argv;
  /** Cold start in waves: each wave is started on every node before the next one begins (no lost router advertisements). */
  readonly startWaves: readonly Argv[];
  /** Applies `frr.conf` to running daemons without dropping sessions that did not change. */
  readonly reload: Argv;
}

/** How `/etc/network/interfaces` (ifupdown2) or `rc.conf` becomes running state. */
export interface InterfaceControl {
  readonly path: string;
  /** Syntax check of a candidate file (path appended); absent where the guest has none. */
  readonly check?: Argv;
  readonly apply: Argv;
}

/** The web server of an anycast service. */
export interface WebControl {
  readonly conf: string;
  readonly documentRoot: string;
  /** Syntax check of a candidate configuration; the path is appended. */
  readonly check: Argv;
  readonly running: Argv;
  readonly start: Argv;
  readonly reload: Argv;
  /** Directory of Apache's loadable modules. */
  readonly modules: string;
}

/** DHCP server or relay, which takes a changed configuration only by a restart. */
export interface DhcpControl {
  /** Syntax check of a candidate configuration; the path is appended. Absent where the program knows none. */
  readonly check?: Argv;
  readonly running: Argv;
  readonly restart: Argv;
}

/** Service addresses on loopbacks of a running server, listed in a file: `lo1 172.20.0.1/32` a line. */
export interface LoopbackControl {
  readonly path: string;
  /** Takes away those that are no longer listed. */
  readonly prune: Argv;
  /** Makes those that are missing. */
  readonly make: Argv;
}

/** What a kind looks like on one hypervisor. A guest looks the same over SSH on both: same paths, interface names, login. */
export interface Guest {
  readonly os: GuestOs;
  readonly login: string;
  readonly backend: Backend;
  readonly frr?: FrrControl;
  readonly interfaces?: InterfaceControl;
  /** Absent where a changed service address waits for the next boot. */
  readonly loopbacks?: LoopbackControl;
  readonly web?: WebControl;
  readonly dhcp?: DhcpControl;
}

/** The virtual machine a kind wants; only vm-bhyve reads this. */
export interface Machine {
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly diskGiB: number;
  readonly nic: "virtio-net" | "e1000";
  readonly loader: "uefi" | "uefi-csm" | "bhyveload" | "grub";
}

/** How a kind names its ports. */
export interface Ports {
  /** Out-of-band management port, absent where the node is reached in band. */
  readonly management?: string;
  /** Prefix of data ports, e.g. `swp`. */
  readonly prefix: string;
  /** Number of the first data port: swp1, em0, eth1. */
  readonly first: number;
  /** Most data ports the guest can have. */
  readonly most: number;
}

/** What can stand behind a node. `machine` is absent where none is made. */
export interface Kind {
  readonly name: string;
  /** One line for `lab doctor`, errors and the schema. */
  readonly summary: string;
  readonly roles: readonly Role[];
  readonly ports: Ports;
  readonly guests: Readonly<Record<Hypervisor, Guest>>;
  readonly machine?: Machine;
}
