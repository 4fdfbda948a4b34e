#!/usr/bin/env bash
# The service beside FastAPI and ONNX Runtime alone, see test/bench/run.py, which takes the arguments; without any, all of it
# in half an hour. Fails beyond the limits of test/bench/limits.json, unless MEASURE_LIMITS=off. Needs a built tree, a JDK 25
# (service/aot.sh finds it, or JAVA25_HOME tells), two cores, what test/bench/setup.sh needs, and nothing else that works the machine.
set -euo pipefail
cd "$(dirname "$0")/../.."
echo "load average: $(cut -d' ' -f1-3 /proc/loadavg)"
python=$(test/bench/setup.sh)
(cd test/bench && "$python" -m unittest -q)
started=test/bench/target/aot
[ $started -nt service/target/model-serving.jar ] || { service/aot.sh >$started.part && mv $started.part $started; }
exec "$python" test/bench/run.py --java "$(sed 's|/bin/java .*||' $started)" --options "$PWD/service/target/java.options" "$@"
