#!/bin/sh
# Runs the agent in the foreground, as the service does: its own Node, a small heap, no inherited environment.
set -eu
OPT=/opt/muster-agent
CONFIG=/etc/muster-agent/config.json
DATA=/var/lib/muster-agent
TRIAL=$OPT/trial

# Interpreter only, no helper threads, a small young generation, garbage collected at once and not bit by bit: 18 MiB less than Node's
# defaults for 5 ms of CPU a minute. Without a pool of free pages no timer wakes the machine to give them back. The old generation is not cut to size: a large inventory must fit. Without WebAssembly there is no
# global fetch; the agent has no use for it. With --use-openssl-ca no list of authorities is loaded ahead (1.5 MiB, the machine's own 5):
# the agent asks for them where no key is pinned. Nobody attaches a debugger by a signal.
flags='--lite-mode --max-semi-space-size=1 --max-old-space-size=96 --v8-pool-size=0 --single-threaded --no-incremental-marking --no-memory-pool --expose-gc --use-openssl-ca --disable-sigusr1 --disable-warning=ExperimentalWarning'

# One that has ended and that nobody has collected yet lives no more.
lives() { read -r _ _ state _ <"/proc/$1/stat" && [ "$state" != Z ]; } 2>/dev/null

is_confirmed() {
  confirmed=
  if [ -f "$DATA/upgrade-confirmed" ]; then read -r confirmed <"$DATA/upgrade-confirmed" || true; fi
  [ "$confirmed" = "$1" ]
}

# A version on trial that hangs ends nevertheless. What the agent itself would do for that may be what is wrong with it.
# In steps of a second: when its agent ends nothing may stay of it, or the agent's user could not be removed.
watch_trial() {
  left_s=$2
  while [ "$left_s" -gt 0 ]; do
    sleep 1
    left_s=$((left_s - 1))
    # Somebody has stopped it meanwhile; its time begins anew with the next start.
    lives "$3" || exit 0
    ! is_confirmed "$1" || exit 0
  done
  [ "$(sed -n 's/^serial=//p' "$TRIAL" 2>/dev/null)" = "$1" ] || exit 0
  echo "${MUSTER_LOG_TIMES:+$(date -u +%Y-%m-%dT%H:%M:%SZ) }muster-agent: release number $1 did not connect within $2 s" >&2
  # Without room for this note the next start, which cannot be counted, takes it back.
  (: >"$DATA/upgrade-failed") 2>/dev/null || true
  kill -TERM "$3"
  left_s=20
  while [ "$left_s" -gt 0 ] && lives "$3"; do
    sleep 1
    left_s=$((left_s - 1))
  done
  if lives "$3"; then kill -KILL "$3" 2>/dev/null || true; fi
}
if [ -e "$TRIAL" ] && [ "${1:-run}" = run ]; then
  seconds=$(sed -n 's/^seconds=//p' "$TRIAL")
  # By a process between them, so that it is no child of the agent, which would not collect it.
  (watch_trial "$(sed -n 's/^serial=//p' "$TRIAL")" "${seconds:-300}" "$$" &)
fi

# systemd ends it together with the agent; without systemd `supervise` keeps one of its own.
if [ -n "${INVOCATION_ID:-}" ] && [ "${1:-run}" = run ]; then ("$OPT/watch" "$$" &); fi

# Neither a proxy nor NODE_OPTIONS of whoever typed the command may change what runs here. What the C library is asked for in large pieces
# goes back to the system with the last of them, and leaves no holes: 1 MiB.
exec env -i \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
  LD_LIBRARY_PATH="$OPT/lib" MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=32768 MALLOC_TRIM_THRESHOLD_=65536 UV_THREADPOOL_SIZE=8 \
  "$OPT/node" $flags \
  "$OPT/agent.mjs" "${@:-run}" --config "$CONFIG" --install-dir "$OPT" ${MUSTER_LOG_TIMES:+--log-times}
