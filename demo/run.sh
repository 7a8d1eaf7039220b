#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The live story: a worker under TLS and a client on loopback, from rows to a drain, then the captured conversation.
# `./dev demo` builds the programs and calls this with their folder: demo/run.sh build/bin
#
# Everything it makes is in a temporary folder; the worker ends with it. Takes about five seconds.
set -euo pipefail
bin=$(cd "$1" && pwd)
export PATH="$bin:$PATH" LC_ALL=C.UTF-8

place=$(mktemp -d)
worker=
cleanup() {
  if [[ -n $worker ]]; then kill -KILL "$worker" 2>/dev/null || true; fi
  rm -rf "$place"
}
trap cleanup EXIT
cd "$place"

say() { printf '\n\n-- %s\n' "$*"; }

# show EXPECTED COMMAND...: prints a command, runs it, and insists on its exit status.
show() {
  local expected=$1 status=0
  shift
  printf '\n$ %s\n' "$*"
  "$@" 2>&1 || status=$?
  [[ $status -eq $expected ]] || {
    echo "demo: exit status $status, expected $expected" >&2
    exit 1
  }
}

# A CA, and a certificate of it for the worker's addresses.
make_certificates() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj "/CN=demo CA" \
    -keyout ca.key -out ca.crt 2>/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=worker" \
    -keyout worker.key -out worker.csr 2>/dev/null
  openssl x509 -req -in worker.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 1 -out worker.crt \
    -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1") 2>/dev/null
  chmod 600 ca.key worker.key
}

start_worker() {
  printf '\n$ ftworker %s &\n' "$*"
  ftworker "$@" >worker.out 2>worker.err &
  worker=$!
  for _ in $(seq 200); do
    grep -q '^listening on' worker.out && break
    kill -0 "$worker" 2>/dev/null || {
      cat worker.err >&2
      exit 1
    }
    sleep 0.05
  done
  cat worker.out
  address=$(sed -n 's/^listening on //p' worker.out)
}

make_certificates
(umask 077 && openssl rand -hex 32 >token && openssl rand -hex 32 >stale-token)

say "A worker under TLS, on a free port of loopback; every frame goes to a capture, without secrets"
start_worker --listen 127.0.0.1:0 --token-file token --tls-cert worker.crt --tls-key worker.key \
  --capture conversation.frame --report-server-time
client=(ftexec "$address" --token-file token --tls-ca ca.crt)

say "Rows"
show 0 "${client[@]}" --tag rows:5

say "A call that is cancelled in flight: the worker would have slept for a minute"
show 1 "${client[@]}" --tag sleep:60000 --cancel-after-ms 300

say "A call past its deadline"
show 1 "${client[@]}" --tag sleep:60000 --deadline-ms 300

say "A token that is not the cluster's"
show 1 ftexec "$address" --token-file stale-token --tls-ca ca.crt --tag rows:5

say "A drain: what runs may finish, nothing new gets in"
printf '\n$ %s &\n$ kill -TERM %s\n' "${client[*]} --tag sleep:1500" "$worker"
"${client[@]}" --tag sleep:1500 >busy.out 2>&1 &
busy=$!
for _ in $(seq 200); do
  [[ $(ftdump conversation.frame | grep -c 'sleep:1500') -eq 0 ]] || break
  sleep 0.05
done
kill -TERM "$worker"
sleep 0.2
show 1 "${client[@]}" --tag too-late
wait "$busy"
cat busy.out
wait "$worker" && worker=
tail -n 1 worker.err

say "The conversation, as it was captured"
show 0 ftdump conversation.frame
