#!/usr/bin/env bash
# Installs what checks the CloudFormation templates and what they are deployed to, and prints the path of the folder with
# the commands cfn-lint, checkov and ministack; everything else goes to stderr. Does nothing when all is there and up to
# date. The environments are in target/ beside this script; there are two, because checkov and ministack want different
# versions of botocore.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$here/target/venv
ministack=$here/target/ministack
stamp=$here/target/stamp
exec 3>&1 1>&2 # stdout is for the path alone

fail() {
    echo "setup.sh: $*"
    exit 1
}

install() { # folder, requirements
    python3 -m venv "$1" || fail "no virtual environment (expected: python3 with venv; on Debian 12: python3-venv)"
    "$1/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: -r "$2"
}

mkdir -p "$here/target"
exec 9>"$here/target/lock"
flock 9 # two builds at once: the second waits, then finds everything there

# The interpreter is part of what is wanted: an environment stops working when the Python that made it is replaced.
wanted=$({ cat "$here"/*requirements.txt "${BASH_SOURCE[0]}" && python3 -VV && echo "$here"; } | sha256sum)
if ! { [ "$wanted" = "$(cat "$stamp" 2>/dev/null)" ] && "$venv/bin/python" -V && "$ministack/bin/python" -V; } >/dev/null 2>&1; then
    rm -rf "$stamp" "$venv" "$ministack"
    install "$venv" "$here/requirements.txt"
    install "$ministack" "$here/ministack-requirements.txt"
    ln -s "$ministack/bin/ministack" "$venv/bin/ministack"
    echo "$wanted" >"$stamp"
fi
echo "$venv/bin" >&3
