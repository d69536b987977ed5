#!/bin/sh
# sandbox.sh IMAGE OVERLAY AT MARK: process 1 of a lab's sandbox, inside its new namespaces.
# Makes a root of its own over the read-only image, so that everything in the lab uses the image's tools and never the
# host's files. MARK is not used: it stands in the arguments so that `lab down` finds this process by it.
set -eu
image=$1 overlay=$2 at=$3

mount -t tmpfs -o mode=755 lab "$at"
mkdir "$at/image" "$at/overlay" "$at/nodes" "$at/upper" "$at/work" "$at/root"
mount --bind "$image" "$at/image"
# A user namespace may not drop the flags of the outer mount; nodes never see this mount anyway.
mount -o remount,bind,ro "$at/image" 2>/dev/null || true
cp -R "$overlay/." "$at/overlay"

. "$overlay/usr/libexec/lab/root.sh"
make_root "$at/overlay:$at/image" "$at/upper" "$at/work" "$at/root"
mkdir -p "$at/root/lab" "$at/root/.old"
mount --rbind "$at" "$at/root/lab"
mkdir "$at/root/run/netns"
hostname lab
cd "$at/root"
pivot_root . .old
umount -l /.old
ip link set lo up
mkfifo /lab/ready
echo ready
exec /usr/bin/catatonit -P >/dev/null 2>&1
