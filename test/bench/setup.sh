#!/usr/bin/env bash
# Installs what the benchmarks need beside the build: wrk, and a Python environment with the peer, in target/venv beside
# this script. Prints the path of its python; everything else goes to stderr. Does nothing when all is there.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$here/target/venv
stamp=$here/target/stamp
exec 3>&1 1>&2 # stdout is for the path alone

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

mkdir -p "$here/target"
exec 9>"$here/target/lock"
flock 9 # two at once: the second waits, then finds everything there

if ! command -v wrk >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get -qq update && as_root apt-get -qq install -y --no-install-recommends wrk \
        || { echo "setup.sh: wrk cannot be installed (expected: Debian 12, or wrk on the PATH)"; exit 1; }
fi
wanted=$({ cat "$here/requirements.txt" "${BASH_SOURCE[0]}" && python3 -VV && echo "$here"; } | sha256sum)
if ! { [ "$wanted" = "$(cat "$stamp" 2>/dev/null)" ] && "$venv/bin/python" -V; } >/dev/null 2>&1; then
    rm -rf "$stamp" "$venv"
    python3 -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: -r "$here/requirements.txt"
    echo "$wanted" >"$stamp"
fi
echo "$venv/bin/python" >&3
