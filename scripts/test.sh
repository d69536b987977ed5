#!/bin/sh
# npm test: sets everything up and runs every gate. A machine that cannot run the live tests is told why, with exit
# code 3, before anything runs; `npm run check` has the gates that need nothing but Node.js.
cd "$(dirname "$0")/.." || exit
. scripts/setup.sh
set_up_program
if is_freebsd; then
	say "no live tests here: they make namespaces, which only Linux has"
	exec sh scripts/check.sh
fi
node_modules/.bin/tsx scripts/test-tools.ts
install_system_packages
exec sh scripts/check.sh --live
