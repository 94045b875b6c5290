#!/bin/sh
# What dpkg and rpm run before and after they put files in place or take them away. One line with the occasion is added at the end.
set -eu
NAME=muster-agent
# By this the removal knows a user that was made here.
COMMENT='Muster agent'
UNIT=$NAME.service
# An agent that finds it says that it goes for an upgrade.
UPGRADING=/run/$NAME.upgrading
# … and by this one that it is taken off the machine.
UNINSTALLING=/run/$NAME.uninstalling
# There was no package here until just now, or one that was removed.
ARRIVING=/run/$NAME.arriving
# An agent of the install line was here until just now.
TAKEN_OVER=/run/$NAME.taken-over

# Sources: Debian Policy 6.5, "Summary of ways maintainer scripts are called"; rpm-scriptlets(7).
main() {
  case "$1 ${2:-}" in
    'deb-preinst install' | 'rpm-pre 1')
      note "$ARRIVING"
      before_files
      ;;
    'deb-preinst upgrade' | 'rpm-pre 2')
      rm -f "$ARRIVING"
      before_files
      ;;
    'deb-postinst configure')
      after_files
      # Nothing was configured before: the first time, or after a purge.
      if [ -z "${3:-}" ] || [ -e "$TAKEN_OVER" ]; then enable_unit; fi
      rm -f "$TAKEN_OVER"
      start
      ;;
    'rpm-post 1')
      after_files
      enable_unit
      start
      ;;
    'rpm-post 2')
      after_files
      start
      ;;
    'deb-prerm remove' | 'rpm-preun 0') before_removal ;;
    'deb-postrm remove') after_removal ;;
    'deb-postrm purge') purge ;;
    'rpm-postun 0')
      after_removal
      purge
      ;;
    # What was stopped for an upgrade or a removal that did not come about.
    'deb-postinst abort-upgrade' | 'deb-postinst abort-remove') start ;;
  esac
}

@FILE removal.sh@

@FILE places.sh@

# A redirection that fails would end the shell.
note() { (: >"$1") 2>/dev/null || true; }

before_files() {
  stop_for_upgrade
  if [ -e "$OPT/made" ] && [ ! -e "$OPT/packaged" ]; then take_over; fi
  [ -d /opt ] || mkdir -m 0755 /opt
}

# The note that is left says that it ran.
stop_for_upgrade() {
  [ -x "$OPT/$NAME" ] && is_running || return 0
  note "$UPGRADING"
  "$OPT/$NAME" stop || echo 'muster: the old agent could not be stopped' >&2
}

has_systemd() { [ -d /run/systemd/system ]; }

is_running() {
  if has_systemd; then systemctl --quiet is-active "$UNIT"; else [ -e "/run/$NAME.pid" ]; fi
}

# Of an agent that the install line put here identity and settings stay, and the program becomes the package's.
take_over() {
  echo 'muster: the agent that the install line put here becomes the package; its identity and settings stay'
  : >"$TAKEN_OVER"
  made=$(cat "$OPT/made")
  remove_unit_and_command
  rm -rf "$OPT" "$OPT.new" "$OPT.old"
  remove_folders
}

after_files() {
  make_user
  [ -d "$DATA" ] || mkdir "$DATA"
  chmod 0700 "$DATA"
  chown "$NAME:$NAME" "$DATA"
  # Of upgrades over the connection, which this package overtakes.
  rm -rf "$OPT/previous" "$OPT/new" "$OPT/trial" "$OPT/taken-back" "$DATA/upgrade-confirmed" "$DATA/upgrade-failed"
}

make_user() {
  if grep -q "^$NAME:" /etc/passwd; then return 0; fi
  shell=/usr/sbin/nologin
  [ -x "$shell" ] || shell=/sbin/nologin
  [ -x "$shell" ] || shell=/bin/false
  useradd --system --user-group --no-create-home --home-dir "$DATA" --shell "$shell" --comment "$COMMENT" "$NAME"
}

enable_unit() {
  # Works in an image too, where nothing runs.
  if command -v systemctl >/dev/null; then systemctl --quiet enable "$UNIT"; fi
}

# Without settings the unit's condition holds it back, and a word to the administrator is enough.
start() {
  if [ ! -s "$ETC/config.json" ]; then
    echo 'muster: installed; it knows no server yet: muster-agent configure --help'
  fi
  if has_systemd; then
    systemctl daemon-reload
    if [ -e "$UPGRADING" ] || systemctl --quiet is-enabled "$UNIT"; then
      if may_start; then systemctl restart "$UNIT"; else say_not_started; fi
    fi
  elif [ -e "$UPGRADING" ]; then
    # What keeps it from starting it says itself; the package is installed all the same.
    "$OPT/$NAME" start || true
  elif [ -e "$ARRIVING" ] && [ -s "$ETC/config.json" ] && ! is_image; then
    # What was stopped before an upgrade stays stopped; after a removal nobody has said that it is to be.
    if may_start; then "$OPT/$NAME" start || true; else say_not_started; fi
  fi
  rm -f "$UPGRADING" "$ARRIVING"
}

say_not_started() {
  if [ -s "$ETC/config.json" ]; then echo 'muster: configured, not started: muster-agent start'; fi
}

# A root file system that another system works on: the first process has another root, or none that can be seen.
is_image() { [ "$(stat -Lc %d:%i /proc/1/root/ 2>/dev/null)" != "$(stat -Lc %d:%i /)" ]; }

# Debian's way for an administrator, or who builds an image, to say that no package is to start anything.
may_start() {
  [ -x /usr/sbin/policy-rc.d ] || return 0
  set +e
  /usr/sbin/policy-rc.d "$NAME" start
  answer=$?
  set -e
  [ "$answer" -eq 0 ] || [ "$answer" -eq 104 ]
}

before_removal() {
  note "$UNINSTALLING"
  "$OPT/$NAME" stop || true
  rm -f "$UNINSTALLING"
  if missed_goodbye "$DATA"; then say_missed; fi
  close_serials
}

# What upgrades over the connection left is no package manager's to remove.
after_removal() {
  rm -rf "$OPT"
  rm -f "/run/$NAME.pid" "/run/$NAME.pause"
  if has_systemd; then systemctl daemon-reload; fi
}

purge() {
  # After the package was removed, the install line put an agent of its own there.
  if [ -e "$OPT/made" ]; then return 0; fi
  rm -rf "$ETC"
  data_left=
  remove_data "$DATA" || data_left=1
  rm -f "/etc/systemd/system/multi-user.target.wants/$UNIT" "/var/log/$NAME.log"
  # As systemctl does it when it disables; it cannot any more without the unit.
  rmdir /etc/systemd/system/multi-user.target.wants 2>/dev/null || true
  # It keeps a unit that something asked for, until it looks again.
  if has_systemd; then
    systemctl daemon-reload
    systemctl --quiet reset-failed "$UNIT" 2>/dev/null || true
  fi
  if [ -n "$data_left" ]; then
    say_data_left "$DATA"
    exit 1
  fi
  remove_user || {
    say_user_left
    exit 1
  }
}
