#!/usr/bin/env bash
# Makes the Python environment with clients of the Open Inference Protocol, in target/venv beside this script, and prints the
# path of its python; everything else goes to stderr. Does nothing when the environment is there and up to date.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$here/target/venv
stamp=$here/target/stamp
exec 3>&1 1>&2 # stdout is for the path alone

mkdir -p "$here/target"
exec 9>"$here/target/lock"
flock 9 # two builds at once: the second waits, then finds everything there

wanted=$({ cat "$here/requirements.txt" "${BASH_SOURCE[0]}" && python3 -VV && echo "$here"; } | sha256sum)
if ! { [ "$wanted" = "$(cat "$stamp" 2>/dev/null)" ] && "$venv/bin/python" -V; } >/dev/null 2>&1; then
    rm -rf "$stamp" "$venv"
    python3 -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: -r "$here/requirements.txt"
    echo "$wanted" >"$stamp"
fi
echo "$venv/bin/python" >&3
