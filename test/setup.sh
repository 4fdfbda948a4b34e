#!/usr/bin/env bash
# Installs everything that the build and the tests need and that does not come through Maven. Each part does nothing when
# it is there already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec >&2

test/python/setup.sh # first: on Debian it also installs python3-venv, which the others need
test/clients/setup.sh
test/perf-analyzer/setup.sh
test/policy/setup.sh
test/workflow/setup.sh
test/image/setup.sh
test/deployment/setup.sh
