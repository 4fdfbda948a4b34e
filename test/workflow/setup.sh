#!/usr/bin/env bash
# Installs LocalStack's interpreter of state machines, which runs the workflow's definition in tests, and prints the path of
# the Python that runs interpreter.py beside this script; everything else goes to stderr. Does nothing when it is there and
# up to date. It needs Python 3.13: one that is on the PATH or that pyenv has, else one that uv downloads.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$here/target/venv
uv=$here/target/uv
stamp=$here/target/stamp
exec 3>&1 1>&2 # stdout is for the path alone
export UV_PYTHON_INSTALL_DIR=$here/target/python

fail() {
    echo "setup.sh: $*"
    exit 1
}

install() { # python, folder, requirements
    "$1" -m venv "$2" || fail "no virtual environment from $1 (on Debian it needs python3-venv)"
    "$2/bin/python" -m pip install --quiet --disable-pip-version-check -r "$3"
}

python_3_13() {
    local found
    for found in "$(command -v python3.13 || true)" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13.*/bin/python3.13; do
        # Of a version that pyenv has and does not use, the PATH holds a command that only fails.
        if [ -x "$found" ] && "$found" -c '' 2>/dev/null; then
            echo "$found"
            return
        fi
    done
    install python3 "$uv" "$here/uv-requirements.txt" >&2
    "$uv/bin/uv" python install --no-progress 3.13 >&2 && "$uv/bin/uv" python find 3.13
}

mkdir -p "$here/target"
exec 9>"$here/target/lock"
flock 9 # two builds at once: the second waits, then finds everything there

wanted=$({ cat "$here"/*requirements.txt "${BASH_SOURCE[0]}" && echo "$here"; } | sha256sum)
if ! { [ "$wanted" = "$(cat "$stamp" 2>/dev/null)" ] && "$venv/bin/python" -V; } >/dev/null 2>&1; then
    rm -rf "$stamp" "$venv" "$uv"
    python=$(python_3_13) \
        || fail "Python 3.13 cannot be had: not on the PATH, not in pyenv, and uv could not download it (why is said above)"
    install "$python" "$venv" "$here/requirements.txt"
    echo "$wanted" >"$stamp"
fi
echo "$venv/bin/python" >&3
