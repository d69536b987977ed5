#!/bin/sh
# npm start [-- FLAGS]: sets everything up and brings the reference fabric up. Flags go to `lab up`.
cd "$(dirname "$0")/.."
. scripts/setup.sh
set_up
exec node dist/main.js up "$@"
