#!/usr/bin/env bash
# Makes the Python environment with clients of the Open Inference Protocol, and prints the path of its python.
exec "$(dirname "${BASH_SOURCE[0]}")/../venv.sh" "$(dirname "${BASH_SOURCE[0]}")"
