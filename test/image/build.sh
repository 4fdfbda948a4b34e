#!/usr/bin/env bash
# Builds the container image from service/target/image without a Docker engine and without a registry, and prints its
# name; everything else goes to stderr. Usage: build.sh [TAG [JDK]]. JDK is the folder of a JDK 25; by default one that
# is found on this machine. Needs root, what setup.sh installs, and service/target/image (mvn package).
#
# The base images are made of this machine's own distribution and its apt sources, and kept in target/: they stand in for
# the ones that the Dockerfile names.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
context=$here/../../service/target/image
tag=${1:-latest}
exec 3>&1 1>&2 # stdout is for the name alone

fail() {
  echo "build.sh: $*"
  exit 1
}

is_jdk_25() {
  [ -x "$1/bin/jlink" ] && grep -q '^JAVA_VERSION="25[".]' "$1/release" 2>/dev/null
}

# Where maven-toolchains-plugin looks too.
find_jdk() {
  local candidate
  for candidate in "${JAVA25_HOME:-}" "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/java/* /usr/java/* \
    "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* "$HOME"/.asdf/installs/java/* "$HOME"/.jenv/versions/*; do
    if is_jdk_25 "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  fail "no JDK 25 found; name one: build.sh TAG JDK"
}

has_image() {
  buildah inspect --type image "$1" >/dev/null 2>&1
}

make_runtime_image() { # NAME
  local container mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI)' "Release: $suite" 'Component: main' 'Created-By: Packages' | head -1)
  [ -n "$mirror" ] || fail "apt has no source for $suite, of which the base image is to be made"
  container=$(buildah from scratch)
  debootstrap --variant=minbase --include=locales "$suite" "$(buildah mount "$container")" "$mirror" \
    >"$image_target/debootstrap.log" 2>&1 || fail "debootstrap failed: $(tail -3 "$image_target/debootstrap.log")"
  rm -rf "$(buildah mount "$container")"/var/cache/apt/archives/*.deb "$(buildah mount "$container")"/var/lib/apt/lists/*
  buildah commit --quiet --rm "$container" "$1" >/dev/null
}

make_jdk_image() { # NAME RUNTIME_IMAGE
  local container
  container=$(buildah from --pull-never "$2")
  mkdir -p "$(buildah mount "$container")/opt/java"
  cp --recursive --dereference "$jdk" "$(buildah mount "$container")/opt/java/openjdk"
  buildah config --env JAVA_HOME=/opt/java/openjdk \
    --env PATH=/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
  buildah commit --quiet --rm "$container" "$1" >/dev/null
}

[ "$(id -u)" = 0 ] || fail "root is needed (to make base images, and to limit containers)"
[ -f "$context/app/model-serving.jar" ] || fail "$context is missing: build service first (mvn package)"
. "$here/storage.sh"
for program in buildah debootstrap; do
  [ -n "$(command -v "$program")" ] || fail "$program is not installed: test/image/setup.sh installs it"
done
exec 9>"$image_target/lock"
flock 9 # two builds at once: the second waits

jdk=${2:-$(find_jdk)}
is_jdk_25 "$jdk" || fail "$jdk is no JDK 25"
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
runtime_image=localhost/model-serving-runtime:$suite
jdk_image=localhost/model-serving-jdk:$suite-$(sha256sum "$jdk/release" | cut -c1-12)
has_image "$runtime_image" || make_runtime_image "$runtime_image"
has_image "$jdk_image" || make_jdk_image "$jdk_image" "$runtime_image"

name=localhost/model-serving:$tag
# In Docker's format, because the other has no HEALTHCHECK.
buildah build --quiet --pull-never --format docker --build-arg "JDK_IMAGE=$jdk_image" \
  --platform "linux/$(dpkg --print-architecture)" \
  --build-arg "RUNTIME_IMAGE=$runtime_image" --tag "$name" "$context" >"$image_target/build.log" 2>&1 \
  || fail "the build failed: $(tail -30 "$image_target/build.log")"
buildah rmi --prune >/dev/null 2>&1 || true # what had the name before
echo "$name" >&3
