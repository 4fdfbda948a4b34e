#!/usr/bin/env bash
# Installs what the benchmarks need beside the build: wrk, and a Python environment with the peer. Prints the path of its
# python; everything else goes to stderr. Does nothing when all is there.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

if ! command -v wrk >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    { as_root apt-get -qq update && as_root apt-get -qq install -y --no-install-recommends wrk; } >&2 \
        || { echo "setup.sh: wrk cannot be installed (expected: Debian 12, or wrk on the PATH)" >&2; exit 1; }
fi
exec "$here/../venv.sh" "$here"
