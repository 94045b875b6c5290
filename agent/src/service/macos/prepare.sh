#!/bin/sh
# Runs as root before each start of the agent: forgets a token that was used.
set -u
GROUP=_muster-agent
CONFIG=/etc/muster-agent/config.json
IDENTITY=/var/db/muster-agent/identity.json

server_key=$(sed -n 's/^  "serverKey": "\([A-Za-z0-9_-]*\)".*/\1/p' "$CONFIG" 2>/dev/null)
if [ -n "$server_key" ] && grep -q '^  "token":' "$CONFIG" &&
  grep -q "\"enrolledWith\": \"$server_key\"" "$IDENTITY" 2>/dev/null; then
  (umask 077 && sed '/^  "token":/d' "$CONFIG" >"$CONFIG.new") &&
    chgrp "$GROUP" "$CONFIG.new" && chmod 0640 "$CONFIG.new" && mv -f "$CONFIG.new" "$CONFIG"
fi
exit 0
