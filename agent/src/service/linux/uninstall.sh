#!/bin/sh
# Removes the Muster agent and everything its installer made: uninstall.sh [--keep-data] [--root DIR].
set -u
NAME=muster-agent
COMMENT='Muster agent'
KEEP_DATA=
ROOT=

@FILE removal.sh@

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
  if [ -e "$ROOT/opt/$NAME/packaged" ]; then
    die "it was installed as a package; remove it with: $(cat "$ROOT/opt/$NAME/packaged")"
  fi
  made=$(cat "$ROOT/opt/$NAME/made" 2>/dev/null)
  missed='' enrolled=''
  if [ -z "$ROOT" ]; then
    stop_service
    if missed_goodbye "/var/lib/$NAME"; then missed=1; fi
    if was_enrolled "/var/lib/$NAME"; then enrolled=1; fi
    close_serials
  fi
  data_left='' user_left=''
  remove_files || data_left=1
  # Whoever gets its number next would own what is left.
  [ -n "$KEEP_DATA$data_left" ] || remove_user || user_left=1
  remove_folders
  echo "muster: the agent is removed${KEEP_DATA:+; its key and spool stay in /var/lib/$NAME}${data_left:+, all but its data and user}${user_left:+, all but its user}."
  if [ -n "$missed" ]; then say_missed; fi
  [ -n "$KEEP_DATA$missed" ] || [ -z "$enrolled" ] || echo "muster: the machine stays in the CMDB until somebody retires it there."
  if [ -n "$data_left" ]; then
    say_data_left "$ROOT/var/lib/$NAME"
    exit 1
  fi
  if [ -n "$user_left" ]; then
    say_user_left
    exit 1
  fi
}

die() {
  echo "muster: $1" >&2
  exit 1
}

stop_service() {
  # It stops with a word on why, and this file is what it knows it by.
  # A redirection that fails would end the shell.
  (: >"/run/$NAME.uninstalling") 2>/dev/null || true
  if [ -d /run/systemd/system ]; then
    systemctl --quiet disable --now "$NAME.service" 2>/dev/null
  elif [ -x "/opt/$NAME/$NAME" ]; then
    "/opt/$NAME/$NAME" stop
  fi
  rm -f "/run/$NAME.uninstalling"
}

remove_files() {
  remove_unit_and_command
  if [ -z "$ROOT" ] && [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    systemctl --quiet reset-failed "$NAME.service" 2>/dev/null
  fi
  rm -f "$ROOT/run/$NAME.pid" "$ROOT/run/$NAME.pause" "$ROOT/var/log/$NAME.log"
  rm -rf "$ROOT/etc/${NAME:?}" "$ROOT/opt/$NAME" "$ROOT/opt/$NAME.new" "$ROOT/opt/$NAME.old"
  [ -n "$KEEP_DATA" ] || remove_data "$ROOT/var/lib/$NAME"
}

main "$@"
