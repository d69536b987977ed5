#!/bin/sh
# npm run check [-- --live]: every gate, so that all that fail are seen at once; --live adds the tests that make namespaces
# and run real FRR. A linter that is not installed is skipped by name: `npm test` installs them.
cd "$(dirname "$0")/.." || exit
# A golden file that is missing fails instead of being written.
export CI="${CI:-1}"
say() { printf '%s %s\n' "$(date +%H:%M:%S)" "$*" >&2; }

failed=
gate() {
	name=$1
	shift
	say "$name"
	"$@" || failed="$failed, $name"
}
# gate_with PROGRAM NAME COMMAND...
gate_with() {
	program=$1
	shift
	if command -v "$program" >/dev/null; then gate "$@"; else say "$1: skipped, $program is not installed"; fi
}
# Scripts in guests get variables from whoever calls them: SC2154.
scripts_are_clean() {
	grep -rlE --null --exclude-dir=golden '^#!(/bin/sh|/usr/bin/env bash)|^# shellcheck shell=sh' scripts .ci images test |
		xargs -0 shellcheck --severity=warning --external-sources --exclude=SC2154 --source-path=images/embedded/overlay/usr/libexec/lab
}
# ansible-lint must not look for roles on the network.
playbooks_are_clean() { (cd playbooks && ansible-lint --offline --nocolor); }
playbooks_are_tidy() { (cd playbooks && yamllint --strict .); }
project() { node_modules/.bin/vitest run --config test/vitest.config.ts --project "$@"; }

gate types npm run --silent types
gate lint npm run --silent lint
gate format npm run --silent format
gate_with shellcheck "shell scripts" scripts_are_clean
gate_with yamllint "playbooks, YAML" playbooks_are_tidy
gate_with ansible-lint "playbooks" playbooks_are_clean
gate "unit tests" project unit
[ "${1:-}" != --live ] || gate "live tests" project live --reporter=verbose
if [ -n "$failed" ]; then
	say "failed: ${failed#, }"
	exit 1
fi
say "all gates passed"
