# Sourced by bin/vm: `vm _run`, which looks after one guest: seed, taps, lock, then bhyve until it does not ask for a reboot.
log() { echo "$(date +%Y-%m-%dT%H:%M:%S%z): $*" >>"$dir/$name/vm-bhyve.log"; }
fatal() { log "fatal; $*"; exit 15; }

runGuest() {
	name=$1 conf=$dir/$1/$1.conf taps= devices=
	trap '' INT
	isGuest "$name" || exit 5
	isStopped "$name" || exit 10
	makeSeed
	log "initialising [loader: $(get "$conf" loader)]"
	case $(get "$conf" loader) in
	uefi*) [ -e "$firmware/BHYVE_UEFI.fd" ] || fatal "unable to locate firmware $firmware/BHYVE_UEFI.fd"
		[ "$(get "$conf" uefi_vars yes)" = no ] || [ -e "$dir/$name/uefi-vars.fd" ] || cp "$firmware/BHYVE_UEFI_VARS.fd" "$dir/$name/uefi-vars.fd" ;;
	esac
	addDisks
	addNetworks
	hostname >"$dir/$name/run.lock"
	echo "com1=/dev/nmdm-$name.1B" >"$dir/$name/console"
	log "booting"
	while :; do
		loadGuest || { status=15; log "fatal; loader returned error"; break; }
		log "starting bhyve"
		bhyve -c "$(get "$conf" cpu)" -m "$(get "$conf" memory)" -AHPw -U "$(get "$conf" uuid)" -u -s 0,hostbridge -s 31,lpc \
			$devices -l "com1,/dev/nmdm-$name.1A" "$name" 2>>"$dir/$name/bhyve.log"
		status=$?
		log "bhyve exited with status $status"
		[ $status -eq 0 ] || break
		log "restarting"
		rm -f "$root/dev/vmm/$name"
	done
	for tap in $taps; do ifconfig "$tap" destroy; done
	log "stopped"
	rm -f "$root/dev/vmm/$name"
	while isFault "keep-lock-$name"; do sleep 0.05; done
	rm -f "$dir/$name/run.lock" "$dir/$name/console"
	exit $status
}
# Loaders other than UEFI run before bhyve, for as long as a fault says; one that is killed ends the boot.
loadGuest() {
	case $(get "$conf" loader) in uefi*) return ;; esac
	touch "$root/dev/vmm/$name"
	(cd "$root" && exec perl -e '$0 = "bhyveload: $ARGV[0]"; select(undef, undef, undef, 0.02) while -e $ARGV[1]' \
		"$name" "$faults/slow-loader-$name") || return
	rm -f "$root/dev/vmm/$name"
}
makeSeed() {
	[ -d "$dir/$name/.cloud-init" ] && [ ! -f "$dir/$name/seed.iso" ] || return 0
	makefs -t cd9660 -o R,L=cidata "$dir/$name/seed.iso" "$dir/$name/.cloud-init" || err "Can't write seed.iso for cloud-init"
	log "created $dir/$name/seed.iso for cloud-init"
}

# Lists end at the first gap. UEFI guests have a slot for each disk, and their NICs come after them, eight to a slot.
addDisks() {
	slot=4 number=0
	while [ -n "$(get "$conf" "disk${number}_name")" ] && [ -n "$(get "$conf" "disk${number}_type")" ]; do
		devices="$devices -s 0:$slot:0,$(get "$conf" "disk${number}_type"),$dir/$name/$(get "$conf" "disk${number}_name")"
		slot=$((slot + 1)) number=$((number + 1))
	done
}
addNetworks() {
	number=0 place=0
	while [ -n "$(get "$conf" "network${number}_type")" ]; do
		switch=$(get "$conf" "network${number}_switch")
		if [ -z "$switch" ]; then
			warn "unable to configure interface $number"
			number=$((number + 1))
			continue
		fi
		tap=$(ifconfig tap create)
		taps="$taps $tap"
		ifconfig "$tap" descr "vmnet/$name/$number/${switch:-custom}" group vm-port
		bridge=$(bridgeOf "$switch")
		if [ -n "$bridge" ]; then
			mtu=$(ifconfig "$bridge" | head -n1 | sed 's/.* //')
			[ "$mtu" = 1500 ] || ifconfig "$tap" mtu "$mtu"
			ifconfig "$bridge" addm "$tap" 2>/dev/null || log "failed to add $tap to $bridge"
		else
			log "failed to find virtual switch '$switch'"
		fi
		mac=$(get "$conf" "network${number}_mac")
		devices="$devices -s 0:$((slot + place / 8)):$((place % 8)),$(get "$conf" "network${number}_type"),$tap${mac:+,mac=$mac}"
		number=$((number + 1)) place=$((place + 1))
	done
}
