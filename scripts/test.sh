#!/bin/sh
# npm test: sets everything up and runs every gate. A machine that cannot run the live tests is told why, with exit
# code 3, before anything runs; `npm run check` has the gates that need nothing but Node.js.
cd "$(dirname "$0")/.." || exit
. scripts/setup.sh
set_up
node_modules/.bin/tsx scripts/test-tools.ts
# A golden file that is missing fails instead of being written.
export CI="${CI:-1}"

failed=
gate() {
	name=$1
	shift
	say "$name"
	"$@" || failed="$failed, $name"
}
# Scripts in guests get variables from whoever calls them: SC2154.
scripts_are_clean() {
	grep -rlZE '^#!(/bin/sh|/usr/bin/env bash)' scripts .ci images test |
		xargs -0 shellcheck --severity=warning --external-sources --exclude=SC2154 --source-path=images/embedded/overlay/usr/libexec/lab
}
playbooks_are_clean() {
	# ansible-lint must not look for roles on the network.
	(cd playbooks && yamllint --strict . && ansible-lint --offline --nocolor)
}
project() { node_modules/.bin/vitest run --config test/vitest.config.ts --project "$@"; }

gate types npm run --silent types
gate lint npm run --silent lint
gate format npm run --silent format
gate "shell scripts" scripts_are_clean
gate playbooks playbooks_are_clean
gate "unit tests" project unit
gate "live tests" project live --reporter=verbose
if [ -n "$failed" ]; then
	say "failed: ${failed#, }"
	exit 1
fi
say "all gates passed"
