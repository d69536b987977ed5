#!/bin/sh
# Puts the real vm-bhyve over the stand-ins in bin/, to run the driver's tests against it:
#   sh test/vm-bhyve/real.sh CHECKOUT DIRECTORY && VM_BHYVE_BIN=DIRECTORY/bin npx vitest run … test/drivers/vm-bhyve.test.ts
# CHECKOUT is github.com/freebsd/vm-bhyve. It is written for FreeBSD's sh, so bash gets what it lacks: setvar, getopts that
# starts anew in each function, empty functions. Absolute paths of devices and firmware move under VM_BHYVE_ROOT.
set -eu
checkout=$1 target=$2
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$target/bin"
cp -R "$checkout/lib" "$target/lib"
cp "$here"/bin/* "$target/bin/"
sed -i \
	-e 's#/dev/vmm/#${VM_BHYVE_ROOT}/dev/vmm/#g' \
	-e 's#"/usr/local/share/uefi-firmware#"${VM_BHYVE_ROOT}/usr/local/share/uefi-firmware#g' \
	-e "s#^\. /etc/rc.subr#. $target/rc.subr#" \
	-e 's#^VERSION_BSD=.*#VERSION_BSD=1500000#' \
	-e 's#^    local _opt _count$#    local _opt _count OPTIND=1#' \
	-e 's#remove(){ }#remove(){ :; }#' \
	"$target"/lib/*
cat >"$target/rc.subr" <<'END'
load_rc_config() { . "$VM_BHYVE_ROOT/etc/rc.conf"; }
checkyesno() { case $(eval "echo \$$1") in [Yy][Ee][Ss]) return 0 ;; *) return 1 ;; esac; }
END
{
	echo '#!/bin/bash'
	echo 'setvar() { printf -v "$1" "%s" "$2"; }'
	echo 'vm_disable_host_checks=yes'
	sed "1d; s#/usr/local/lib/vm-bhyve#$target/lib#" "$checkout/vm"
} >"$target/bin/vm"
stand() { # name, text
	printf '#!/bin/sh\n%s\n' "$2" >"$target/bin/$1"
}
stand md5 'printf %s "$2" | md5sum | cut -c1-32'
stand uuidgen 'cat /proc/sys/kernel/random/uuid'
stand id 'echo 0'
stand mount 'zfs list -H -t filesystem -o name,mountpoint -r zroot | sed "s/	/ on /; s/$/ (zfs)/"'
for name in kldstat kldload rctl; do stand "$name" 'exit 0'; done
stand sysctl 'case $1 in
*=*) echo "${1#*=}" >"$VM_BHYVE_ROOT/sysctl/${1%%=*}" ;;
-n) cat "$VM_BHYVE_ROOT/sysctl/$2" ;;
*) cat "$VM_BHYVE_ROOT/sysctl/$1" ;;
esac 2>/dev/null'
# Its machines are made of what lies here.
sed -i "s#^\tmy \$home = .*#\tmy \$home = \"$here\";#" "$target/bin/bhyve"
chmod +x "$target"/bin/*
