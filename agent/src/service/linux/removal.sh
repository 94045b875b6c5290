# What the uninstaller and the packages' scripts take away: part of both; they say NAME, COMMENT and ROOT.

# A second lies between two.
USERDEL_TRIES_MAX=6
RM_TRIES_MAX=6
PROC=/proc
# Of the words of somebody else's process.
WORDS_LENGTH_MAX=80

# What the agent wrote last: a server has this machine. was_enrolled FOLDER
was_enrolled() { grep -q '"enrolledWith": "' "$1/identity.json" 2>/dev/null; }

# A server has this machine, waits for its agent and did not take the goodbye, so it will miss it. missed_goodbye FOLDER
missed_goodbye() {
  was_enrolled "$1" || return 1
  # Refused for good, which an administrator there has done.
  ! grep -q '"code": "revoked"' "$1/status.json" 2>/dev/null || return 1
  grep -q '"goodbyeTaken": ' "$1/status.json" 2>/dev/null && ! grep -q '"goodbyeTaken": "uninstall"' "$1/status.json"
}

say_missed() {
  echo "muster: the server could not be told: it will report this machine as silent. Retire the machine, or revoke its agent, there."
}

# As the kernel had them: for root alone.
close_serials() {
  group=$(sed -n "s/^$NAME:[^:]*:\([0-9]*\):.*/\1/p" /etc/group)
  for file in \
    /sys/class/dmi/id/product_serial /sys/class/dmi/id/product_uuid \
    /sys/class/dmi/id/board_serial /sys/class/dmi/id/chassis_serial \
    /sys/firmware/dmi/tables/DMI /sys/firmware/dmi/tables/smbios_entry_point; do
    [ -n "$group" ] && [ "$(ls -nL "$file" 2>/dev/null | tr -s ' ' | cut -d ' ' -f 4)" = "$group" ] || continue
    { chgrp 0 "$file" && chmod 0400 "$file"; } 2>/dev/null || true
  done
}

# What the installer puts outside of its own folders.
remove_unit_and_command() {
  units=$ROOT/etc/systemd/system
  rm -f "$units/$NAME.service" "$units/multi-user.target.wants/$NAME.service"
  rm -f "$units/$NAME-sleep.service" "$units/sleep.target.wants/$NAME-sleep.service"
  if [ "$(readlink "$ROOT/usr/local/bin/$NAME")" = "/opt/$NAME/$NAME" ]; then rm -f "$ROOT/usr/local/bin/$NAME"; fi
}

# A process of the inventory that has not noticed yet that its agent is gone may put a file there meanwhile. Fails where something is
# left, for `say_data_left`. remove_data FOLDER
remove_data() {
  tries=1
  until rm -rf "$1" 2>/dev/null || [ "$tries" -ge "$RM_TRIES_MAX" ]; do
    sleep 1
    tries=$((tries + 1))
  done
  # What still hinders it is told.
  rm -rf "$1"
}

# It holds the agent's key. say_data_left FOLDER
say_data_left() { echo "muster: data of the agent are left; what to do: rm -rf $1; then: userdel $NAME" >&2; }

# status_of PID NAME: the first number behind it.
status_of() { sed -n "s/^$2:[[:space:]]*\([0-9]*\).*/\1/p" "$PROC/$1/status" 2>/dev/null; }

words_of() { tr '\0' ' ' 2>/dev/null <"$PROC/$1/cmdline" | tr -d '[:cntrl:]'; }

# As userdel counts them: not those of a container, which may have a user of the same number.
processes_of_user() {
  uid=$(sed -n "s/^$NAME:[^:]*:\([0-9]*\):.*/\1/p" "$ROOT/etc/passwd")
  [ -n "$uid" ] || return 0
  for folder in "$PROC"/[0-9]*; do
    pid=${folder##*/}
    [ "$(status_of "$pid" Uid)" = "$uid" ] || continue
    [ "$(stat -Lc %d:%i "$folder/root" 2>/dev/null)" = "$(stat -Lc %d:%i /)" ] || continue
    echo "$pid"
  done
}

# A program of the agent's folder, or a script of it.
is_own() {
  case "$(words_of "$1")" in
    "/opt/$NAME/"* | *"sh /opt/$NAME/"*) return 0 ;;
    *) return 1 ;;
  esac
}

# With what they have started. end_own_processes SIGNAL
end_own_processes() {
  own=$(for pid in $(processes_of_user); do
    if is_own "$pid" || is_own "$(status_of "$pid" PPid)"; then echo "$pid"; fi
  done)
  # shellcheck disable=SC2086
  [ -z "$own" ] || kill -s "$1" $own 2>/dev/null || true
}

# A user that was there before stays, and so does the owner of data that stays. Fails when it is there afterwards, for `say_user_left`.
remove_user() {
  grep -q "^$NAME:[^:]*:[^:]*:[^:]*:$COMMENT:" "$ROOT/etc/passwd" || return 0
  # Not while a process of it ends, which was told to a moment ago.
  tries=1 signal=TERM
  while :; do
    # In an image nothing runs, and a process of this machine may have a user of the same number.
    if [ -z "$ROOT" ]; then end_own_processes "$signal"; fi
    if in_root userdel "$NAME" 2>/dev/null || in_root deluser "$NAME" >/dev/null 2>&1 || [ "$tries" -ge "$USERDEL_TRIES_MAX" ]; then break; fi
    sleep 1
    tries=$((tries + 1)) signal=KILL
  done
  if grep -q "^$NAME:" "$ROOT/etc/group"; then
    in_root groupdel "$NAME" 2>/dev/null || in_root delgroup "$NAME" >/dev/null 2>&1 || true
  fi
  # The copies that the tools keep of the state before.
  for copy in passwd- shadow- group- gshadow-; do
    if [ -f "$ROOT/etc/$copy" ]; then sed -i "/^$NAME:/d" "$ROOT/etc/$copy"; fi
  done
  restore_copies
  ! grep -q "^$NAME:" "$ROOT/etc/passwd"
}

# Who holds it, and what to do.
say_user_left() {
  echo "muster: the user $NAME could not be removed, and is left" >&2
  held=
  if [ -z "$ROOT" ]; then held=$(processes_of_user); fi
  for pid in $held; do
    echo "muster: process $pid runs as it: $(words_of "$pid" | cut -c "1-$WORDS_LENGTH_MAX")" >&2
  done
  tool=userdel
  in_root sh -c 'command -v userdel' >/dev/null 2>&1 || tool=deluser
  # shellcheck disable=SC2086
  echo "muster: what to do: ${held:+$(echo kill $held); }${ROOT:+chroot $ROOT }$tool $NAME" >&2
}

# As the installer found them; a package notes nothing of them.
restore_copies() {
  echo "${made:-}" | while read -r what copy mode; do
    case "$copy" in passwd- | shadow- | group- | gshadow-) ;; *) continue ;; esac
    case "$what" in
      no-copy) rm -f "$ROOT/etc/$copy" ;;
      copy) if [ -f "$ROOT/etc/$copy" ]; then chmod "$mode" "$ROOT/etc/$copy"; fi ;;
    esac
  done
}

in_root() {
  if [ -n "$ROOT" ]; then chroot "$ROOT" /usr/bin/env PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; else "$@"; fi
}

# Deepest first, and only those that the installer had to make and that nobody uses.
remove_folders() {
  echo "$made" | sed -n 's/^folder //p' | sort -r | while read -r folder; do
    rmdir "$ROOT$folder" 2>/dev/null || true
  done
}
