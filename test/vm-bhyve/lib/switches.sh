# Sourced by bin/vm: `vm init` and `vm switch`.
initSwitch() {
	[ -z "$(bridgeOf "$1")" ] || return 0
	if [ ${#1} -le 12 ]; then words="name vm-$1"; else words="descr vm/$1"; fi
	bridge=$(ifconfig bridge create $words group vm-switch up 2>/dev/null) || err "failed to create bridge interface for switch $1"
	ifconfig "$bridge" group "$(tagOf "$1")"
	ifconfig "$bridge" link random
	address=$(get "$system" "addr_$1")
	[ -z "$address" ] || ifconfig "$bridge" inet "$address"
	mtu=$(get "$system" "mtu_$1")
	[ -z "$mtu" ] || ifconfig "$bridge" mtu "$mtu"
}
createSwitch() {
	type=standard address='' mtu=''
	while getopts t:i:n:b:a:m:p option; do
		case $option in t) type=$OPTARG ;; a) address=$OPTARG ;; m) mtu=$OPTARG ;; '?') usage switch ;; *) ;; esac
	done
	shift $((OPTIND - 1))
	checkName "$1" || err "invalid switch name - '$1'"
	case " $(get "$system" switch_list) " in *" $1 "*) err "switch $1 already exists" ;; esac
	[ -z "$mtu" ] || [ "$mtu" -le 9000 ] || err "invalid mtu"
	[ "$type" = standard ] || err "invalid switch type - '$type'"
	set_ "$system" "switch_list+=$1"
	set_ "$system" "type_$1=standard"
	[ -z "$mtu" ] || set_ "$system" "mtu_$1=$mtu"
	[ -z "$address" ] || set_ "$system" "addr_$1=$address"
	initSwitch "$1"
}
destroySwitch() {
	[ "$(get "$system" "type_$1")" = standard ] || err "unable to remove switch of unknown type"
	bridge=$(bridgeOf "$1")
	[ -n "$bridge" ] || err "failed to remove virtual switch"
	ifconfig "$bridge" destroy
	set_ "$system" "switch_list-=$1"
	sysrc -inxqf "$system" "type_$1" "addr_$1" "mtu_$1" "ports_$1" "vlan_$1" "private_$1" >/dev/null 2>&1
	return 0
}
# One that does not exist has a block as well, and no error.
infoOfSwitches() {
	for one in ${*:-$(get "$system" switch_list)}; do
		bridge=$(bridgeOf "$one")
		printf -- '------------------------\nVirtual Switch: %s\n------------------------\n' "$one"
		printf '  type: %s\n  ident: %s\n  vlan: -\n  physical-ports: -\n\n' "$(get "$system" "type_$one" standard)" "${bridge:--}"
	done
}
listSwitches() {
	{
		echo "NAME TYPE IFACE ADDRESS PRIVATE MTU VLAN PORTS"
		for one in $(get "$system" switch_list); do
			bridge=$(bridgeOf "$one")
			echo "$one standard ${bridge:--} $(get "$system" "addr_$one" -) no $(get "$system" "mtu_$one" -) - -"
		done
	} | column -t
}
