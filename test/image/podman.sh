#!/usr/bin/env bash
# podman on the images that build.sh makes. Usage: podman.sh ARGUMENT...
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/storage.sh"
exec podman "$@"
