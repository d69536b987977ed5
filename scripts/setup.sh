#!/bin/sh
# setup.sh: everything a fresh Debian or Ubuntu machine needs, and nothing twice: npm packages, build, system packages.
# Sourced by start.sh and test.sh, from the root of the checkout.
set -eu

say() { printf '%s %s\n' "$(date +%H:%M:%S)" "$*" >&2; }
refuse() {
	printf 'lab: %s\n  → %s\n' "$1" "$2" >&2
	exit 3
}

check_node() {
	command -v node >/dev/null && command -v npm >/dev/null ||
		refuse "Node.js and npm are not installed" "Debian 13: apt-get install nodejs npm; elsewhere: https://nodejs.org, version 20.19 or later"
	node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
		refuse "Node.js $(node --version) is too old" "install 20.19 or later: https://nodejs.org (Debian 12 ships 18)"
}

# npm packages, when the lock file is another than at the last installation. Compilers and test tools are wanted even
# where NODE_ENV says production; their binaries are optional dependencies, of which a mirror may lack other platforms':
# `npm ci` refuses a lock file without them, `npm install` takes what it names and leaves the file alone.
install_npm_packages() {
	stamp=node_modules/.lab-lock
	if [ -f "$stamp" ] && cmp -s package-lock.json "$stamp"; then return; fi
	say "installing npm packages"
	npm install --no-save --include=dev --include=optional --no-audit --no-fund >&2
	cp package-lock.json "$stamp"
}

build() {
	if [ -f dist/main.js ] && [ -z "$(find src tsconfig.json -newer dist/main.js -print -quit)" ]; then return; fi
	say "building"
	npx --no-install tsc -p tsconfig.json
	touch dist/main.js
}

# install_system_packages PROGRAM:PACKAGES...: installs the packages (joined by +) of the programs that are missing.
install_system_packages() {
	missing=
	for pair; do
		# On many systems /usr/sbin is not in an ordinary user's PATH.
		PATH=$PATH:/usr/sbin:/sbin command -v "${pair%%:*}" >/dev/null || missing="$missing $(echo "${pair#*:}" | tr + ' ')"
	done
	[ -n "$missing" ] || return 0
	# Words on purpose: a list of package names from this file.
	# shellcheck disable=SC2086
	set -- $missing
	command -v apt-get >/dev/null || refuse "missing packages: $*" "install them with this system's package manager"
	if [ "$(id -u)" = 0 ]; then
		as_root=
	elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
		as_root=sudo
	else
		refuse "missing packages: $*" "as root: apt-get update && apt-get install --yes --no-install-recommends $*"
	fi
	say "installing $*"
	# shellcheck disable=SC2086
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update >&2
	# shellcheck disable=SC2086
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "$@" >&2
}

set_up() {
	check_node
	install_npm_packages
	build
	user_tools=
	[ "$(id -u)" = 0 ] || user_tools=newuidmap:uidmap
	# shellcheck disable=SC2086
	install_system_packages unshare:util-linux nsenter:util-linux ssh:openssh-client ansible-playbook:ansible-core \
		mmdebstrap:mmdebstrap+debian-archive-keyring $user_tools "$@"
}
