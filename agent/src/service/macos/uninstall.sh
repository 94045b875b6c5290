#!/bin/sh
# Removes the Muster agent and everything its installer made: uninstall.sh [--keep-data].
set -u
NAME=muster-agent
KEEP_DATA=

@FILE places.sh@

main() {
  for argument in "$@"; do
    case "$argument" in
      --keep-data) KEEP_DATA=1 ;;
      *) die "$argument is no option; there is --keep-data" ;;
    esac
  done
  [ "$(id -u)" -eq 0 ] || die "only root may remove the agent; try it with sudo"
  made=$(cat "$OPT/made" 2>/dev/null)
  # It stops with a word on why, and this file is what it knows it by.
  (: >"/var/run/$NAME.uninstalling") 2>/dev/null || true
  stop_service
  rm -f "/var/run/$NAME.uninstalling"
  missed='' enrolled=''
  if missed_goodbye; then missed=1; fi
  if was_enrolled; then enrolled=1; fi
  rm -f "$DEFINITION" "$LOG"
  if [ "$(readlink "/usr/local/bin/$NAME")" = "$OPT/$NAME" ]; then rm -f "/usr/local/bin/$NAME"; fi
  rm -rf "${ETC:?}" "${OPT:?}" "$OPT.new" "$OPT.old"
  if [ -z "$KEEP_DATA" ]; then
    rm -rf "${DATA:?}"
    remove_user
  fi
  # Deepest first, and only those that the installer had to make and that nobody uses.
  echo "$made" | sed -n 's/^folder //p' | sort -r | while read -r folder; do
    rmdir "$folder" 2>/dev/null
  done
  echo "muster: the agent is removed${KEEP_DATA:+; its key and spool stay in $DATA}."
  if [ -n "$missed" ]; then
    echo "muster: the server could not be told: it will report this machine as silent. Retire the machine, or revoke its agent, there."
  fi
  [ -n "$KEEP_DATA$missed" ] || [ -z "$enrolled" ] || echo "muster: the machine stays in the CMDB until somebody retires it there."
}

die() {
  echo "muster: $1" >&2
  exit 1
}

# What the agent wrote last: a server has this machine.
was_enrolled() { grep -q '"enrolledWith": "' "$DATA/identity.json" 2>/dev/null; }

# A server has this machine, waits for its agent and did not take the goodbye, so it will miss it.
missed_goodbye() {
  was_enrolled || return 1
  # Refused for good, which an administrator there has done.
  ! grep -q '"code": "revoked"' "$DATA/status.json" 2>/dev/null || return 1
  grep -q '"goodbyeTaken": ' "$DATA/status.json" 2>/dev/null && ! grep -q '"goodbyeTaken": "uninstall"' "$DATA/status.json"
}

# An account that was there before stays.
remove_user() {
  if [ "$(account "/Users/$USER_NAME" RealName)" = "$COMMENT" ]; then dscl . -delete "/Users/$USER_NAME"; fi
  if [ "$(account "/Groups/$USER_NAME" RealName)" = "$COMMENT" ]; then dscl . -delete "/Groups/$USER_NAME"; fi
}

main "$@"
