# shellcheck shell=sh
# shellcheck disable=SC2034  # read by the actuator
# What the actuator does on Linux. An address has a lifetime, the lease: if nobody renews it, the kernel alone lets it go.

# One `ip` for all renewals, since a process each second and service would cost more than all the checks. It remembers
# which number an interface had, so there is a new one for every interface that is made.
start() { open_renewals; }

open_renewals() {
	# Another one's, which is ending, may still be there.
	renewals=$run/renew.$$
	rm -f "$renewals"
	mkfifo -m 600 "$renewals"
	# Both ways, so that opening waits for nobody. Both ends are open before `ip` starts: it would wait for ever for a
	# writer that has ended meanwhile, and with the writing end of its own it would never see the end.
	exec 3<>"$renewals" 4<"$renewals"
	rm -f "$renewals"
	ip -force -batch - <&4 3>&- 4<&- >/dev/null &
	exec 4<&-
}

stop() { exec 3>&-; }

exists() { ip link show dev "$1" >/dev/null 2>&1; }

# look: sets addresses to those of the interface, and elsewhere to `PREFIX INTERFACE` of all others. One process: the way
# down is in a hurry, and processes take long where a machine is busy.
look() {
	addresses=
	elsewhere=
	# A line each: `3: lo1 inet 172.20.0.1/32 scope global lo1 …`.
	# shellcheck disable=SC2046
	set -- $(ip -4 -oneline address show)
	while [ $# -gt 3 ]; do
		if [ "$3" = inet ]; then
			if [ "$2" = "$interface" ]; then addresses="$addresses $4"; else elsewhere="$elsewhere $4 $2 "; fi
		fi
		shift
	done
}

# Not every kernel has dummy; a bridge without ports is up at once and never answers ARP for others either.
kind=dummy
make_interface() {
	tool ip link add "$interface" type "$kind" && return
	! exists "$interface" || return 0
	[ "$kind" = dummy ] && kind=bridge && tool ip link add "$interface" type bridge
}

bring_up() {
	is_alone || return
	[ -n "$addresses" ] || make_interface || return
	set --
	for prefix in $prefixes; do
		set -- "$@" "address replace $prefix dev $interface ${lease:+valid_lft $lease preferred_lft $lease}"
	done
	why=$(printf '%s\n' "$@" "link set $interface up" | ip -batch - 2>&1)
}

take_down() { tool ip link set "$interface" down; }

destroy() { tool ip link delete "$interface"; }

renew() {
	for prefix in $prefixes; do
		echo "address replace $prefix dev $interface valid_lft $lease preferred_lft $lease" >&3
	done
}

# after WORD NAME: what must outlive the word.
after() {
	[ "$1" = up ] || return 0
	exec 3>&-
	open_renewals
}
