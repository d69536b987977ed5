/** Where things are on a vm-bhyve host, and the words that stand for what is known only there and then. */

/** Stands in argv lists, paths and inputs for vm-bhyve's directory, which rc.conf names (contract, section 1). */
export const vmDir = "$vm_dir";
/** Begins words of argv lists that name the ZFS dataset mounted there, or one below it; without one, the act is left out. */
export const vmDataset = "$vm_dataset";

export const configDirectory = `${vmDir}/.config`;
/** Switches, datastores and global settings; every command that writes it goes through `lockf`. */
export const systemConf = `${configDirectory}/system.conf`;
/** Shared by all labs of all users of the host. */
export const hostLock = `${configDirectory}/lab.lock`;
export const images = `${vmDir}/.img`;
export const firmwareDirectory = "/usr/local/share/uefi-firmware";

/** The first disk of a guest, in its directory. */
export const diskFile = "disk0.img";
/** What that is a link to where the disk is a clone: the file in the clone, which is mounted in the guest's directory. */
export const cloneFile = "disk/disk.img";

export interface GuestPlace {
  readonly directory: string;
  readonly conf: string;
  /** Exists while a supervisor looks after the guest; holds the host's name. */
  readonly lock: string;
  readonly log: string;
  /** What bhyve itself says. */
  readonly bhyveLog: string;
  /** Exists once the first login has been done, for guests that want one. */
  readonly visited: string;
  /** Exists while bhyve or a loader runs the guest. */
  readonly vmm: string;
  /** Its first disk. */
  readonly disk: string;
  /** The dataset that `vm` makes for it where it has ZFS, and that of a disk which is a clone, with the file in it. */
  readonly dataset: string;
  readonly clone: string;
  readonly cloned: string;
}

export function placeOf(guest: string): GuestPlace {
  const directory = `${vmDir}/${guest}`;
  return {
    directory,
    conf: `${directory}/${guest}.conf`,
    lock: `${directory}/run.lock`,
    log: `${directory}/vm-bhyve.log`,
    bhyveLog: `${directory}/bhyve.log`,
    disk: `${directory}/${diskFile}`,
    dataset: `${vmDataset}/${guest}`,
    clone: `${vmDataset}/${guest}/disk`,
    cloned: `${directory}/${cloneFile}`,
    visited: `${directory}/lab-visited`,
    vmm: `/dev/vmm/${guest}`,
  };
}

export interface ImageDataset {
  /** Above the datasets of all images. */
  readonly all: string;
  readonly dataset: string;
  /** What disks are cloned from; it is there only when the image is whole. */
  readonly snapshot: string;
  readonly disk: string;
  /** The disk as it is in the snapshot. */
  readonly frozen: string;
}

/** An image where `vm` has ZFS. */
export function imageDatasetOf(image: string): ImageDataset {
  const all = `${vmDataset}/lab-images`;
  const directory = `${vmDir}/lab-images/${image}`;
  return {
    all,
    dataset: `${all}/${image}`,
    snapshot: `${all}/${image}@lab`,
    disk: `${directory}/disk.img`,
    frozen: `${directory}/.zfs/snapshot/lab/disk.img`,
  };
}

/** Names the switches and guests that are this lab's. Switches have no place for a mark of their own. */
export function recordOf(owner: string): string {
  return `${configDirectory}/lab-${owner}.conf`;
}

/** Whether a file of that directory is the record of a lab. */
export function isRecord(name: string): boolean {
  return /^lab-.+\.conf$/.test(name);
}

/** `vm create -t` copies a template, and with it our mark, before it does anything else. */
export function templateName(owner: string): string {
  return `lab-${owner}`;
}

export function templateOf(owner: string): string {
  return `${vmDir}/.templates/${templateName(owner)}.conf`;
}

/** Stand in argv lists, as whole words, for what is looked up when the act is run; an act without any is left out. */
const bridgeWord = "$BRIDGE:";
const tapsWord = "$TAPS:";
const supervisorWord = "$SUPERVISOR:";

/** The longest switch name whose bridge is called after it (contract, section 3). */
const longestNamed = 12;

/** The bridge of a switch: `vm-NAME`, or for a longer name whatever carries the switch's tag. */
export function bridgeOf(name: string): string {
  return name.length <= longestNamed ? `vm-${name}` : `${bridgeWord}${name}`;
}

/** All taps of a guest, or that on one switch. */
export function tapsOf(guest: string, on?: string): string {
  return `${tapsWord}${guest}${on === undefined ? "" : `/${on}`}`;
}

/** The process that vm-bhyve put beside a guest. */
export function supervisorOf(guest: string): string {
  return `${supervisorWord}${guest}`;
}

export type Lookup =
  | { readonly kind: "bridge"; readonly switch: string }
  | { readonly kind: "taps"; readonly guest: string; readonly switch: string | undefined }
  | { readonly kind: "supervisor"; readonly guest: string }
  | { readonly kind: "dataset" };

/** What a word of an argv list stands for; undefined for any other. */
export function lookupOf(word: string): Lookup | undefined {
  if (word.startsWith(bridgeWord)) return { kind: "bridge", switch: word.slice(bridgeWord.length) };
  if (word.startsWith(supervisorWord)) return { kind: "supervisor", guest: word.slice(supervisorWord.length) };
  if (word.startsWith(vmDataset)) return { kind: "dataset" };
  if (!word.startsWith(tapsWord)) return undefined;
  const [guest = "", on] = word.slice(tapsWord.length).split("/");
  return { kind: "taps", guest, switch: on };
}
