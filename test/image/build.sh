#!/usr/bin/env bash
# Builds the container image from service/target/image without a Docker engine and without a registry, and prints its
# name; everything else goes to stderr. Usage: build.sh [-s STAGE] [JDK]. JDK is the folder of a JDK 25; by default one
# that is found on this machine. With STAGE, builds that stage of the Dockerfile anew. Needs root, what setup.sh installs,
# and service/target/image (mvn package). Ends with 69 when this machine cannot build or run images.
#
# The base images are made of this machine's own distribution and its apt sources, and kept in target/: they stand in for
# the ones that the Dockerfile names. An image is built again when something in it has changed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
context=$here/../../service/target/image
stage=
[ "${1:-}" != -s ] || { stage=$2 && shift 2; }
exec 3>&1 1>&2 # stdout is for the name alone

fail() {
  echo "build.sh: $*"
  exit 1
}

cannot() {
  echo "images cannot be built here: $*"
  exit 69
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
  return 1
}

has_image() {
  buildah inspect --type image "$1" >/dev/null 2>&1
}

make_runtime_image() { # NAME
  local container mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI)' "Release: $suite" 'Component: main' 'Created-By: Packages' | head -1)
  [ -n "$mirror" ] || cannot "apt has no source for $suite, of which the base image is to be made"
  container=$(buildah from scratch)
  debootstrap --variant=minbase --include=locales "$suite" "$(buildah mount "$container")" "$mirror" \
    >"$image_target/debootstrap.log" 2>&1 || cannot "debootstrap failed: $(tail -3 "$image_target/debootstrap.log")"
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

[ -f "$context/app/model-serving.jar" ] || fail "$context is missing: build service first (mvn package)"
[ "$(id -u)" = 0 ] || cannot "root is needed, to make base images and to limit containers"
. "$here/storage.sh"
for program in buildah podman debootstrap; do
  [ -n "$(command -v "$program")" ] || cannot "$program is not installed; test/image/setup.sh installs it"
done
jdk=${1:-$(find_jdk)} || cannot "no JDK 25 found"
is_jdk_25 "$jdk" || cannot "$jdk is no JDK 25"
exec 9>"$image_target/lock"
flock 9 # two builds at once: the second waits
buildah rm --all >/dev/null # of a build that was cut off

suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
runtime_image=localhost/model-serving-runtime:$suite
jdk_image=localhost/model-serving-jdk:$suite-$(sha256sum "$jdk/release" | cut -c1-12)
has_image "$runtime_image" || make_runtime_image "$runtime_image"
has_image "$jdk_image" || make_jdk_image "$jdk_image" "$runtime_image"
podman run --rm --memory 64m --cpus 0.5 "$runtime_image" true || cannot "no container can be run (why is said above)"

tag=${stage:-$(cd "$context" && { find . -type f -print0 | sort -z | xargs -0 sha256sum; echo "$jdk_image"; } \
  | sha256sum | cut -c1-12)}
name=localhost/model-serving:$tag
if [ -n "$stage" ] || ! has_image "$name"; then
  [ -n "$stage" ] || podman images --quiet --filter reference=localhost/model-serving \
    | xargs --no-run-if-empty buildah rmi --force >/dev/null # of what has changed since
  # In Docker's format, because the other has no HEALTHCHECK.
  buildah build --quiet --pull-never --format docker --platform "linux/$(dpkg --print-architecture)" \
    --build-arg "JDK_IMAGE=$jdk_image" --build-arg "RUNTIME_IMAGE=$runtime_image" ${stage:+--target "$stage"} \
    --tag "$name" "$context" >"$image_target/build.log" 2>&1 \
    || fail "the build failed: $(tail -30 "$image_target/build.log")"
fi
echo "$name" >&3
