# Sourced by the sandbox and by each guest: a root directory with its own /proc, /sys, /dev and /run.

# make_root LOWER UPPER WORK ROOT
make_root() {
	lower=$1 upper=$2 work=$3 root=$4
	# In a user namespace overlayfs keeps its marks in user.* attributes; as root it uses trusted.*.
	mount -t overlay overlay -o "lowerdir=$lower,upperdir=$upper,workdir=$work,userxattr" "$root" 2>/dev/null ||
		mount -t overlay overlay -o "lowerdir=$lower,upperdir=$upper,workdir=$work" "$root"
	mount -t proc proc "$root/proc"
	mount -t sysfs sysfs "$root/sys" 2>/dev/null || true
	mount -t tmpfs -o mode=755 tmpfs "$root/run"
	mount -t tmpfs -o mode=755 tmpfs "$root/dev"
	for device in null zero full random urandom tty; do
		: >"$root/dev/$device"
		mount --bind "/dev/$device" "$root/dev/$device"
	done
	mkdir "$root/dev/pts" "$root/dev/shm" "$root/run/lock"
	chmod 1777 "$root/dev/shm" "$root/run/lock"
	mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
	ln -s pts/ptmx "$root/dev/ptmx"
	ln -s /proc/self/fd "$root/dev/fd"
	ln -s /proc/self/fd/0 "$root/dev/stdin"
	ln -s /proc/self/fd/1 "$root/dev/stdout"
	ln -s /proc/self/fd/2 "$root/dev/stderr"
}
