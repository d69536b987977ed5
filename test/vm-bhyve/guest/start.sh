#!/bin/sh
# start.sh NAME WHOLE OS DISK [SEED]: process 1 of a guest in its new namespaces. Its root is a layer for the operating system
# over the embedded image; what it writes is beside its disk. Waits on descriptor 3 for its network cards, told on 4.
set -eu
# shellcheck disable=SC2034 # Some are for what is sourced.
name=$1 whole=$2 os=$3 disk=$4 seed=${5:-}
here=$(dirname "$(realpath "$0")")
mount --make-rprivate /
. "$whole/overlay/usr/libexec/lab/root.sh"
mkdir -p "$disk.d/upper/.old" "$disk.d/work" "$disk.d/root" "$disk.d/upper/media/cidata"
cd "$disk.d"
if [ "$os" = cumulus ] && [ ! -e upper/usr/bin/net ]; then
	mkdir -p upper/usr/bin
	install -m 755 "$here/../../playbooks/net" upper/usr/bin/net
fi
if [ "$os" = freebsd ] && [ ! -d upper/usr/libexec/emu/linux ]; then
	mkdir -p upper/usr/libexec/emu/linux
	cp "$whole/image/usr/bin/ping" upper/usr/libexec/emu/linux/
fi
case $os in freebsd) layers=$here/freebsd ;; *) layers=$here/$os:$here/linux ;; esac
take_root "$layers:$here/common:$whole/overlay:$whole/image" upper work root
mount --all --fstab /usr/libexec/lab/fstab
# A machine writes to its own network cards' settings.
umount /sys && mount -t sysfs sysfs /sys
if [ -n "$seed" ] && [ -f "/.old$seed" ]; then
	mount -t tmpfs -o mode=700 cidata /media/cidata
	tar -xf "/.old$seed" -C /media/cidata
fi
umount -l /.old
hostname localhost
ip link set lo up
echo ready >&4
exec 4>&-
read -r delay <&3
exec 3<&-
sleep "$delay"
exec /usr/libexec/emu/init
