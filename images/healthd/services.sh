# shellcheck shell=sh
# shellcheck disable=SC2034  # read by whoever reads this file
# The little that root needs to know of services: a line each, `NAME|INTERFACE|PREFIXES|LEASE|COVER INTERFACE|COVER`.
services='
'

# setting FILE KEY: the value, if it is one of the few characters that ours have.
setting() {
	sed -nE "s/^[[:space:]]*$2[[:space:]]*=[[:space:]]*\"?([a-z0-9./, ]*[a-z0-9])\"?[[:space:]]*(#.*)?\$/\1/p" "$1" |
		tr ',' ' ' | head -n 1
}

# read_services DIRECTORY: later lines win. Services whose file is gone stay known, since they are still to be withdrawn.
read_services() {
	# Globs are off where this is read, and names are checked.
	# shellcheck disable=SC2045
	for file in $(ls "$1"); do
		case $file in
		*[!a-z0-9_.-]* | -* | .*) continue ;;
		*.conf) ;;
		*) continue ;;
		esac
		interface=$(setting "$1/$file" interface)
		case $interface in lo[1-9]*) ;; *) continue ;; esac
		cover=$(setting "$1/$file" cover)
		cover_interface=$(setting "$1/$file" cover-interface)
		lease=$(setting "$1/$file" lease)
		services="$services${file%.conf}|$interface|$(setting "$1/$file" prefix)|${lease:-3}|${cover_interface:-lo9}|$cover
"
	done
}

# find_service NAME: sets interface, prefixes, lease, cover_interface and cover. Starts no process: renewals come every second.
find_service() {
	case $1 in '' | *[!a-z0-9_-]*) return 1 ;; esac
	found=${services##*"
$1|"}
	[ "$found" != "$services" ] || return 1
	found=${found%%"
"*}
	interface=${found%%|*} found=${found#*|}
	prefixes=${found%%|*} found=${found#*|}
	lease=${found%%|*} found=${found#*|}
	cover_interface=${found%%|*} cover=${found#*|}
}
