#!/bin/sh
# npm test: sets everything up and runs every gate: types, lint, format, schema, unit tests, live tests, playbook lint.
cd "$(dirname "$0")/.."
. scripts/setup.sh
set_up yamllint:yamllint ansible-lint:ansible-lint

failed=
gate() {
	name=$1
	shift
	say "$name"
	"$@" || failed="$failed $name"
}
schema_is_current() {
	npx --no-install tsx scripts/schema.ts && git diff --exit-code -- topologies/topology.schema.json
}
playbooks_are_clean() {
	# ansible-lint must not look for roles on the network.
	(cd playbooks && yamllint --strict . && ansible-lint --offline)
}
gate types npm run --silent types
gate lint npm run --silent lint
gate format npm run --silent format
gate schema schema_is_current
gate playbooks playbooks_are_clean
gate tests npx --no-install vitest run --config test/vitest.config.ts
if [ -n "$failed" ]; then
	echo "failed gates:$failed" >&2
	exit 1
fi
echo "all gates passed" >&2
