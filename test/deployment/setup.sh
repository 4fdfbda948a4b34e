#!/usr/bin/env bash
# Installs the CDK CLI as package-lock.json has it, and prints the path of its command; everything else goes to stderr.
# Does nothing when that version is there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
exec 3>&1 1>&2 # stdout is for the path alone

mkdir -p test/deployment/target
exec 9>test/deployment/target/lock
flock 9 # two builds at once: the second waits, then finds everything there

# npm ci starts from nothing each time: only when the lock file is another one than the one that was installed.
wanted=$(sha256sum <package-lock.json)
if [ "$wanted" != "$(cat node_modules/.installed 2>/dev/null)" ]; then
    npm ci --loglevel=error
    echo "$wanted" >node_modules/.installed
fi
echo "$PWD/node_modules/.bin/cdk" >&3
