# shellcheck shell=sh
# What the actuator does on FreeBSD. Addresses have no lifetime there: `guard` looks at the age of RUN/NAME.alive.
# Addresses are never deleted one by one, which FRR older than 10.5 does not notice (FRR's PR 19657).
start() { :; }
stop() { :; }

exists() { ifconfig "$1" >/dev/null 2>&1; }

# look: sets addresses to those of the interface, and elsewhere to `PREFIX INTERFACE` of all others.
look() {
	addresses=
	elsewhere=
	here_is=
	# `lo1: flags=… metric 0 mtu 16384`, and below it `inet 172.20.0.1/32` and more.
	# shellcheck disable=SC2046
	set -- $(ifconfig -f inet:cidr -a inet)
	while [ $# -gt 1 ]; do
		case "$1 $2" in
		*": flags="*) here_is=${1%:} ;;
		"inet "*) if [ "$here_is" = "$interface" ]; then addresses="$addresses $2"; else elsewhere="$elsewhere $2 $here_is "; fi ;;
		esac
		shift
	done
}

bring_up() {
	is_alone || return
	exists "$interface" || tool ifconfig "$interface" create || return
	for prefix in $prefixes; do
		tool ifconfig "$interface" inet "$prefix" alias || return
	done
	tool ifconfig "$interface" up
}

take_down() { tool ifconfig "$interface" down; }

destroy() { tool ifconfig "$interface" destroy; }

# A byte, since opening an empty file again need not change its time.
renew() { echo >"$run/$1.alive"; }

# after WORD NAME
after() {
	case $1 in
	up) renew "$2" ;;
	*) rm -f "$run/$2.alive" ;;
	esac
}
