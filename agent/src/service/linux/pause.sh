#!/bin/sh
# Holds back an agent that systemd starts again because it ended soon, each time longer, as `supervise` does. RestartSteps= of systemd
# needs version 254, and remembers a crash until somebody stops the service.
set -u
DATA=/var/lib/muster-agent
UNIT=muster-agent.service
NOTE=/run/muster-agent.pause
# systemd has waited this long: RestartSec= of the unit.
PAUSE_S_MIN=5
PAUSE_S_MAX=60
# An agent that lived this long makes the next pause short again.
STABLE_S=60

# By hand, or with the machine.
pause_s=0
read -r now_s _ </proc/uptime
now_s=${now_s%%.*}
if [ "$(systemctl show --value --property NRestarts "$UNIT")" != 0 ]; then
  pause_s=$PAUSE_S_MIN
  # When it began, after which pause. One that left for another version did not fail.
  if read -r began_s last_s 2>/dev/null <"$NOTE" && [ $((now_s - PAUSE_S_MIN - began_s)) -lt "$STABLE_S" ] &&
    [ ! -e "$DATA/upgrade-ready" ] && [ ! -e "$DATA/upgrade-roll-back" ]; then
    pause_s=$((last_s * 2))
    if [ "$pause_s" -lt "$PAUSE_S_MIN" ]; then pause_s=$PAUSE_S_MIN; fi
    if [ "$pause_s" -gt "$PAUSE_S_MAX" ]; then pause_s=$PAUSE_S_MAX; fi
  fi
fi
more_s=0
if [ "$pause_s" -gt "$PAUSE_S_MIN" ]; then
  more_s=$((pause_s - PAUSE_S_MIN))
  echo "muster-agent: it ended again soon after its start; starts again in $more_s s" >&2
fi
echo "$((now_s + more_s)) $pause_s" >"$NOTE"
sleep "$more_s"
