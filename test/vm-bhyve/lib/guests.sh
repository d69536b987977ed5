# Sourced by bin/vm: create, start, stop, destroy, list.
createGuest() {
	template=default size='' image='' cloud='' user_data=''
	while getopts d:t:s:i:c:m:Ck:n:u: option; do
		case $option in
		t) template=$OPTARG ;; s) size=$OPTARG ;; i) image=$OPTARG ;; C) cloud=yes ;; u) user_data=$OPTARG ;;
		'?') usage create ;; *) ;;
		esac
	done
	shift $((OPTIND - 1))
	name=$1
	[ -n "$name" ] || usage create
	checkName "$name" || err "invalid virtual machine name - '$name'"
	isGuest "$name" && err "virtual machine already exists in $dir/$name"
	from=$dir/.templates/$template.conf conf=$dir/$name/$name.conf
	[ -f "$from" ] || err "unable to find template $from"
	disk=$(get "$from" disk0_name)
	[ -n "$disk" ] || err "template is missing disk0_name specification"
	[ -z "$user_data" ] || [ -n "$cloud" ] || err "cloud-init is required for user-data file. Use -C to enable it."
	[ -z "$user_data" ] || [ -r "$user_data" ] || err "can't read user-data file ($user_data)"
	[ -z "$dataset" ] || zfs create "$dataset/$name" || err "failed to create new ZFS dataset $dataset/$name"
	[ -d "$dir/$name" ] || mkdir "$dir/$name"
	cp "$from" "$conf"
	uuid=$(cat /proc/sys/kernel/random/uuid)
	set_ "$conf" "uuid=$uuid"
	set_ "$conf" "network0_mac=58:9c:fc:0$(od -An -N3 -tx1 /dev/urandom | tr -d '\n' | sed 's/^ .\(.\) \(..\) \(..\)/\1:\2:\3/')"
	truncate -s "${size:-20G}" "$dir/$name/$disk" && chmod 600 "$dir/$name/$disk"
	# A late failure leaves all that was made before.
	[ -z "$image" ] || [ -f "$dir/.img/$image" ] || err "unable to locate img file - '$image'"
	[ -z "$image" ] || qemu-img dd -O raw "if=$dir/.img/$image" "of=$dir/$name/$disk"
	[ -z "$cloud" ] || createSeed
}
# The ISO is made of this directory at the first start.
createSeed() {
	seed=$dir/$name/.cloud-init
	mkdir -p "$seed"
	printf 'instance-id: %s\nlocal-hostname: %s\n' "$uuid" "$name" >"$seed/meta-data"
	if [ -n "$user_data" ]; then cp "$user_data" "$seed/user-data"
	else printf '#cloud-config\nresize_rootfs: True\nmanage_etc_hosts: localhost\n' >"$seed/user-data"
	fi
	set_ "$conf" disk1_type=ahci-cd disk1_name=seed.iso disk1_dev=file
}

startOne() {
	echo "Starting $1"
	isGuest "$1" || { echo "  ! $1 does not seem to be a valid virtual machine"; return 1; }
	echo "  * found guest in $dir/$1"
	isStopped "$1" 2>/dev/null || { echo "  ! guest appears to be running already"; return 1; }
	if isFault "refuse-start-$1" || [ -z "$(get "$dir/$1/$1.conf" cpu)" ] || [ -z "$(get "$dir/$1/$1.conf" memory)" ]; then
		echo "  ! incomplete virtual machine configuration"
		return 1
	fi
	echo "  * booting..."
	"$0" _run "$1" >/dev/null 2>&1 &
}
pidOf() { pgrep -f "^bhyve: $1 *\$"; }
loaderOf() { pgrep -f "^bhyveload: $1 *\$"; }
stopOne() {
	if [ ! -e "$root/dev/vmm/$1" ]; then warn "$1 doesn't appear to be a running virtual machine"; return; fi
	pid=$(loaderOf "$1")
	if [ -n "$pid" ]; then confirm && kill $pid; return; fi
	pid=$(pidOf "$1")
	if [ -z "$pid" ]; then warn "unable to locate process id for $1"; return; fi
	echo "Sending ACPI shutdown to $1"
	kill $pid
}
destroyGuest() {
	isGuest "$1" || err "$1 doesn't appear to be a valid virtual machine"
	isStopped "$1" own || exit 1
	[ -n "$force" ] || confirm || exit 0
	[ -z "$dataset" ] || zfs destroy -rf "$dataset/$1" >/dev/null 2>&1 || err "failed to destroy ZFS dataset $dataset/$1"
	[ ! -e "$dir/$1" ] || rm -R "${dir:?}/$1"
}
stateOf() {
	pid=$(pidOf "$1")
	if [ -n "$pid" ]; then echo "Running ($pid)"; return; fi
	pid=$(loaderOf "$1")
	if [ -n "$pid" ]; then echo "Bootloader ($pid)"; return; fi
	if [ -e "$dir/$1/run.lock" ]; then echo "Locked ($(cat "$dir/$1/run.lock"))"; else echo Stopped; fi
}
listGuests() {
	tags=; [ "$version" = 1.8 ] && tags=TAGS
	{
		echo "NAME|DATASTORE|LOADER|CPU|MEMORY|VNC|AUTO|STATE${tags:+|$tags}"
		for conf in "$dir"/[A-Za-z0-9]*/*.conf; do
			one=$(basename "$(dirname "$conf")")
			isGuest "$one" || continue
			echo "$one|default|$(get "$conf" loader)|$(get "$conf" cpu)|$(get "$conf" memory)|-|No|$(stateOf "$one")${tags:+|-}"
		done
	} | column -t -s '|'
}
