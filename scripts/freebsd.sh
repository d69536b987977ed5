# shellcheck shell=sh
# freebsd.sh: what a FreeBSD hypervisor must have before lab itself can look any further, all of it told at once. The rest
# (sysctls, memory, names, images) `lab up` says. Sourced by setup.sh.

# lacks PROGRAM PACKAGE
lacks() {
	command -v "$1" >/dev/null || packages="$packages $2"
}

# The package of Ansible carries the version of the Python it was built for; the catalogue knows which one that is now.
ansible_package() {
	package=$(pkg rquery -U -g %n 'py3*-ansible' 2>/dev/null </dev/null | sort | tail -n 1)
	echo "${package:-py312-ansible}"
}

# vm-bhyve takes any of these for yes.
is_yes() {
	case $1 in [Yy][Ee][Ss] | [Tt][Rr][Uu][Ee] | [Oo][Nn] | 1) return 0 ;; *) return 1 ;; esac
}

# check_freebsd FLAGS...: with --host the hypervisor is another machine, and this one needs only what runs lab.
check_freebsd() {
	PATH=$PATH:/usr/local/sbin:/usr/local/bin
	packages='' settings=''
	case "${LAB_HOST:+ --host} $*" in *' --host'*) here= ;; *) here=yes ;; esac
	lacks node node24
	lacks npm npm-node24
	lacks ansible-playbook "$(ansible_package)"
	set --
	if [ -n "$here" ]; then
		lacks vm vm-bhyve
		lacks qemu-img qemu-tools
		[ -f "${LOCALBASE:-/usr/local}/share/uefi-firmware/BHYVE_UEFI.fd" ] || packages="$packages bhyve-firmware"
		is_yes "$(sysrc -n -i vm_enable)" || settings="$settings vm_enable=YES"
		directory=$(sysrc -n -i vm_dir) || directory=
		[ -n "$directory" ] || settings="$settings vm_dir=${directory:=/vm}"
		[ -z "$settings" ] || set -- "sysrc$settings" "mkdir -p $directory && vm init"
	fi
	[ -z "$packages" ] || set -- "pkg install$packages" "$@"
	[ $# -eq 0 ] || refuse "this FreeBSD host is not ready; as root:" "$@"
	[ -z "$here" ] || [ "$(id -u)" -eq 0 ] || refuse "vm-bhyve takes root" "doas npm start, or sudo npm start"
}
