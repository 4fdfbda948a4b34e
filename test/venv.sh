#!/usr/bin/env bash
# Makes the Python environment of FOLDER/requirements.txt in FOLDER/target/venv, and prints the path of its python; everything
# else goes to stderr. Does nothing when the environment is there and up to date. Usage: venv.sh FOLDER
set -euo pipefail

folder=$(cd "$1" && pwd)
venv=$folder/target/venv
stamp=$folder/target/stamp
exec 3>&1 1>&2 # stdout is for the path alone

mkdir -p "$folder/target"
exec 9>"$folder/target/lock"
flock 9 # two at once: the second waits, then finds everything there

wanted=$({ cat "$folder/requirements.txt" "${BASH_SOURCE[0]}" && python3 -VV && echo "$folder"; } | sha256sum)
if ! { [ "$wanted" = "$(cat "$stamp" 2>/dev/null)" ] && "$venv/bin/python" -V; } >/dev/null 2>&1; then
    rm -rf "$stamp" "$venv"
    python3 -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: -r "$folder/requirements.txt"
    echo "$wanted" >"$stamp"
fi
echo "$venv/bin/python" >&3
