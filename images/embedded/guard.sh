#!/bin/sh
# guard.sh PID START-TIME COMMAND...: runs a command that enters a process, if that is still the one that was meant. An
# ssh_config may be older than a reboot, and the pid somebody else's by now, whom we would enter with all our rights.
pid=$1 start=$2
shift 2
# Field 22 of proc_pid_stat(5), counted after the name, which may hold anything.
start_of() { echo "${20:-}"; }
if { read -r stat <"/proc/$pid/stat"; } 2>/dev/null; then
	set -f
	# shellcheck disable=SC2086 # Words on purpose.
	[ "$(start_of ${stat##*) })" != "$start" ] || exec "$@"
fi
echo "the lab does not run any more: lab up" >&2
exit 255
