#!/bin/sh
# The command `muster-agent`: what an administrator of this Mac may want of the agent.
set -u
NAME=muster-agent
CONFIG=/etc/muster-agent/config.json
LOG_LINES=40
# Of the agent, for settings that it cannot use.
EXIT_CONFIG=78

@FILE places.sh@

usage() {
  cat <<EOF
muster-agent $(cat "$OPT/version" 2>/dev/null)

  muster-agent status             is it connected, and if not, why
  muster-agent configure …        says which server is its own; --help tells more
  muster-agent doctor             looks for what keeps it from the server, and says what to do
  muster-agent show [SECTION]     prints what would be sent, or one section of it, and sends nothing
  muster-agent inventory          prints the inventory as one line of JSON, and sends nothing
  muster-agent log                its last messages
  muster-agent start|stop|restart
  muster-agent uninstall          removes it and everything it made (--keep-data: all but key and spool)
  muster-agent version
EOF
}

main() {
  case "${1:-}" in
    status) status ;;
    doctor | show | inventory) "$OPT/as-agent" "$OPT/run" "$@" ;;
    configure) need_root "$1" && shift && exec sh "$OPT/configure" "$@" ;;
    start | restart) need_root "$1" && settings_fit && "$1" ;;
    stop) need_root "$1" && stop ;;
    log) show_log ;;
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

need_root() {
  if [ "$(id -u)" -eq 0 ]; then return 0; fi
  echo "muster-agent: only root may do that; try: sudo muster-agent $1" >&2
  return 77
}

# Who is not root may not see whether there is one. An empty one on a machine that a server has is a broken one, of which the agent speaks.
lacks_configuration() {
  [ "$(id -u)" -eq 0 ] && [ ! -s "$CONFIG" ] || return 1
  [ ! -e "$CONFIG" ] || ! grep -q '"enrolledWith": "' "$DATA/identity.json" 2>/dev/null
}

# An agent that cannot use its settings ends at once, and says so in the log alone. Versions before this one do not know the command.
settings_fit() {
  if lacks_configuration; then return 0; fi
  problem=$("$OPT/as-agent" "$OPT/run" check-settings 2>&1)
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
  "$OPT/as-agent" "$OPT/run" status
}

show_log() {
  if [ ! -e "$LOG" ]; then
    echo "muster-agent: there is no log yet: the agent has not been started here; see: muster-agent status"
  else
    tail -n "$LOG_LINES" "$LOG"
  fi
}

start() {
  is_loaded || launchctl bootstrap system "$DEFINITION"
}

stop() { stop_service; }

restart() { stop && start; }

main "$@"
