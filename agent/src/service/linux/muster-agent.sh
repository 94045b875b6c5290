#!/bin/sh
# The command `muster-agent`: what an administrator of this machine may want of the agent.
set -u
OPT=/opt/muster-agent
CONFIG=/etc/muster-agent/config.json
DATA=/var/lib/muster-agent
UPGRADING=/run/muster-agent.upgrading
PID_FILE=/run/muster-agent.pid
LOG=/var/log/muster-agent.log
UNIT=muster-agent.service
# Time for the goodbye; as TimeoutStopSec of the unit.
STOP_S_MAX=10
LOG_LINES=40
TRIAL_S=300
# For starts after crashes, with their pauses.
WAIT_S_MORE=120
# Of the agent, for settings that it cannot use.
EXIT_CONFIG=78

usage() {
  cat <<EOF
muster-agent $(cat "$OPT/version" 2>/dev/null)

  muster-agent status             is it connected, and if not, why (--json)
  muster-agent doctor             looks for what keeps it from the server, and says what to do (--json)
  muster-agent show [SECTION]     prints what would be sent, or one section of it, and sends nothing (--json)
  muster-agent inventory          prints the inventory as one line of JSON, and sends nothing
  muster-agent configure …        says which server is its own; --help tells more
  muster-agent log                its last messages
  muster-agent start|stop|restart
  muster-agent run                runs it in the foreground instead of the service
  muster-agent upgrade DIR        goes over to the signed release in DIR; comes back if that does not connect
  muster-agent uninstall          removes it and everything it made (--keep-data: all but key and spool)
  muster-agent version
EOF
}

main() {
  case "${1:-}" in
    status) shift && status "$@" ;;
    configure) need_root "$1" && shift && exec sh "$OPT/configure" "$@" ;;
    show | inventory) as_agent "$@" ;;
    run) run_here ;;
    start | restart) need_root "$1" && settings_fit && "$1" ;;
    stop) need_root "$1" && stop ;;
    log) show_log ;;
    doctor) doctor "$@" ;;
    upgrade) need_root "$1" && shift && upgrade "$@" ;;
    uninstall) need_root "$1" && shift && exec sh "$OPT/uninstall.sh" "$@" ;;
    version | --version) cat "$OPT/version" ;;
    '' | help | --help) usage ;;
    *)
      echo "muster-agent: unknown command '$1'" >&2
      usage >&2
      exit 64
      ;;
  esac
}

# Who is not root may not see whether there is one. An empty one on a machine that a server has is a broken one, of which the agent speaks.
lacks_configuration() {
  [ "$(id -u)" -eq 0 ] && [ ! -s "$CONFIG" ] || return 1
  [ ! -e "$CONFIG" ] || ! grep -q '"enrolledWith": "' "$DATA/identity.json" 2>/dev/null
}

# An agent that cannot use its settings ends at once, and says so in the log alone. Versions before this one do not know the command.
settings_fit() {
  if lacks_configuration; then return 0; fi
  problem=$(as_agent check-settings 2>&1)
  [ $? -eq "$EXIT_CONFIG" ] || return 0
  printf '%s\n' "$problem" 'muster-agent: nothing was started or stopped; mend it first' >&2
  return "$EXIT_CONFIG"
}

status() {
  if lacks_configuration; then
    echo 'process        does not run'
    echo 'configuration  none: it is installed, and knows no server yet'
    echo 'what to do     make a token with "Add a machine" in the dashboard; then: muster-agent configure --help'
    return 1
  fi
  as_agent status "$@"
}

as_agent() { "$OPT/as-agent" "$OPT/run" "$@"; }

run_here() {
  if is_running; then
    echo "muster-agent: the service runs; stop it first: muster-agent stop" >&2
    return 1
  fi
  if [ "$(id -u)" -eq 0 ]; then "$OPT/prepare"; fi
  exec "$OPT/as-agent" "$OPT/run"
}

need_root() {
  if [ "$(id -u)" -eq 0 ]; then return 0; fi
  echo "muster-agent: only root may do that; try: sudo muster-agent $1" >&2
  return 77
}

has_systemd() { [ -d /run/systemd/system ]; }

# does PID PATTERN: the number alone could be another program's by now.
does() { tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline" | grep -q "$2"; }

# Process of the supervisor; fails when there is none.
supervisor() {
  read -r pid _ 2>/dev/null <"$PID_FILE" || return 1
  does "$pid" "$OPT/supervise" && echo "$pid"
}

# Process of an agent that a killed supervisor has left, and of who watches it; fails when there is none. What `as-agent` does before it
# has become one of them carries the same words at its end. Only before that, between fork and exec, it looks like the supervisor and
# is not seen: for less time than it takes to get here.
orphan() {
  ! supervisor >/dev/null || return 1
  read -r _ pid watcher 2>/dev/null <"$PID_FILE" || return 1
  does "$pid" "$OPT/run \$" || does "$pid" "$OPT/agent.mjs run " || return 1
  echo "$pid"
  if does "${watcher:-0}" "$OPT/watch "; then echo "$watcher"; fi
}

is_running() {
  if has_systemd; then systemctl --quiet is-active "$UNIT"; else supervisor >/dev/null || orphan >/dev/null; fi
}

# After crashes, which whoever starts it by hand does not want to wait for.
pauses() { does "$(systemctl show --value --property ControlPID "$UNIT")" "$OPT/pause"; }

start() {
  if lacks_configuration; then
    echo 'muster-agent: it knows no server yet, and waits; see: muster-agent status'
    return 0
  fi
  if has_systemd; then
    if pauses; then systemctl stop "$UNIT"; fi
    systemctl start "$UNIT"
    return
  fi
  if supervisor >/dev/null; then return 0; fi
  # Two agents would share one key and one spool.
  if is_running; then stop; fi
  (umask 077 && : >>"$LOG")
  # A session of its own: it outlives the terminal it was started from.
  if command -v setsid >/dev/null; then
    setsid "$OPT/supervise" </dev/null >/dev/null 2>&1 &
  else
    "$OPT/supervise" </dev/null >/dev/null 2>&1 &
  fi
}

stop() {
  if has_systemd; then
    systemctl stop "$UNIT"
    return
  fi
  pids=$(supervisor) || pids=$(orphan) || return 0
  # shellcheck disable=SC2086
  kill -TERM $pids
  waited=0
  while is_running && [ "$waited" -lt $((STOP_S_MAX * 5)) ]; do
    sleep 0.2 2>/dev/null || sleep 1
    waited=$((waited + 1))
  done
  if is_running; then
    echo "muster-agent: it did not end within $STOP_S_MAX s and is killed" >&2
    read -r _ child watcher 2>/dev/null <"$PID_FILE" || child='' watcher=''
    # It takes what it has started with it.
    if [ -n "$watcher" ]; then kill -TERM "$watcher" 2>/dev/null; fi
    # shellcheck disable=SC2086
    kill -KILL $pids ${child:+"$child"} 2>/dev/null
  fi
  rm -f "$PID_FILE"
}

restart() {
  if has_systemd; then systemctl restart "$UNIT"; else stop && start; fi
}

# Number of the release that the agent itself says is well.
confirmed() {
  if [ -f "$DATA/upgrade-confirmed" ]; then head -c 20 "$DATA/upgrade-confirmed" | head -n 1; fi
}

on_trial() { sed -n 's/^serial=//p' "$OPT/trial" 2>/dev/null; }

end_trial() { rm -f "$OPT/trial" "$DATA/upgrade-confirmed" "$OPT/taken-back"; }

# upgrade DIR [SECONDS]: time that the new version has to connect
upgrade() {
  if [ $# -lt 1 ]; then
    echo "muster-agent: name the folder of the release" >&2
    return 64
  fi
  seconds=${2:-$TRIAL_S}
  serial=$(on_trial)
  if [ -n "$serial" ] && [ "$(confirmed)" = "$serial" ]; then end_trial; fi
  # Whoever loses the line to this machine must not leave it without an agent.
  trap '' HUP INT
  release=$(LD_LIBRARY_PATH="$OPT/lib" "$OPT/node" --no-warnings "$OPT/agent.mjs" upgrade \
    --from "$1" --install-dir "$OPT" --trial-seconds "$seconds") || return 1
  serial=${release%% *} version=${release#* }
  echo "muster-agent: release $version is on trial for $seconds s"
  # It stops with a word on why, and this file is what it knows it by.
  (: >"$UPGRADING") 2>/dev/null || true
  if is_running; then stop; fi
  # What the version before has said counts no more.
  rm -f "$UPGRADING" "$DATA/upgrade-confirmed" "$DATA/upgrade-failed"
  start || return 1
  trap - HUP INT
  waited=0
  while [ "$(on_trial)" = "$serial" ] && [ "$waited" -lt $((seconds + WAIT_S_MORE)) ]; do
    if [ "$(confirmed)" = "$serial" ]; then end_trial; fi
    sleep 1
    waited=$((waited + 1))
  done
  if [ "$(on_trial)" = "$serial" ]; then
    echo "muster-agent: release $version is still on trial; does the service run? See: muster-agent status" >&2
    return 1
  fi
  if [ "$(sed -n 's/.*"serial": *\([0-9]*\).*/\1/p' "$OPT/release.json" | head -n 1)" = "$serial" ]; then
    echo "muster-agent: release $version runs and is connected"
    return 0
  fi
  echo "muster-agent: release $version was taken back: $(sed -n 's/^why=//p' "$OPT/taken-back")" >&2
  echo "muster-agent: the version before it runs again; see: muster-agent log" >&2
  return 1
}

show_log() {
  if has_systemd; then
    journalctl --no-pager --lines "$LOG_LINES" --unit "$UNIT"
  elif [ ! -e "$LOG" ]; then
    echo "muster-agent: there is no log yet: the agent has not been started here; see: muster-agent status"
  else
    tail -n "$LOG_LINES" "$LOG"
  fi
}

# What the agent's own doctor cannot say, because without it there is none; then that one, as the agent itself where that is allowed.
doctor() {
  [ -x "$OPT/node" ] && [ -s "$OPT/agent.mjs" ] && [ -x "$OPT/run" ] ||
    die_of files 'something of /opt/muster-agent is missing' 'Install it again with the line from "Add a machine".'
  LD_LIBRARY_PATH=$OPT/lib "$OPT/node" --version >/dev/null 2>&1 ||
    die_of Node 'the Node of the agent does not run' "This system's C library is too old; glibc 2.28 or later is needed."
  id muster-agent >/dev/null 2>&1 ||
    die_of user 'there is no user muster-agent' 'Install it again with the line from "Add a machine".'
  if [ "$(id -u)" -eq 0 ]; then as_agent "$@"; else "$OPT/run" "$@"; fi
}

# die_of STEP WHAT-WAS-SEEN WHAT-TO-DO
die_of() {
  printf 'FAILED  %-13s %s\n%22s%s\n' "$1" "$2" '' "$3" >&2
  exit 1
}

main "$@"
