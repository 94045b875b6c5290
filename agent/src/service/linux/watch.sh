#!/bin/sh
# Beside the agent, for the case that it hangs and cannot even say so: watch PID [SECONDS LOOKS FOLDER PROC]. A thread of its own in the
# agent would cost ten times the memory.
set -u
data=${4:-/var/lib/muster-agent}
proc=${5:-/proc}
pid=$1
pause_s=${2:-60}
looks_max=${3:-3}
# An agent that is well waits for its next timer at least twice a minute, and the kernel counts each time it does.
YIELDS_MIN=2
# Time of the processor as /proc counts it.
TICKS_A_SECOND=100

sleeper=
trap 'kill "$sleeper" 2>/dev/null; exit 0' TERM INT
trap '' USR1 USR2

# proc(5): fields 3, 14, 15 and 22 of stat, and one line of status. Without a program to start: this runs for ever.
look() {
  yields=
  read -r _ _ state _ _ _ _ _ _ _ _ _ _ user system _ _ _ _ _ _ began _ <"$proc/$pid/stat" || return 1
  while read -r name value _; do
    if [ "$name" = voluntary_ctxt_switches: ]; then yields=$value; fi
  done <"$proc/$pid/status"
  [ -n "$yields" ]
}

# It computes all the time and never waits, or waits for ever. One that was stopped by somebody, that the disk holds, or that
# gets no processor on a busy machine does not hang.
hangs() {
  [ $((yields - yields_before)) -lt "$YIELDS_MIN" ] || return 1
  case "$state" in
    S) return 0 ;;
    R) [ $((user + system - used_before)) -ge $((pause_s * TICKS_A_SECOND / 2)) ] ;;
    *) return 1 ;;
  esac
}

{ look; } 2>/dev/null || exit 0
mine=$began
looks=0
while :; do
  yields_before=$yields used_before=$((user + system))
  sleep "$pause_s" &
  sleeper=$!
  wait "$sleeper"
  # Ended; the number may be that of another process by now.
  { look; } 2>/dev/null && [ "$began" = "$mine" ] || exit 0
  if hangs; then looks=$((looks + 1)); else looks=0; fi
  if [ "$looks" -ge "$looks_max" ]; then
    why="it hung for $((looks * pause_s)) s and was ended"
    echo "${MUSTER_LOG_TIMES:+$(date -u +%Y-%m-%dT%H:%M:%SZ) }muster-agent: $why" >&2
    (umask 077 && echo "$(date +%s) $why" >"$data/self-restart-untold") 2>/dev/null || true
    kill -KILL "$pid"
    exit 0
  fi
done
