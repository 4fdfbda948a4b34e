#!/usr/bin/env bash
# Makes the Python environment that runs the code of docs/models.md, in target/venv beside this script, and prints the
# path of its python; everything else goes to stderr. Does nothing when the environment is there and up to date.
#
# PyTorch comes from Debian 12 (python3-torch, CPU only, 150 MB to download): the wheels for Linux bring gigabytes of GPU
# libraries. So the environment is made from Debian's own Python and sees Debian's packages behind its own.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
system_python=/usr/bin/python3
venv=$here/target/venv
stamp=$here/target/stamp
exec 3>&1 1>&2 # stdout is for the path alone

fail() {
    echo "setup.sh: $*"
    exit 1
}

has() {
    "$system_python" -c 'import importlib.util, sys; sys.exit(any(importlib.util.find_spec(m) is None for m in sys.argv[1:]))' "$@"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

install_debian_packages() {
    [ -x "$(command -v apt-get)" ] || fail "PyTorch cannot be had: no apt-get here (expected: Debian 12)"
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get -qq update \
        && as_root apt-get -qq install -y --no-install-recommends python3-torch python3-venv \
        || fail "PyTorch cannot be had: apt-get could not install python3-torch and python3-venv (why is said above)"
    has torch ensurepip || fail "PyTorch cannot be had: $system_python does not find torch though python3-torch is installed"
}

mkdir -p "$here/target"
exec 9>"$here/target/lock"
flock 9 # two builds at once: the second waits, then finds everything there

wanted=$(cat "$here/requirements.txt" "${BASH_SOURCE[0]}" | sha256sum)
if ! { [ -x "$venv/bin/python" ] && [ "$wanted" = "$(cat "$stamp" 2>/dev/null)" ] && has torch; }; then
    rm -rf "$stamp" "$venv"
    [ -x "$system_python" ] && has torch ensurepip || install_debian_packages
    "$system_python" -m venv --system-site-packages "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: -r "$here/requirements.txt"
    "$venv/bin/python" -c 'import torch; torch.from_numpy(__import__("numpy").zeros(1))' \
        || fail "PyTorch cannot be used: it does not work with the numpy of requirements.txt (what it says is above)"
    echo "$wanted" >"$stamp"
fi
echo "$venv/bin/python" >&3
