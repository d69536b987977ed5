# Sourced by the sandbox and by each guest.

# take_root LOWER UPPER WORK ROOT: an overlay becomes the root directory; the old one is in /.old, which UPPER has.
take_root() {
	# In a user namespace overlayfs keeps its marks in user.* attributes; as root it uses trusted.*.
	mount -t overlay overlay -o "lowerdir=$1,upperdir=$2,workdir=$3,userxattr" "$4" 2>/dev/null ||
		mount -t overlay overlay -o "lowerdir=$1,upperdir=$2,workdir=$3" "$4"
	cd "$4"
	pivot_root . .old
}
