#!/usr/bin/env bash
# Runs a main class of the end-to-end tests on the class path that the build has written. Usage: java.sh CLASS [ARGUMENT...]
set -euo pipefail
cd "$(dirname "$0")/.."
java=java
[ -z "${JAVA_HOME:-}" ] || java=$JAVA_HOME/bin/java
class=$1
shift
exec "$java" --enable-native-access=ALL-UNNAMED -Dlogback.configurationFile=logback-test.xml \
  -cp "target/test-classes:target/classes:$(cat target/class-path)" "dev.modelserving.local.$class" "$@"
