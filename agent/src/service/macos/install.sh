#!/bin/sh
# Installs the Muster agent on this Mac; run again, it repairs or upgrades and keeps the identity.
#
#   { echo 'MUSTER_TOKEN=T; set -- --server SERVER --server-key K …'; curl -fsSL SERVER/install/macos.sh; } | sudo sh
#
# In this form the token is on no list of processes. Nothing is changed before everything is here and its checksums are right.
set -eu

NAME=muster-agent
VERSION='@VERSION@'
# By which the agent takes releases; empty: it takes none.
RELEASE_KEY='@RELEASE_KEY@'
# Node needs about 150 MB, twice that while one version replaces another.
SPACE_KIB_MIN=350000
CONNECT_S_MAX=15
# What the Node of this release asks for in its head (LC_BUILD_VERSION).
MACOS_MIN=13.5

usage() {
  cat <<EOF
The Muster agent $VERSION for macOS $MACOS_MIN and later.

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
  --later               with --from: installs without settings; muster-agent configure brings them
  --no-start            installs, and leaves it to the next boot
  --uninstall           removes the agent and everything it made (--keep-data: all but key and spool)
EOF
}

@FILE setup.sh@

@FILE download.sh@

@FILE places.sh@

# The whole script is read before its first command runs: a download that breaks off does nothing.
main() {
  umask 022
  read_arguments "$@"
  [ "$(uname -s)" = Darwin ] || die "this is the installer for macOS, and this is $(uname -s)" ''
  [ "$(id -u)" -eq 0 ] || die 'only root may install a service' 'Put sudo before sh in the line.'
  if [ -n "$UNINSTALL" ]; then uninstall; fi
  settle_token
  if [ -n "$LATER" ]; then
    [ -n "$FROM" ] || die '--later goes with --from' ''
    SERVER='nobody yet'
  else
    settle_settings
    check_download
  fi
  check_system
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
  stop_service
  put_in_place
  if [ -z "$LATER" ]; then write_config; fi
  install_service
  if [ -n "$LATER" ] && [ ! -s "$ETC/config.json" ]; then
    say 'installed; it knows no server yet: muster-agent configure --help'
  elif [ -n "$NO_START" ]; then
    say 'installed, not started'
  else
    start_and_wait
  fi
}

read_arguments() {
  no_settings
  SUMS='' FROM='' NODE='' LATER='' UNINSTALL='' KEEP_DATA=''
  while [ $# -gt 0 ]; do
    case "$1" in
      --insecure) INSECURE=1 ;;
      --witness) WITNESS=1 ;;
      --no-start) NO_START=1 ;;
      --later) LATER=1 ;;
      --uninstall) UNINSTALL=1 ;;
      --keep-data) KEEP_DATA=--keep-data ;;
      --help | -h)
        usage
        exit 0
        ;;
      --token | --token=*) refuse_token_argument ;;
      --server | --token-file | --server-key | --tls | --tls-pin | --sums | --ca | --proxy | --checks | --from)
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
  sh "$tmp/uninstall.sh" $KEEP_DATA
  exit
}

check_system() {
  major=$(sw_vers -productVersion | cut -d . -f 1)
  [ "${major:-0}" -ge "${MACOS_MIN%.*}" ] || die "macOS $(sw_vers -productVersion) is too old" "macOS $MACOS_MIN or later is needed."
  case "$(uname -m)" in
    arm64) PLATFORM=darwin-arm64 ;;
    # A shell under Rosetta says x86_64 of a machine that is not.
    *) if [ "$(sysctl -n hw.optional.arm64 2>/dev/null)" = 1 ]; then PLATFORM=darwin-arm64; else PLATFORM=darwin-x64; fi ;;
  esac
}

# The new version, complete, beside the old one.
assemble() {
  chmod 0644 "$STAGE/agent.mjs"
  put "$STAGE/service" 0755 <<'MUSTER_END_OF_FILE'
@FILE service.sh@
MUSTER_END_OF_FILE
  put "$STAGE/run" 0755 <<'MUSTER_END_OF_FILE'
@FILE run.sh@
MUSTER_END_OF_FILE
  put "$STAGE/as-agent" 0755 <<'MUSTER_END_OF_FILE'
@FILE as-agent.sh@
MUSTER_END_OF_FILE
  put "$STAGE/prepare" 0755 <<'MUSTER_END_OF_FILE'
@FILE prepare.sh@
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
  put "$STAGE/org.muster.agent.plist" 0644 <<'MUSTER_END_OF_FILE'
@FILE org.muster.agent.plist@
MUSTER_END_OF_FILE
}

check_node() {
  found=$("$STAGE/node" --version 2>&1) || die "Node does not run here: $found" "It needs macOS $MACOS_MIN or later."
}

# A hidden account of the system, without a password and a shell, by the first number that neither a user nor a group has.
make_user() {
  if ! dscl . -read "/Users/$USER_NAME" UniqueID >/dev/null 2>&1; then
    id=$(free_id)
    [ -n "$id" ] || die 'there is no free number for a system account' ''
    dscl . -create "/Groups/$USER_NAME" PrimaryGroupID "$id"
    dscl . -create "/Groups/$USER_NAME" RealName "$COMMENT"
    dscl . -create "/Groups/$USER_NAME" Password '*'
    dscl . -create "/Users/$USER_NAME" UniqueID "$id"
    dscl . -create "/Users/$USER_NAME" PrimaryGroupID "$id"
    dscl . -create "/Users/$USER_NAME" RealName "$COMMENT"
    dscl . -create "/Users/$USER_NAME" Password '*'
    dscl . -create "/Users/$USER_NAME" UserShell /usr/bin/false
    dscl . -create "/Users/$USER_NAME" NFSHomeDirectory "$DATA"
    dscl . -create "/Users/$USER_NAME" IsHidden 1
  fi
  find_user
}

# Apple keeps 200 to 400 for services.
free_id() {
  { dscl . -list /Users UniqueID && dscl . -list /Groups PrimaryGroupID; } |
    awk '{ taken[$2] = 1 } END { for (id = 300; id < 400; id++) if (!(id in taken)) { print id; exit } }'
}

put_in_place() {
  make_folder /usr/local/bin
  sort -u "$tmp/made" >"$STAGE/made"
  rm -rf "$OPT.old"
  if [ -e "$OPT" ]; then mv "$OPT" "$OPT.old"; fi
  mv "$STAGE" "$OPT"
  rm -rf "$OPT.old"
  [ -d "$DATA" ] || mkdir "$DATA"
  chmod 0700 "$DATA"
  chown "$AGENT_UID:$AGENT_GID" "$DATA"
  if [ ! -e "/usr/local/bin/$NAME" ] || [ -L "/usr/local/bin/$NAME" ]; then
    ln -sf "$OPT/$NAME" "/usr/local/bin/$NAME"
  else
    say "/usr/local/bin/$NAME is somebody else's file and stays; use $OPT/$NAME"
  fi
}

# launchd takes no definition that others may write, and starts the daemons of this folder with the machine.
install_service() {
  put "$DEFINITION" 0644 <"$OPT/org.muster.agent.plist"
  chown 0:0 "$DEFINITION"
  launchctl enable "system/$LABEL"
  say 'the service starts with the machine (launchd)'
  # Waits for its settings by itself.
  if [ -n "$LATER" ] && [ ! -s "$ETC/config.json" ]; then launchctl bootstrap system "$DEFINITION"; fi
}

main "$@"
