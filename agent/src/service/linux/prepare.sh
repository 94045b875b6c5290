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

on_trial() { sed -n "s/^$1=//p" "$TRIAL"; }

# A version on trial that has not proved itself goes, and the one before it returns. Done here, by a shell: the new one may not even start.
settle_trial() {
  [ -e "$TRIAL" ] || return 0
  serial=$(on_trial serial) starts=$(on_trial starts) why=$(on_trial why)
  confirmed=
  if [ -f "$DATA/upgrade-confirmed" ]; then read -r confirmed <"$DATA/upgrade-confirmed"; fi
  if [ -n "$why" ]; then
    # The power went while it was being taken back.
    take_back
  elif [ "$confirmed" = "$serial" ]; then
    rm -f "$TRIAL" "$DATA/upgrade-confirmed"
  elif [ -f "$DATA/upgrade-failed" ]; then
    why="it did not connect within $(on_trial seconds) s" && take_back
  elif [ "${starts:-$STARTS_MAX}" -ge "$STARTS_MAX" ]; then
    why="it was started $starts times and did not connect" && take_back
  else
    sed "s/^starts=.*/starts=$((starts + 1))/" "$TRIAL" >"$TRIAL.new" && mv -f "$TRIAL.new" "$TRIAL"
  fi
}

take_back() {
  echo "muster-agent: release number $serial is taken back: $why" >&2
  grep -q '^why=' "$TRIAL" || echo "why=$why" >>"$TRIAL"
  for name in node version agent.mjs release.json; do
    if [ -e "$OPT/previous/$name" ]; then mv -f "$OPT/previous/$name" "$OPT/$name"; fi
  done
  rm -rf "$OPT/previous" "$OPT/new" "$DATA/upgrade-failed"
  # For those who ask what became of it.
  mv -f "$TRIAL" "$OPT/taken-back"
}

settle_trial

# These files are for root alone. Opening them, one by one, to the agent's group keeps it from needing a
# capability that would open every file of the machine. The kernel forgets it at the next boot.
for file in \
  /sys/class/dmi/id/product_serial /sys/class/dmi/id/product_uuid \
  /sys/class/dmi/id/board_serial /sys/class/dmi/id/chassis_serial \
  /sys/firmware/dmi/tables/DMI /sys/firmware/dmi/tables/smbios_entry_point; do
  [ -e "$file" ] || continue
  { chgrp "$GROUP" "$file" && chmod 0440 "$file"; } 2>/dev/null ||
    echo "muster-agent: $file stays closed; the serial number in it will be missing" >&2
done

server_key=$(sed -n 's/^  "serverKey": "\([A-Za-z0-9_-]*\)".*/\1/p' "$CONFIG" 2>/dev/null)
if [ -n "$server_key" ] && grep -q '^  "token":' "$CONFIG" &&
  grep -q "\"enrolledWith\": \"$server_key\"" "$IDENTITY" 2>/dev/null; then
  (umask 077 && sed '/^  "token":/d' "$CONFIG" >"$CONFIG.new") &&
    chgrp "$GROUP" "$CONFIG.new" && chmod 0640 "$CONFIG.new" && mv -f "$CONFIG.new" "$CONFIG"
fi
exit 0
