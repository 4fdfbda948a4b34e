#!/usr/bin/env bash
# How long `mvn -Plocal` takes until it serves, and to end on Ctrl-C, on empty data; then that nothing is left behind and
# that what is wrong is told in one line. Usage: local-platform.sh [ROUNDS]. Fails beyond the limits, unless
# MEASURE_LIMITS=off. Needs a built tree and a warm Maven cache, and nothing else that works the machine.
set -euo pipefail
set -m # each job gets a process group of its own, as in a terminal, so that it can be sent a Ctrl-C
cd "$(dirname "$0")/../.."
rounds=${1:-3}
ready_limit=25
end_limit=10
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

beyond() { # WHAT SECONDS LIMIT
  if awk "BEGIN { exit !($2 > $3) }" && [ "${MEASURE_LIMITS:-on}" != off ]; then
    fail "$1 took $2 s (limit: $3 s)"
  fi
}

now() { date +%s.%N; }
since() { awk "BEGIN { printf \"%.1f\", $(now) - $1 }"; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
median() { sort -n | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }

for round in $(seq "$rounds"); do
  port=$(free_port)
  began=$(now)
  HTTP_PORT=$port mvn -B -ntp -Plocal -Dlocal.folder="$work/data-$round" >"$work/log" 2>&1 &
  maven=$!
  until curl -sf -o "$work/answer" "http://127.0.0.1:$port/predict/iris" -H 'Content-Type: application/json' \
    -d '{"inputs":[{"name":"features","shape":[1,4],"datatype":"FP32","data":[6.7,3.1,4.4,1.4]}]}'; do
    kill -0 "$maven" 2>/dev/null || { tail -20 "$work/log" >&2; fail "mvn -Plocal ended"; }
    read -rt 0.1 <> <(:) || true
  done
  since "$began" >>"$work/ready"
  until grep -q 'Ctrl-C stops everything' "$work/log"; do read -rt 0.1 <> <(:) || true; done
  began=$(now)
  kill -INT -- "-$maven"
  wait "$maven" || true
  while pgrep -g "$maven" >/dev/null || pgrep -f "$work/data-$round" >/dev/null; do
    awk "BEGIN { exit !($(since "$began") > 60) }" && fail "processes are left: $(pgrep -fa "$work/data-$round")"
    read -rt 0.1 <> <(:) || true
  done
  since "$began" >>"$work/end"
  curl -s -o /dev/null "http://127.0.0.1:$port/" && fail "port $port still answers"
  echo >>"$work/ready"
  echo >>"$work/end"
done
ready=$(grep . "$work/ready" | median)
end=$(grep . "$work/end" | median)
echo "mvn -Plocal: first right answer after $ready s (limit $ready_limit s), ended $end s after Ctrl-C (limit $end_limit s), median of $rounds"
beyond "the start" "$ready" "$ready_limit"
beyond "the end" "$end" "$end_limit"

# A Java that is too old, played by asking for one that does not exist.
mvn -B -ntp -Plocal -Djava.release=99 >"$work/log" 2>&1 && fail "a wrong Java was accepted"
grep -q 'Java 99 or newer is needed' "$work/log" || fail "a wrong Java is not named"
HTTP_PORT=eighty mvn -B -ntp -Plocal -Dlocal.folder="$work/data" >"$work/log" 2>&1 && fail "a wrong variable was accepted"
grep -q "HTTP_PORT is 'eighty'" "$work/log" || fail "a wrong variable is not named"
echo "a wrong Java and a wrong variable are named"
