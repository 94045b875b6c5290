#!/bin/sh
# Removes the Muster agent and everything its installer made: uninstall.sh [--keep-data] [--root DIR].
set -u
NAME=muster-agent
COMMENT='Muster agent'
KEEP_DATA=
ROOT=

main() {
  while [ $# -gt 0 ]; do
    case "$1" in
      --keep-data) KEEP_DATA=1 ;;
      # What is done anyway, for those who expect to have to say so.
      --purge) KEEP_DATA= ;;
      --root)
        [ $# -gt 1 ] || die "--root needs a folder"
        ROOT=${2%/}
        shift
        ;;
      *) die "$1 is no option; there are --keep-data, --purge and --root DIR" ;;
    esac
    shift
  done
  [ "$(id -u)" -eq 0 ] || die "only root may remove the agent; try it with sudo"
  PATH=$PATH:/usr/sbin:/sbin
  made=$(cat "$ROOT/opt/$NAME/made" 2>/dev/null)
  if [ -z "$ROOT" ]; then
    stop_service
    close_serials
  fi
  remove_files
  remove_user
  remove_folders
  echo "muster: the agent is removed${KEEP_DATA:+; its key and spool stay in /var/lib/$NAME}."
  [ -n "$ROOT$KEEP_DATA" ] || echo "muster: the machine stays in the CMDB until somebody retires it there."
}

die() {
  echo "muster: $1" >&2
  exit 1
}

stop_service() {
  if [ -d /run/systemd/system ]; then
    systemctl --quiet disable --now "$NAME.service" 2>/dev/null
  elif [ -x "/opt/$NAME/$NAME" ]; then
    "/opt/$NAME/$NAME" stop
  fi
}

# As the kernel had them: for root alone.
close_serials() {
  group=$(sed -n "s/^$NAME:[^:]*:\([0-9]*\):.*/\1/p" /etc/group)
  for file in \
    /sys/class/dmi/id/product_serial /sys/class/dmi/id/product_uuid \
    /sys/class/dmi/id/board_serial /sys/class/dmi/id/chassis_serial \
    /sys/firmware/dmi/tables/DMI /sys/firmware/dmi/tables/smbios_entry_point; do
    [ -n "$group" ] && [ "$(ls -nL "$file" 2>/dev/null | tr -s ' ' | cut -d ' ' -f 4)" = "$group" ] || continue
    { chgrp 0 "$file" && chmod 0400 "$file"; } 2>/dev/null
  done
}

remove_files() {
  rm -f "$ROOT/etc/systemd/system/$NAME.service" "$ROOT/etc/systemd/system/multi-user.target.wants/$NAME.service"
  if [ -z "$ROOT" ] && [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    systemctl --quiet reset-failed "$NAME.service" 2>/dev/null
  fi
  if [ "$(readlink "$ROOT/usr/local/bin/$NAME")" = "/opt/$NAME/$NAME" ]; then rm -f "$ROOT/usr/local/bin/$NAME"; fi
  rm -f "$ROOT/run/$NAME.pid" "$ROOT/var/log/$NAME.log"
  rm -rf "$ROOT/etc/$NAME" "$ROOT/opt/$NAME" "$ROOT/opt/$NAME.new" "$ROOT/opt/$NAME.old"
  [ -n "$KEEP_DATA" ] || rm -rf "$ROOT/var/lib/$NAME"
}

# A user that was there before stays, and so does the owner of data that stays.
remove_user() {
  [ -z "$KEEP_DATA" ] || return 0
  grep -q "^$NAME:[^:]*:[^:]*:[^:]*:$COMMENT:" "$ROOT/etc/passwd" || return 0
  in_root userdel "$NAME" 2>/dev/null || in_root deluser "$NAME" >/dev/null 2>&1
  if grep -q "^$NAME:" "$ROOT/etc/group"; then
    in_root groupdel "$NAME" 2>/dev/null || in_root delgroup "$NAME" >/dev/null 2>&1
  fi
  # The copies that the tools keep of the state before.
  for copy in passwd- shadow- group- gshadow-; do
    if [ -f "$ROOT/etc/$copy" ]; then sed -i "/^$NAME:/d" "$ROOT/etc/$copy"; fi
  done
  ! grep -q "^$NAME:" "$ROOT/etc/passwd" || die "the user $NAME could not be removed; try: userdel $NAME"
}

in_root() {
  if [ -n "$ROOT" ]; then chroot "$ROOT" /usr/bin/env PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; else "$@"; fi
}

# Deepest first, and only those that the installer had to make and that nobody uses.
remove_folders() {
  echo "$made" | sed -n 's/^folder //p' | sort -r | while read -r folder; do
    rmdir "$ROOT$folder" 2>/dev/null
  done
  return 0
}

main "$@"
