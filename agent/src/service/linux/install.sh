#!/bin/sh
# Installs the Muster agent on this Linux machine; run again, it repairs or upgrades and keeps the identity.
#
#   { echo 'MUSTER_TOKEN=T; set -- --server SERVER --server-key K …'; curl -fsSL SERVER/install/linux.sh; } | sudo sh
#
# In this form the token is on no list of processes.
# Nothing here is secret. It changes nothing before everything is downloaded and its checksums are right.
set -eu

NAME=muster-agent
# By this the uninstaller knows a user that was made here.
COMMENT='Muster agent'
VERSION='@VERSION@'
# By which the agent takes releases; empty: it takes none.
RELEASE_KEY='@RELEASE_KEY@'
# Node needs about 150 MB, twice that while one version replaces another.
SPACE_KIB_MIN=350000
CONNECT_S_MAX=15

usage() {
  cat <<EOF
The Muster agent $VERSION for Linux with systemd, or without it (then nothing starts it at boot).

  --server URL          address of the server, as in the dashboard
  --token-file FILE     enrolment token, needed the first time; -: from standard input. Without it that of MUSTER_TOKEN in the
                        environment. As an argument it would stand on the list of processes
  --server-key K        the server's identity key
  --tls MODE            where TLS ends: direct (at the server), proxy (before it), none
  --tls-pin PIN         base64 of the SHA-256 of the certificate's public key
  --sums SHA256         checksum of the list of checksums
  --insecure            allows plain text to another machine
  --witness             may be asked whether a silent neighbour on its own network is there
  --checks REACH        whom checks may reach: network (other machines, as without it), loopback (this one too), off
  --ca FILE             certificate (PEM) of your own authority, for the download and for the agent
  --proxy URL           HTTP proxy, http://[user:password@]host:port, for the download and for the agent; none: without
  --from DIR            takes the files from a folder instead of downloading them
  --node FILE           uses a copy of this Node (26 or later) instead of the server's
  --no-start            installs, enables, and leaves it to the next boot
  --root DIR            installs into the root file system in DIR (an image); implies --no-start
  --uninstall           removes the agent and everything it made (--keep-data: all but key and spool)
EOF
}

@FILE setup.sh@

@FILE download.sh@

# The whole script is read before its first command runs: a download that breaks off does nothing.
main() {
  PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
  umask 022
  read_arguments "$@"
  [ "$(uname -s)" = Linux ] || die "this is the installer for Linux, and this is $(uname -s)" ''
  [ "$(id -u)" -eq 0 ] || die 'only root may install a service' 'Put sudo (or doas) before sh in the line, or become root with su -.'
  OPT=$ROOT/opt/$NAME ETC=$ROOT/etc/$NAME DATA=$ROOT/var/lib/$NAME
  STAGE=$OPT.new
  if [ -n "$UNINSTALL" ]; then uninstall; fi
  settle_token
  settle_settings
  if [ -e "$OPT/packaged" ]; then
    configure_package
    return
  fi
  check_download
  find_platform
  check_space

  tmp=$(mktemp -d)
  trap clean_up EXIT
  trap 'exit 130' INT TERM HUP
  say "installing agent $VERSION for $SERVER"
  open_stage
  fetch_everything
  assemble
  check_node
  make_user
  stop_old
  put_in_place
  write_config
  install_service
  if [ -n "$NO_START" ]; then
    say "installed, not started${ROOT:+ (in $ROOT)}"
    say 'each machine made from it makes a key of its own at its first start, and enrols by itself'
  else
    start_and_wait
  fi
}

read_arguments() {
  no_settings
  SUMS='' FROM='' NODE='' ROOT=''
  UNINSTALL='' UNINSTALL_ARGUMENTS=''
  while [ $# -gt 0 ]; do
    case "$1" in
      --insecure) INSECURE=1 ;;
      --witness) WITNESS=1 ;;
      --no-start) NO_START=1 ;;
      --uninstall) UNINSTALL=1 ;;
      --keep-data | --purge) UNINSTALL_ARGUMENTS="$UNINSTALL_ARGUMENTS $1" ;;
      --help | -h)
        usage
        exit 0
        ;;
      --token | --token=*) refuse_token_argument ;;
      --server | --token-file | --server-key | --tls | --tls-pin | --sums | --ca | --proxy | --checks | --from | --node | --root)
        [ $# -gt 1 ] || die "$1 needs a value" 'Copy the whole line.'
        take "$1" "$2"
        shift
        ;;
      *) die "\"$1\" is no option" 'Copy the line again, or see --help.' ;;
    esac
    shift
  done
}

take() {
  case "$1" in
    --sums)
      SUMS=$2
      valid "$1" "$2" '^[0-9a-f]{64}$' 'a SHA-256 in hex'
      ;;
    --from)
      FROM=${2%/}
      [ -d "$2" ] || die "--from: $2 is no folder" ''
      ;;
    --node)
      NODE=$2
      [ -x "$2" ] || die "--node: $2 cannot be run" ''
      ;;
    --root)
      ROOT=${2%/} NO_START=1
      [ -d "$2/etc" ] || die "--root: $2 is no root file system" ''
      ;;
    *) take_setting "$1" "$2" ;;
  esac
}

uninstall() {
  tmp=$(mktemp -d)
  trap 'rm -rf "$tmp"' EXIT
  put "$tmp/uninstall.sh" 0700 <<'MUSTER_END_OF_FILE'
@FILE uninstall.sh@
MUSTER_END_OF_FILE
  # shellcheck disable=SC2086
  sh "$tmp/uninstall.sh" ${ROOT:+--root "$ROOT"} $UNINSTALL_ARGUMENTS
  exit
}

# The program is the package's, whose upgrades would not get along with another in its place; the settings are the line's.
configure_package() {
  say "the agent's package is installed here: it stays as it is, and gets the settings of this line"
  find_user
  write_config
  if [ -z "$NO_START" ]; then restart_and_wait; fi
}

find_platform() {
  case "$(uname -m)" in
    x86_64 | amd64) PLATFORM=linux-x64 ;;
    aarch64 | arm64) PLATFORM=linux-arm64 ;;
    *) PLATFORM=linux-$(uname -m) ;;
  esac
}

# --- files --------------------------------------------------------------------------------------------------------

# The new version, complete, beside the old one.
assemble() {
  chmod 0644 "$STAGE/agent.mjs"
  put "$STAGE/run" 0755 <<'MUSTER_END_OF_FILE'
@FILE run.sh@
MUSTER_END_OF_FILE
  put "$STAGE/as-agent" 0755 <<'MUSTER_END_OF_FILE'
@FILE as-agent.sh@
MUSTER_END_OF_FILE
  put "$STAGE/prepare" 0755 <<'MUSTER_END_OF_FILE'
@FILE prepare.sh@
MUSTER_END_OF_FILE
  put "$STAGE/pause" 0755 <<'MUSTER_END_OF_FILE'
@FILE pause.sh@
MUSTER_END_OF_FILE
  put "$STAGE/watch" 0755 <<'MUSTER_END_OF_FILE'
@FILE watch.sh@
MUSTER_END_OF_FILE
  put "$STAGE/supervise" 0755 <<'MUSTER_END_OF_FILE'
@FILE supervise.sh@
MUSTER_END_OF_FILE
  put "$STAGE/muster-agent" 0755 <<'MUSTER_END_OF_FILE'
@FILE muster-agent.sh@
MUSTER_END_OF_FILE
  put "$STAGE/configure" 0755 <<'MUSTER_END_OF_FILE'
@FILE configure.sh@
MUSTER_END_OF_FILE
  put "$STAGE/uninstall.sh" 0755 <<'MUSTER_END_OF_FILE'
@FILE uninstall.sh@
MUSTER_END_OF_FILE
  put "$STAGE/muster-agent.service" 0644 <<'MUSTER_END_OF_FILE'
@FILE muster-agent.service@
MUSTER_END_OF_FILE
  put "$STAGE/sleep" 0755 <<'MUSTER_END_OF_FILE'
@FILE sleep.sh@
MUSTER_END_OF_FILE
  put "$STAGE/muster-agent-sleep.service" 0644 <<'MUSTER_END_OF_FILE'
@FILE muster-agent-sleep.service@
MUSTER_END_OF_FILE
}

# Small systems lack libraries that Node asks for. The server's own copies go beside it; nothing of this system changes.
check_node() {
  for try in 1 2 3 4; do
    found=$(staged_node --version 2>&1) && break
    library=$(printf '%s\n' "$found" | sed -n 's/.*shared libraries: \([A-Za-z0-9_+.-]*\): cannot open.*/\1/p')
    [ -n "$library" ] && [ -n "$(wanted "$PLATFORM-$library")" ] && [ "$try" -lt 4 ] ||
      die "Node does not run here: $found" "It needs glibc 2.28 or later (Debian 10, RHEL 8, Ubuntu 20.04)${library:+ and the package with $library}; Alpine and other musl systems are not supported."
    mkdir -p "$STAGE/lib"
    fetch "$PLATFORM-$library" "$STAGE/lib/$library"
    check "$PLATFORM-$library" "$STAGE/lib/$library"
    chmod 0644 "$STAGE/lib/$library"
  done
  case "$found" in
    v2[6-9].* | v[3-9][0-9].*) ;;
    *) die "Node $found is too old" 'Node 26 or later is needed.' ;;
  esac
}

# In the system that it is for.
staged_node() { in_root env LD_LIBRARY_PATH="/opt/$NAME.new/lib" "/opt/$NAME.new/node" "$@"; }

# Which copies of the state before the user's tools have kept, and with what rights: they make and change them by themselves.
note_copies() {
  for copy in passwd- shadow- group- gshadow-; do
    if [ ! -e "$ROOT/etc/$copy" ]; then
      echo "no-copy $copy"
    elif mode=$(stat -c %a "$ROOT/etc/$copy" 2>/dev/null); then
      echo "copy $copy $mode"
    fi
  done >>"$tmp/made"
}

make_user() {
  if ! grep -q "^$NAME:" "$ROOT/etc/passwd"; then
    note_copies
    shell=/usr/sbin/nologin
    [ -x "$ROOT$shell" ] || shell=/sbin/nologin
    [ -x "$ROOT$shell" ] || shell=/bin/false
    if in_root sh -c 'command -v useradd' >/dev/null; then
      in_root useradd --system --user-group --no-create-home --home-dir "/var/lib/$NAME" --shell "$shell" --comment "$COMMENT" "$NAME"
    elif in_root sh -c 'command -v adduser' >/dev/null; then
      in_root addgroup -S "$NAME"
      in_root adduser -S -D -H -h "/var/lib/$NAME" -s "$shell" -g "$COMMENT" -G "$NAME" "$NAME"
    else
      die 'neither useradd nor adduser is here' "Make a user and a group named $NAME and run the line again."
    fi || die "the user $NAME could not be made" ''
  fi
  find_user
}

in_root() {
  if [ -n "$ROOT" ]; then chroot "$ROOT" /usr/bin/env PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; else "$@"; fi
}

stop_old() {
  [ -z "$ROOT" ] && [ -x "$OPT/muster-agent" ] || return 0
  # It stops with a word on why, and this file is what it knows it by.
  (: >"/run/$NAME.upgrading") 2>/dev/null || true
  "$OPT/muster-agent" stop || say 'the old agent could not be stopped'
}

put_in_place() {
  make_folder /usr/local/bin
  make_folder /var/lib
  make_folder /var/log
  make_folder /run
  sort -u "$tmp/made" >"$STAGE/made"
  rm -rf "$OPT.old"
  if [ -e "$OPT" ]; then mv "$OPT" "$OPT.old"; fi
  mv "$STAGE" "$OPT"
  rm -rf "$OPT.old"
  rm -f "$ROOT/run/$NAME.upgrading"
  [ -d "$DATA" ] || mkdir "$DATA"
  chmod 0700 "$DATA"
  chown "$AGENT_UID:$AGENT_GID" "$DATA"
  if [ ! -e "$ROOT/usr/local/bin/$NAME" ] || [ -L "$ROOT/usr/local/bin/$NAME" ]; then
    ln -sf "/opt/$NAME/$NAME" "$ROOT/usr/local/bin/$NAME"
  else
    say "/usr/local/bin/$NAME is somebody else's file and stays; use /opt/$NAME/$NAME"
  fi
}

# --- service ------------------------------------------------------------------------------------------------------

has_systemd() { [ -z "$ROOT" ] && [ -d /run/systemd/system ]; }

install_service() {
  if ! has_systemd && [ ! -x "$ROOT/lib/systemd/systemd" ] && [ ! -x "$ROOT/usr/lib/systemd/systemd" ]; then
    no_systemd
    return
  fi
  units=/etc/systemd/system
  make_folder "$units/multi-user.target.wants"
  make_folder "$units/sleep.target.wants"
  sort -u "$tmp/made" >"$OPT/made"
  put "$ROOT$units/$NAME.service" 0644 <"$OPT/muster-agent.service"
  put "$ROOT$units/$NAME-sleep.service" 0644 <"$OPT/muster-agent-sleep.service"
  ln -sf "$units/$NAME-sleep.service" "$ROOT$units/sleep.target.wants/$NAME-sleep.service"
  if has_systemd; then
    systemctl daemon-reload
    systemctl --quiet enable "$NAME.service"
  else
    ln -sf "$units/$NAME.service" "$ROOT$units/multi-user.target.wants/$NAME.service"
  fi
  say_unit
}

# What starts it from now on, where there is a unit: systemd may be there and not run, as in a container.
say_unit() {
  if [ -n "$ROOT" ] || has_systemd; then
    say 'the service starts with the machine (systemd)'
    return
  fi
  if [ -n "$NO_START" ]; then
    say 'the unit is enabled for a start with systemd, which does not run here, and nothing else starts the agent'
  else
    say 'the unit is enabled for a start with systemd, which does not run here: a small supervisor keeps the agent running now, and nothing else starts it'
  fi
  say_init
}

no_systemd() {
  say 'there is no systemd here: a small supervisor keeps the agent running, and nothing starts it at boot'
  say_init
}

say_init() { say "for that, let your init system run: /opt/$NAME/$NAME start"; }

main "$@"
