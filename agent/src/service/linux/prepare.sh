#!/bin/sh
# Runs as root before each start of the agent: opens the serial numbers to it, and forgets a token that was used.
set -u
GROUP=muster-agent
CONFIG=/etc/muster-agent/config.json
IDENTITY=/var/lib/muster-agent/identity.json

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
