#!/bin/sh
# sandbox.sh IMAGE OVERLAY AT MARK: process 1 of a lab's sandbox, inside its new namespaces.
# Makes a root of its own over the read-only image, so that everything in the lab uses the image's tools and never the
# host's files. MARK is not used: it stands in the arguments so that `lab down` finds this process by it.
set -eu
image=$1 overlay=$2 at=$3

mount -t tmpfs -o mode=755 lab "$at"
mkdir -p "$at/image" "$at/overlay" "$at/nodes" "$at/upper/.old" "$at/upper/lab" "$at/work" "$at/root"
mount --bind "$image" "$at/image"
# A user namespace may not drop the flags of the outer mount; nodes never see this mount anyway.
mount -o remount,bind,ro "$at/image" 2>/dev/null || true
cp -R "$overlay/." "$at/overlay"

. "$overlay/usr/libexec/lab/root.sh"
take_root "$at/overlay:$at/image" "$at/upper" "$at/work" "$at/root"
mount -t proc proc /proc
mount -t sysfs sysfs /sys 2>/dev/null || true
mount -t tmpfs -o mode=755 tmpfs /run
# Only what a guest may have of the machine's devices.
mount -t tmpfs -o mode=755 tmpfs /dev
for device in null zero full random urandom tty; do
	: >"/dev/$device"
	mount --bind "/.old/dev/$device" "/dev/$device"
done
mkdir /dev/pts /dev/shm /run/netns
chmod 1777 /dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts /dev/pts
ln -s pts/ptmx /dev/ptmx
ln -s /proc/self/fd /dev/fd
ln -s /proc/self/fd/0 /dev/stdin
ln -s /proc/self/fd/1 /dev/stdout
ln -s /proc/self/fd/2 /dev/stderr
mount --rbind "/.old$at" /lab
umount -l /.old
hostname lab
ip link set lo up
mkfifo /lab/ready
echo ready
exec /usr/bin/catatonit -P >/dev/null 2>&1
