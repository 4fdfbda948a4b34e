#!/usr/bin/env bash
# Makes the Python environments with clients of the Open Inference Protocol, one for each client, and prints the path of
# tritonclient's python.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
../venv.sh kserve >&2
../venv.sh mlserver >&2
exec ../venv.sh .
