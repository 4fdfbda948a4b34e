#!/usr/bin/env bash
# Installs what building and running the container image without a Docker engine needs: buildah, podman, runc and
# debootstrap, by apt (Debian 12 or newer, Ubuntu 24.04 or newer). Does nothing when they are there. Everything that is
# said goes to stderr.
set -euo pipefail
exec 1>&2

fail() {
  echo "setup.sh: $*"
  exit 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

missing=()
for program in buildah podman runc debootstrap; do
  [ -n "$(PATH=$PATH:/usr/sbin command -v "$program")" ] || missing+=("$program")
done
if [ "${#missing[@]}" != 0 ]; then
  [ -n "$(command -v apt-get)" ] || fail "${missing[*]} cannot be had: no apt-get here (expected: Debian or Ubuntu)"
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get -qq update \
    && as_root apt-get -qq install -y --no-install-recommends "${missing[@]}" \
    || fail "${missing[*]} cannot be had: apt-get could not install them (why is said above)"
fi
