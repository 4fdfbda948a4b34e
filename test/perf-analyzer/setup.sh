#!/usr/bin/env bash
# Makes Triton's load generator ready, and prints the path of a program that runs it. It comes in the wheel of tritonclient
# (later wheels want a newer C library) and needs a library of CUDA, without a graphics card. Does nothing when it is there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
exec 3>&1 1>&2 # stdout is for the path alone

packages=(tritonclient==2.50.0 nvidia-cuda-runtime-cu12==12.9.79)
target=$PWD/target
program=$target/perf_analyzer

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

mkdir -p "$target"
exec 9>"$target/lock"
flock 9 # two at once: the second waits, then finds everything there

if ! "$program" --version >/dev/null 2>&1; then
  if ! ldconfig -p | grep -q 'libb64\.so'; then
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get -qq update && as_root apt-get -qq install -y --no-install-recommends libb64-0d
  fi
  rm -rf "$target/wheels" "$target/files"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --dest "$target/wheels" "${packages[@]}"
  for wheel in "$target"/wheels/*.whl; do
    python3 -m zipfile -e "$wheel" "$target/files"
  done
  chmod +x "$target"/files/tritonclient-*.data/data/bin/perf_analyzer
  cat >"$program" <<'RUN'
#!/usr/bin/env bash
files=$(dirname "${BASH_SOURCE[0]}")/files
export LD_LIBRARY_PATH=$files/nvidia/cuda_runtime/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
exec "$files"/tritonclient-*.data/data/bin/perf_analyzer "$@"
RUN
  chmod +x "$program"
  "$program" --version
fi
echo "$program" >&3
