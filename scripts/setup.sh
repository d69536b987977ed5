#!/bin/sh
# setup.sh: everything a fresh Debian or Ubuntu machine needs, and nothing twice: npm packages, build, system packages.
# Sourced by start.sh and test.sh, from the root of the checkout. Which system packages, `lab doctor` knows. On FreeBSD
# nothing is installed for anybody: what is missing is said. No bash and no option of GNU's here: see test/scripts.
set -eu
. scripts/freebsd.sh

say() { printf '%s %s\n' "$(date +%H:%M:%S)" "$*" >&2; }
refuse() {
	printf 'lab: %s\n' "$1" >&2
	shift
	printf '  → %s\n' "$@" >&2
	exit 3
}

check_node() {
	if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
		refuse_node "Node.js or npm is not installed"
	fi
	node -e 'const [major, minor] = process.versions.node.split(".").map(Number);
		process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' ||
		refuse_node "Node.js $(node --version) is too old: it takes 20.19 or later"
}
refuse_node() {
	refuse "$1" "Debian 13, as root: apt-get install nodejs npm" \
		"FreeBSD, as root: pkg install node24 npm-node24" \
		"Debian 12, Ubuntu 24.04, as root: apt-get install curl && curl -fsSL https://deb.nodesource.com/setup_22.x | bash - && apt-get install nodejs" \
		"elsewhere: https://nodejs.org/en/download"
}

# npm packages, when the lock file is another than at the last installation. Compilers and test tools are wanted even
# where NODE_ENV says production, and their binaries are optional dependencies.
install_npm_packages() {
	stamp=node_modules/.lab-lock
	if cmp -s package-lock.json "$stamp"; then return; fi
	say "installing npm packages (120, half a minute at most)"
	npm ci --include=dev --include=optional --no-audit --no-fund >&2 ||
		refuse "npm packages could not be installed" "see npm's messages above; behind a proxy: npm config set proxy URL"
	cp package-lock.json "$stamp"
}

# A stamp of its own: main.js may be there after a compilation that was interrupted.
build() {
	stamp=dist/.built
	if [ -f "$stamp" ] && [ -z "$(find src tsconfig.json package-lock.json -newer "$stamp")" ]; then return; fi
	say "building"
	node_modules/.bin/tsc -p tsconfig.json
	touch "$stamp"
}

install_system_packages() {
	if node bin/lab.mjs doctor >/dev/null 2>&1; then return; fi
	say "installing what this machine lacks"
	node bin/lab.mjs doctor --fix >&2
}

set_up_program() {
	check_node
	install_npm_packages
	build
}
is_freebsd() {
	[ "$(uname -s)" = FreeBSD ]
}
# set_up FLAGS...: those of `lab up`.
set_up() {
	if is_freebsd; then check_freebsd "$@"; fi
	set_up_program
	if ! is_freebsd; then install_system_packages; fi
}
