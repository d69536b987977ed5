#!/bin/sh
# npm start [-- FLAGS]: sets everything up and brings the reference fabric up. Flags go to `lab up`.
cd "$(dirname "$0")/.." || exit
. scripts/setup.sh
set_up "$@"
status=0
node bin/lab.mjs up "$@" || status=$?
# What `up` says to try next starts with "lab".
command -v lab >/dev/null || say "to have lab on your PATH: npm install -g . (without: bin/lab.mjs here)"
exit "$status"
