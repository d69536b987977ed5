#!/bin/sh
# host.sh ROOT: process 1 of a whole FreeBSD host, inside its new namespaces. ROOT has `host/image` and `host/overlay`: the
# root of the embedded guests, by links. Devices and firmware are where FreeBSD has them, so `lab` runs here as it is.
set -eu
root=$1
mount --make-rprivate /
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount --bind /dev /mnt
mount -t tmpfs -o mode=755 tmpfs /dev
for device in null zero full random urandom tty; do
	: >"/dev/$device"
	mount --bind "/mnt/$device" "/dev/$device"
done
umount -l /mnt
mkdir /dev/pts /dev/shm /dev/vmm
chmod 1777 /dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts /dev/pts
ln -s pts/ptmx /dev/ptmx
for name in fd:fd stdin:fd/0 stdout:fd/1 stderr:fd/2; do ln -s "/proc/self/${name#*:}" "/dev/${name%%:*}"; done
mount --bind "$root/dev/vmm" /dev/vmm
mount -t overlay overlay -o "lowerdir=$root/usr/local/share:/usr/local/share" /usr/local/share
mount -t tmpfs tmpfs /var/spool
mkdir -m 1777 /var/spool/lock
hostname hv
ip link set lo up
# Who waits for the dead of all others, as process 1 must.
echo ready
exec chroot "$root/host/image" /usr/bin/catatonit -P >/dev/null 2>&1
