#!/bin/sh
# Keeps the agent running where there is no systemd: starts it again when it ends, with growing pauses.
set -u
OPT=/opt/muster-agent
DATA=/var/lib/muster-agent
PID_FILE=/run/muster-agent.pid
LOG=/var/log/muster-agent.log
PAUSE_S_MIN=5
PAUSE_S_MAX=60
# An agent that lived this long makes the next pause short again.
STABLE_S=60
LOG_BYTES_MAX=1048576

stopping=
child=
stop() {
  stopping=1
  if [ -n "$child" ]; then kill -TERM "$child" 2>/dev/null; fi
}
trap stop TERM INT
trap '' HUP USR1 USR2

# A trapped signal ends `wait` early; the child's own end is what is waited for.
wait_for_child() {
  # Told to stop while there was none yet.
  if [ -n "$stopping" ]; then stop; fi
  # Of one that was killed the shell itself would print a word.
  { wait "$child"; } 2>/dev/null
  code=$?
  while kill -0 "$child" 2>/dev/null; do
    { wait "$child"; } 2>/dev/null
    code=$?
  done
  child=
}

# As the shell gives it: above 128 it is a signal.
end_words() {
  if [ "$1" -gt 128 ]; then echo "by signal $(($1 - 128))"; else echo "with exit code $1"; fi
}

trim_log() {
  if [ "$(wc -c <"$LOG")" -gt "$LOG_BYTES_MAX" ]; then
    tail -c $((LOG_BYTES_MAX / 4)) "$LOG" >"$LOG.new" && cat "$LOG.new" >"$LOG"
    rm -f "$LOG.new"
  fi
}

umask 077
cd /
exec </dev/null >>"$LOG" 2>&1
# Whoever writes here puts the time before it, as the journal does where there is one.
export MUSTER_LOG_TIMES=1
pause_s=$PAUSE_S_MIN
while [ -z "$stopping" ]; do
  # To be found while it prepares, too; the number of a child that has ended may be that of another process by now.
  echo "$$" >"$PID_FILE"
  trim_log
  "$OPT/prepare"
  if [ -n "$stopping" ]; then break; fi
  began_s=$(date +%s)
  "$OPT/as-agent" "$OPT/run" &
  child=$!
  echo "$$ $child" >"$PID_FILE"
  "$OPT/as-agent" "$OPT/watch" "$child" &
  watcher=$!
  # For those who find these two without their supervisor.
  echo "$$ $child $watcher" >"$PID_FILE"
  wait_for_child
  # For \`prepare\`, which says of a version on trial how it ended.
  MUSTER_LAST_END=$(end_words "$code")
  export MUSTER_LAST_END
  kill -TERM "$watcher" 2>/dev/null
  if [ -n "$stopping" ]; then break; fi
  # It left for another version, which is no fault of it. `prepare` answers, so that it is not asked twice.
  if [ -e "$DATA/upgrade-ready" ] || [ -e "$DATA/upgrade-roll-back" ]; then
    pause_s=$PAUSE_S_MIN
    continue
  fi
  if [ $(($(date +%s) - began_s)) -ge "$STABLE_S" ]; then pause_s=$PAUSE_S_MIN; fi
  echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) muster-agent: ended $MUSTER_LAST_END; starts again in $pause_s s"
  sleep "$pause_s" &
  child=$!
  echo "$$ $child" >"$PID_FILE"
  wait_for_child
  pause_s=$((pause_s * 2))
  if [ "$pause_s" -gt "$PAUSE_S_MAX" ]; then pause_s=$PAUSE_S_MAX; fi
done
rm -f "$PID_FILE"
