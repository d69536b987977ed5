# shellcheck shell=sh
# freebsd.sh: what a FreeBSD hypervisor must have before lab itself can look any further, all of it told at once. The rest
# (sysctls, memory, names, images) `lab up` says. Sourced by setup.sh.

# lacks PROGRAM PACKAGE
lacks() {
	command -v "$1" >/dev/null || packages="$packages $2"
}

# A version of npm belongs to each of Node.js, and they shut each other out.
npm_package() {
	version=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null) || version=
	echo "npm-node${version:-24}"
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
	command -v npm >/dev/null || lacks npm "$(npm_package)"
	# By its origin: its name has the number of the Python that packages are built for in this quarter.
	lacks ansible-playbook sysutils/ansible
	set --
	if [ -n "$here" ]; then
		lacks vm vm-bhyve
		lacks qemu-img qemu-tools
		[ -f "${LOCALBASE:-/usr/local}/share/uefi-firmware/BHYVE_UEFI.fd" ] || packages="$packages bhyve-firmware"
		is_yes "$(sysrc -n -i vm_enable)" || settings="$settings vm_enable=YES"
		directory=$(sysrc -n -i vm_dir) || directory=
		[ -n "$directory" ] || settings="$settings vm_dir=${directory:=/vm}"
		# A dataset is a directory already.
		case $directory in zfs:*) init="vm init" ;; *) init="mkdir -p $directory && vm init" ;; esac
		[ -z "$settings" ] || set -- "sysrc$settings" "$init"
	fi
	[ -z "$packages" ] || set -- "pkg install$packages" "$@"
	[ $# -eq 0 ] || refuse "this FreeBSD host is not ready; as root:" "$@"
	[ -z "$here" ] || [ "$(id -u)" -eq 0 ] || refuse "vm-bhyve takes root" "doas npm start, or sudo npm start"
}
