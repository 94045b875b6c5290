#!/bin/sh
# What launchd starts, as root: gets ready what needs root, and becomes the agent under its own account.
set -u
OPT=/opt/muster-agent
LOG=/var/log/muster-agent.log
LOG_BYTES_MAX=1048576

# launchd has opened it for appending, so cutting it in place is enough.
if [ "$(wc -c <"$LOG")" -gt "$LOG_BYTES_MAX" ]; then
  tail -c $((LOG_BYTES_MAX / 4)) "$LOG" >"$LOG.new" && cat "$LOG.new" >"$LOG"
  rm -f "$LOG.new"
fi
# Whoever writes into the log puts the time before it.
export MUSTER_LOG_TIMES=1
"$OPT/prepare"
exec "$OPT/as-agent" "$OPT/run"
