#!/usr/bin/env bash
# Makes service/target/model-serving.aot, the AOT cache with which a JDK 25 starts the JAR faster, and
# service/target/java.options, the flags to start it with:
#
#     java @service/target/java.options -jar service/target/model-serving.jar
#
# Usage: aot.sh [JDK]. JDK is the folder of a JDK 25, and has to be the one that starts the JAR; by default JAVA25_HOME,
# JAVA_HOME, or one in /usr/lib/jvm. Needs service/target/model-serving.jar (mvn package), which is not to be moved or
# built again afterwards without this: the JVM would start without the cache, and say so. Takes half a minute. Fails when
# the service does not answer rightly, or does not take the cache.
set -euo pipefail
cd "$(dirname "$0")"
target=$PWD/target
jdk=
for candidate in "${1:-${JAVA25_HOME:-}}" "${JAVA_HOME:-}" /usr/lib/jvm/*; do
  if [ -x "$candidate/bin/java" ] && grep -q '^JAVA_VERSION="25[".]' "$candidate/release" 2>/dev/null; then
    jdk=$candidate
    break
  fi
  [ -z "${1:-}" ] || break
done
[ -n "$jdk" ] || { echo "aot.sh: ${1:-no JDK 25 found; name its folder, which} is no JDK 25" >&2; exit 1; }
[ -f "$target/model-serving.jar" ] || { echo "aot.sh: $target/model-serving.jar is missing: mvn package" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp ../test/models/iris/2/model.onnx ../test/models/iris/2/examples.json "$work"
grep -v '^$\|^#' src/image/app/jvm.options >"$work/java.options"
rm -f "$target/java.options" "$target/model-serving.aot"
# G1, because every collector but ZGC takes what G1 has trained. No profiles of methods: see docs/decisions.md.
TMPDIR=$work "$jdk/bin/java" -XX:+UseSerialGC "-Djava.io.tmpdir=$work" src/image/training/Training.java "$work" \
  "$work/model-serving.aot" "$jdk/bin/java" "@$work/java.options" -XX:+UseG1GC -jar "$target/model-serving.jar" \
  >"$work/log" 2>&1 || { tail -20 "$work/log" >&2; exit 1; }
mv "$work/model-serving.aot" "$target"
{ echo "\"-XX:AOTCache=$target/model-serving.aot\""; echo -Xms32m; cat "$work/java.options"; } >"$target/java.options"
echo "$jdk/bin/java @$target/java.options -jar $target/model-serving.jar"
