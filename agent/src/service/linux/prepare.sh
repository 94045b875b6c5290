#!/bin/sh
# Runs as root before each start of the agent: decides about a version on trial, opens the serial numbers to the agent, and forgets
# a token that was used.
set -u
# What is written here the agent must be able to read, whatever the service says about its own files.
umask 022
OPT=/opt/muster-agent
DATA=/var/lib/muster-agent
GROUP=muster-agent
CONFIG=/etc/muster-agent/config.json
IDENTITY=$DATA/identity.json
TRIAL=$OPT/trial
# Starts of a version that never connected; the first ones may have been a full disk or a server that was away.
STARTS_MAX=3
UNIT=muster-agent.service
LOG=/var/log/muster-agent.log
# Of the log: what a program that fell over said last.
LAST_LINES=40

# The journal of systemd has the times by itself.
say() { echo "${MUSTER_LOG_TIMES:+$(date -u +%Y-%m-%dT%H:%M:%SZ) }muster-agent: $1" >&2; }

on_trial() { sed -n "s/^$1=//p" "$TRIAL"; }

is_number() {
  case "$1" in
    '' | *[!0-9]*) return 1 ;;
  esac
}

# The first letters of a file of the agent's own folder, where anything may lie.
word_in() {
  if [ -f "$1" ]; then head -c 20 "$1" 2>/dev/null | head -n 1; fi
}

# A version on trial that has not proved itself goes, and the one before it returns. Done here, by a shell: the new one may not even start.
settle_trial() {
  [ -e "$TRIAL" ] || return 0
  serial=$(on_trial serial) seconds=$(on_trial seconds) starts=$(on_trial starts) why=$(on_trial why)
  if [ -n "$why" ]; then
    # The power went while it was being taken back.
    take_back
  elif ! is_number "$serial" || ! is_number "$seconds" || ! is_number "$starts"; then
    why='the notes about its trial are damaged' && take_back
  elif [ "$(word_in "$DATA/upgrade-confirmed")" = "$serial" ]; then
    rm -f "$TRIAL" "$DATA/upgrade-confirmed" "$OPT/taken-back"
  elif [ -f "$DATA/upgrade-failed" ]; then
    why="it did not connect within $seconds s" && take_back
  elif [ "$starts" -ge "$STARTS_MAX" ]; then
    why="it was started $starts times and ended each time before it was connected$(last_end)" && take_back
  elif ! count_start; then
    why='its starts could not be counted; is the disk full?' && take_back
  fi
}

# How it ended the last time, as far as somebody has noted it.
last_end() {
  how=${MUSTER_LAST_END:-}
  if [ -d /run/systemd/system ]; then
    words=$(journalctl --no-pager --lines "$LAST_LINES" --output cat --unit "$UNIT" 2>/dev/null)
    # By now the properties of the unit are those of this start.
    how=$(printf '%s\n' "$words" | sed -n "s/^$UNIT: Main process exited, code=exited, status=\([0-9]*\).*/with exit code \1/p
      s/^$UNIT: Main process exited, code=[a-z]*, status=\([0-9]*\).*/by signal \1/p" | tail -n 1)
  else
    words=$(tail -n "$LAST_LINES" "$LOG" 2>/dev/null)
  fi
  # One line without anything but letters: it goes into the notes, and to the server.
  words=$(printf '%s\n' "$words" | grep -E '(^|[ :])[A-Za-z]*Error( \[[A-Z0-9_]+\])?: |error while loading' | tail -n 1 |
    sed 's/^[0-9T:.-]*Z //; s/^muster-agent: //' | tr -d '[:cntrl:]\\' | cut -c 1-200)
  if [ -n "$how" ]; then printf ', last %s' "$how"; fi
  if [ -n "$words" ]; then printf ' (%s)' "$words"; fi
}

count_start() {
  sed "s/^starts=.*/starts=$((starts + 1))/" "$TRIAL" >"$TRIAL.new" || return 1
  sync "$TRIAL.new" 2>/dev/null || sync
  mv -f "$TRIAL.new" "$TRIAL"
}

# Renames only: they need no room on the disk.
take_back() {
  say "release number $serial is taken back: $why"
  grep -q '^why=' "$TRIAL" || echo "why=$why" 2>/dev/null >>"$TRIAL"
  for name in node version agent.mjs release.json; do
    # One that was not replaced yet is the same file under both names.
    if [ -e "$OPT/previous/$name" ]; then mv -f "$OPT/previous/$name" "$OPT/$name" 2>/dev/null; fi
  done
  rm -rf "$OPT/previous" "$OPT/new" "$TRIAL.new"
  rm -f "$DATA/upgrade-failed" "$DATA/upgrade-confirmed"
  # For those who ask what became of it.
  mv -f "$TRIAL" "$OPT/taken-back"
}

# What the agent has loaded, or was told to leave. It may change nothing here; the installed version decides, by signature. For no
# longer than this, since what it reads is the agent's.
SETTLE_S_MAX=240
settle_asked() {
  [ -e "$DATA/upgrade-ready" ] || [ -e "$DATA/upgrade-roll-back" ] || return 0
  limit=$(command -v timeout || true)
  env -i PATH="$PATH" LD_LIBRARY_PATH="$OPT/lib" ${limit:+"$limit" -k 5 "$SETTLE_S_MAX"} "$OPT/node" --no-warnings "$OPT/agent.mjs" upgrade --pending \
    --data-dir "$DATA" --install-dir "$OPT" ${MUSTER_LOG_TIMES:+--log-times} >&2
  # What the version before has said counts no more.
  rm -f "$DATA/upgrade-ready" "$DATA/upgrade-roll-back" "$DATA/upgrade-confirmed" "$DATA/upgrade-failed"
  if [ -e "$TRIAL" ] && [ -n "$(on_trial why)" ]; then settle_trial; fi
}

settle_trial
settle_asked

# These files are for root alone. Opening them, one by one, to the agent's group keeps it from needing a
# capability that would open every file of the machine. The kernel forgets it at the next boot.
for file in \
  /sys/class/dmi/id/product_serial /sys/class/dmi/id/product_uuid \
  /sys/class/dmi/id/board_serial /sys/class/dmi/id/chassis_serial \
  /sys/firmware/dmi/tables/DMI /sys/firmware/dmi/tables/smbios_entry_point; do
  [ -e "$file" ] || continue
  { chgrp "$GROUP" "$file" && chmod 0440 "$file"; } 2>/dev/null ||
    say "$file stays closed; the serial number in it will be missing"
done

server_key=$(sed -n 's/^  "serverKey": "\([A-Za-z0-9_-]*\)".*/\1/p' "$CONFIG" 2>/dev/null)
if [ -n "$server_key" ] && grep -q '^  "token":' "$CONFIG" &&
  grep -q "\"enrolledWith\": \"$server_key\"" "$IDENTITY" 2>/dev/null; then
  (umask 077 && sed '/^  "token":/d' "$CONFIG" >"$CONFIG.new") &&
    chgrp "$GROUP" "$CONFIG.new" && chmod 0640 "$CONFIG.new" && mv -f "$CONFIG.new" "$CONFIG"
fi
exit 0
