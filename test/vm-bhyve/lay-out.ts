import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What `vm_dir` is: a directory like any other, or a ZFS dataset. */
export type Store = "directory" | "zfs";

export const dataset = "zroot/vm";

/** The files of a FreeBSD host with vm-bhyve; with images of somebody's own for every kind where it has no ZFS. */
export function layOutHost(root: string, store: Store = "directory"): void {
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const vmDir = join(root, "vm");
  write("etc/rc.conf", `vm_enable="YES"\nvm_dir="${store === "zfs" ? `zfs:${dataset}` : vmDir}"\n`);
  if (store === "zfs") write(`zfs/${dataset}/mountpoint`, vmDir);
  for (const name of ["onlyip", "member", "bridge"]) write(`sysctl/net.link.bridge.pfil_${name}`, "0\n");
  write("sysctl/net.link.tap.up_on_open", "1\n");
  write("sysctl/hw.physmem", `${64 * 1024 ** 3}\n`);
  for (const file of ["BHYVE_UEFI.fd", "BHYVE_UEFI_VARS.fd"]) write(`usr/local/share/uefi-firmware/${file}`, "");
  for (const directory of ["dev/vmm", "net", "faults", "vm"]) mkdirSync(join(root, directory), { recursive: true });
  if (store === "zfs") return;
  for (const kind of ["debian-frr", "debian-host", "freebsd-server", "cumulus-vx"]) {
    write(`vm/.img/lab-${kind}.raw`, kind);
  }
}
