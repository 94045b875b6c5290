#!/bin/sh
# Tells the agent that the machine goes to sleep, and that it is awake again: sleep begin|end. Run by muster-agent-sleep.service, as the agent.
set -u
DATA=/var/lib/muster-agent
# By it the agent knows which of the two it is.
NOTE=$DATA/asleep
UNIT=muster-agent.service
# Nobody is to wait longer for the machine to sleep; the goodbye needs some milliseconds.
WAIT_S_MAX=2

case "${1:-}" in
  begin) : >"$NOTE" ;;
  end) rm -f "$NOTE" ;;
  *) exit 64 ;;
esac
pid=$(systemctl show --value --property MainPID "$UNIT")
if [ "${pid:-0}" -eq 0 ]; then exit 0; fi
# A signal that means nothing to a program which does not ask for it, such as an agent that is just being started.
kill -URG "$pid"
waited=0
while [ "$1" = begin ] && [ "$waited" -lt $((WAIT_S_MAX * 20)) ] && ! grep -q '^ *"state": "stopped"' "$DATA/status.json"; do
  sleep 0.05
  waited=$((waited + 1))
done
exit 0
