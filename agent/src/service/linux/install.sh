#!/bin/sh
# Installs the Muster agent on this Linux machine; run again, it repairs or upgrades and keeps the identity.
#
#   { echo 'set -- --server SERVER --token T --server-key K …'; curl -fsSL SERVER/install/linux.sh; } | sudo sh
#
# In this form the token is on no list of processes.
# Nothing here is secret. It changes nothing before everything is downloaded and its checksums are right.
set -eu

NAME=muster-agent
# By this the uninstaller knows a user that was made here.
COMMENT='Muster agent'
VERSION='@VERSION@'
# Node needs about 150 MB, twice that while one version replaces another.
SPACE_KIB_MIN=350000
CONNECT_S_MAX=15

usage() {
  cat <<EOF
The Muster agent $VERSION for Linux with systemd, or without it (then nothing starts it at boot).

  --server URL          address of the server, as in the dashboard
  --token T             enrolment token; needed the first time
  --server-key K        the server's identity key
  --tls MODE            where TLS ends: direct (at the server), proxy (before it), none
  --tls-pin PIN         base64 of the SHA-256 of the certificate's public key
  --sums SHA256         checksum of the list of checksums
  --insecure            allows plain text to another machine
  --witness             may be asked whether a silent neighbour on its own network is there
  --ca FILE             certificate (PEM) of your own authority, for the download and for the agent
  --proxy URL           HTTP proxy, http://[user:password@]host:port, for the download and for the agent; none: without
  --from DIR            takes the files from a folder instead of downloading them
  --node FILE           uses a copy of this Node (26 or later) instead of the server's
  --no-start            installs, enables, and leaves it to the next boot
  --root DIR            installs into the root file system in DIR (an image); implies --no-start
  --uninstall           removes the agent and everything it made (--keep-data: all but key and spool)
EOF
}

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
  settle_settings
  find_architecture
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
  SERVER='' TOKEN='' SERVER_KEY='' TLS='' TLS_PIN='' SUMS='' INSECURE='' WITNESS='' CA='' PROXY='' FROM='' NODE='' NO_START='' ROOT=''
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
      --server | --token | --server-key | --tls | --tls-pin | --sums | --ca | --proxy | --from | --node | --root)
        [ $# -gt 1 ] || die "$1 needs a value" 'Copy the whole line.'
        take "$1" "$2"
        shift
        ;;
      *) die "\"$1\" is no option" 'Copy the line again, or see --help.' ;;
    esac
    shift
  done
}

# After a failure the machine is as it was before.
clean_up() {
  if [ ! -e "$OPT" ] && [ -f "$tmp/made" ]; then
    rm -rf "$STAGE"
    sed -n 's/^folder //p' "$tmp/made" | sort -r | while read -r folder; do rmdir "$ROOT$folder" 2>/dev/null; done
  fi
  rm -rf "$tmp" "$STAGE"
}

# Whatever goes into the configuration is checked by its letters, so that nothing in it needs quoting.
take() {
  case "$1" in
    --server)
      SERVER=${2%/}
      valid "$1" "$SERVER" '^(https?|wss?)://[]A-Za-z0-9.:[-]+$' 'an address such as https://muster.example:8420'
      ;;
    --token) TOKEN=$2 && valid "$1" "$2" '^[A-Za-z0-9_-]{8,128}$' 'a token from "Add a machine"' ;;
    --server-key) SERVER_KEY=$2 && valid "$1" "$2" '^[A-Za-z0-9_-]{43}$' 'base64url of 32 bytes' ;;
    --tls) TLS=$2 && valid "$1" "$2" '^(direct|proxy|none)$' 'direct, proxy or none' ;;
    --tls-pin) TLS_PIN=${2#sha256//} && valid "$1" "$TLS_PIN" '^[A-Za-z0-9+/]{43}=$' 'base64 of a SHA-256' ;;
    --sums) SUMS=$2 && valid "$1" "$2" '^[0-9a-f]{64}$' 'a SHA-256 in hex' ;;
    --ca) CA=$2 && [ -r "$2" ] || die "--ca: $2 cannot be read" '' ;;
    --proxy)
      PROXY=${2%/}
      # Not shown: a password may be in it.
      valid_proxy || die '--proxy is not an address such as http://proxy.example:8080' 'Letters that are special in addresses are written as %XX.'
      ;;
    --from) FROM=${2%/} && [ -d "$2" ] || die "--from: $2 is no folder" '' ;;
    --node) NODE=$2 && [ -x "$2" ] || die "--node: $2 cannot be run" '' ;;
    --root) ROOT=${2%/} && NO_START=1 && [ -d "$2/etc" ] || die "--root: $2 is no root file system" '' ;;
  esac
}

valid() {
  printf '%s\n' "$2" | grep -Eqx -e "$3" && [ "$(printf '%s\n' "$2" | wc -l)" -eq 1 ] ||
    die "$1: \"$2\" is not $4" 'Copy the whole line again.'
}

valid_proxy() {
  printf '%s\n' "$PROXY" | grep -Eqx -e 'none|(http://)?[]A-Za-z0-9.:@%_~!*+=,;[-]+' && [ "$(printf '%s\n' "$PROXY" | wc -l)" -eq 1 ]
}

say() { echo "muster: $1"; }

# die WHAT WHAT-TO-DO
die() {
  echo "muster: $1" >&2
  [ -z "$2" ] || echo "muster: $2" >&2
  exit 1
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

# Without --server it is an upgrade or a repair of what is there.
settle_settings() {
  if [ -z "$SERVER" ]; then
    [ -s "$ETC/config.json" ] || die 'the address of the server is missing' 'Copy the whole line from "Add a machine" in the dashboard.'
    SERVER=$(configured server) SERVER_KEY=$(configured serverKey) TOKEN=${TOKEN:-$(configured token)}
    TLS=$(configured tls) TLS_PIN=$(configured tlsPin) PROXY=${PROXY:-$(configured proxy)}
    if grep -q '"insecure": true' "$ETC/config.json"; then INSECURE=1; fi
    if grep -q '"witness": true' "$ETC/config.json"; then WITNESS=1; fi
  fi
  WEB=$(printf '%s' "$SERVER" | sed 's/^ws/http/')
  [ -n "$SERVER_KEY" ] || die '--server-key is missing' 'Copy the whole line from "Add a machine" in the dashboard.'
  [ -n "$TOKEN" ] || [ -s "$DATA/identity.json" ] ||
    die '--token is missing, and this machine is not enrolled yet' 'Make a line with "Add a machine" in the dashboard.'
  case "$WEB" in
    https:*) [ "$TLS" != none ] || die '--tls none does not go with https' '' && TLS=${TLS:-direct} ;;
    *)
      [ "${TLS:-none}" = none ] || die "--tls $TLS does not go with http" ''
      TLS=none
      [ -z "$TLS_PIN" ] || die '--tls-pin does not go with http' ''
      is_loopback || [ -n "$INSECURE" ] || die "plain text to another machine ($WEB): everybody on the way can read along" 'Use https, or add --insecure.'
      is_loopback || [ -n "$SUMS$FROM" ] || die 'over plain text the downloads can be changed on the way' 'Add --sums from the line in the dashboard.'
      ;;
  esac
}

configured() { sed -n "s/^  \"$1\": \"\(.*\)\",\{0,1\}\$/\1/p" "$ETC/config.json"; }

is_loopback() { printf '%s\n' "$WEB" | grep -Eq '^https?://(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?$'; }

find_architecture() {
  case "$(uname -m)" in
    x86_64 | amd64) ARCH=x64 ;;
    aarch64 | arm64) ARCH=arm64 ;;
    *) ARCH=$(uname -m) ;;
  esac
}

check_space() {
  folder=$ROOT/opt
  [ -d "$folder" ] || folder=$ROOT/
  free_kib=$(df -Pk "$folder" | awk 'NR == 2 { print $4 }')
  [ "${free_kib:-$SPACE_KIB_MIN}" -ge "$SPACE_KIB_MIN" ] ||
    die "$folder has $((free_kib / 1024)) MB free; $((SPACE_KIB_MIN / 1024)) MB are needed" 'Free some space and run the line again.'
}

# Beside the old version: /tmp may be too small for Node, and a rename is either done or not.
open_stage() {
  : >"$tmp/made"
  if [ -f "$OPT/made" ]; then cat "$OPT/made" >"$tmp/made"; fi
  make_folder /opt
  rm -rf "$STAGE"
  mkdir -m 0755 "$STAGE"
}

# --- download -----------------------------------------------------------------------------------------------------

fetch_everything() {
  fetch sha256sums "$tmp/sha256sums"
  if [ -n "$SUMS" ] && [ "$(sha256 "$tmp/sha256sums")" != "$SUMS" ]; then
    die 'the list of checksums is not the one that this line was made for' \
      'If the server was upgraded since, make a new line in the dashboard. If not, somebody stands in between.'
  fi
  fetch agent.mjs "$STAGE/agent.mjs"
  check agent.mjs "$STAGE/agent.mjs"
  if [ -n "$NODE" ]; then
    cp "$NODE" "$STAGE/node"
  elif [ -x "$OPT/node" ] && [ "$(sha256 "$OPT/node")" = "$(wanted "node-linux-$ARCH")" ]; then
    say 'Node is there already'
    cp "$OPT/node" "$STAGE/node"
  else
    fetch_node
  fi
  chmod 0755 "$STAGE/node"
}

fetch_node() {
  [ -n "$(wanted "node-linux-$ARCH.gz")" ] ||
    die "this server has no Node for linux-$ARCH" 'Install Node 26 or later here and add --node "$(command -v node)" to the line.'
  say "downloading Node for linux-$ARCH (about 50 MB)"
  fetch "node-linux-$ARCH.gz" "$STAGE/node.gz"
  check "node-linux-$ARCH.gz" "$STAGE/node.gz"
  gzip -dc "$STAGE/node.gz" >"$STAGE/node" || die 'Node could not be unpacked' 'Is the disk full?'
  rm -f "$STAGE/node.gz"
}

# fetch NAME TO
fetch() {
  if [ -n "$FROM" ]; then
    cp "$FROM/$1" "$2" || die "$FROM/$1 is missing" ''
    return
  fi
  from=$WEB/install/$1
  if command -v curl >/dev/null; then
    set -- curl -fsSL --retry 3 --connect-timeout 10 -o "$2"
    if [ -n "$CA" ]; then set -- "$@" --cacert "$CA"; fi
    if [ -n "$TLS_PIN" ]; then set -- "$@" -k --pinnedpubkey "sha256//$TLS_PIN"; fi
  elif command -v wget >/dev/null; then
    set -- wget -q -O "$2"
    if [ -n "$CA" ]; then set -- "$@" "--ca-certificate=$CA"; fi
    # Not each wget knows pins. The checksum in the line makes up for that: nothing downloaded is secret.
    if [ -n "$TLS_PIN" ]; then
      [ -n "$SUMS" ] || die 'wget cannot check the pinned key' 'Install curl, or add --sums from the line in the dashboard.'
      set -- "$@" --no-check-certificate
    fi
  else
    die 'neither curl nor wget is here' 'Install one of them and run the line again.'
  fi
  by_proxy "$@" "$from" || die "$from could not be downloaded" 'Check address, network and firewall; for a certificate of your own authority add --ca FILE, for a proxy --proxy URL.'
}

# By the environment, which nobody else may read: among the options a password would stand on the list of processes.
by_proxy() {
  case "$PROXY" in
    '') "$@" ;;
    none) no_proxy='*' NO_PROXY='*' "$@" ;;
    *) https_proxy=$PROXY http_proxy=$PROXY no_proxy='' NO_PROXY='' "$@" ;;
  esac
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum "$1" | cut -c 1-64; else openssl dgst -sha256 "$1" | sed 's/.* //'; fi
}

wanted() { awk -v name="$1" '$2 == name { print $1 }' "$tmp/sha256sums"; }

# check NAME FILE
check() {
  [ "$(sha256 "$2")" = "$(wanted "$1")" ] ||
    die "$1 has not the checksum that the server says" 'The download was cut or changed on the way; nothing was installed. Run the line again.'
}

# --- files --------------------------------------------------------------------------------------------------------

# The new version, complete, beside the old one.
assemble() {
  chmod 0644 "$STAGE/agent.mjs"
  echo "$VERSION" >"$STAGE/version"
  put "$STAGE/run" 0755 <<'MUSTER_END_OF_FILE'
@FILE run.sh@
MUSTER_END_OF_FILE
  put "$STAGE/as-agent" 0755 <<'MUSTER_END_OF_FILE'
@FILE as-agent.sh@
MUSTER_END_OF_FILE
  put "$STAGE/prepare" 0755 <<'MUSTER_END_OF_FILE'
@FILE prepare.sh@
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
  put "$STAGE/uninstall.sh" 0755 <<'MUSTER_END_OF_FILE'
@FILE uninstall.sh@
MUSTER_END_OF_FILE
  put "$STAGE/muster-agent.service" 0644 <<'MUSTER_END_OF_FILE'
@FILE muster-agent.service@
MUSTER_END_OF_FILE
}

# Small systems lack libraries that Node asks for. The server's own copies go beside it; nothing of this system changes.
check_node() {
  for try in 1 2 3 4; do
    found=$(staged_node --version 2>&1) && break
    library=$(printf '%s\n' "$found" | sed -n 's/.*shared libraries: \([A-Za-z0-9_+.-]*\): cannot open.*/\1/p')
    [ -n "$library" ] && [ -n "$(wanted "linux-$ARCH-$library")" ] && [ "$try" -lt 4 ] ||
      die "Node does not run here: $found" "It needs glibc 2.28 or later (Debian 10, RHEL 8, Ubuntu 20.04)${library:+ and the package with $library}; Alpine and other musl systems are not supported."
    mkdir -p "$STAGE/lib"
    fetch "linux-$ARCH-$library" "$STAGE/lib/$library"
    check "linux-$ARCH-$library" "$STAGE/lib/$library"
    chmod 0644 "$STAGE/lib/$library"
  done
  case "$found" in
    v2[6-9].* | v[3-9][0-9].*) ;;
    *) die "Node $found is too old" 'Node 26 or later is needed.' ;;
  esac
}

# In the system that it is for.
staged_node() { in_root env LD_LIBRARY_PATH="/opt/$NAME.new/lib" "/opt/$NAME.new/node" "$@"; }

# put FILE MODE: the content comes on standard input.
put() {
  cat >"$1" || die "$1 could not be written" 'Is the disk full?'
  chmod "$2" "$1"
}

# Folders that were not there before are remembered, for the day of the removal.
make_folder() {
  [ -d "$ROOT$1" ] && return 0
  make_folder "$(dirname "$1")"
  mkdir -m 0755 "$ROOT$1"
  echo "folder $1" >>"$tmp/made"
}

make_user() {
  if ! grep -q "^$NAME:" "$ROOT/etc/passwd"; then
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
  # By number: in an image the names are not those of this machine.
  AGENT_UID=$(sed -n "s/^$NAME:[^:]*:\([0-9]*\):.*/\1/p" "$ROOT/etc/passwd")
  AGENT_GID=$(sed -n "s/^$NAME:[^:]*:\([0-9]*\):.*/\1/p" "$ROOT/etc/group")
  [ -n "$AGENT_UID" ] && [ -n "$AGENT_GID" ] || die "the user $NAME has no group of the same name" "Make one: groupadd $NAME"
}

in_root() {
  if [ -n "$ROOT" ]; then chroot "$ROOT" /usr/bin/env PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; else "$@"; fi
}

stop_old() {
  [ -z "$ROOT" ] && [ -x "$OPT/muster-agent" ] || return 0
  # It stops with a word on why, and this file is what it knows it by.
  : >"/run/$NAME.upgrading" || true
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

# One setting a line: prepare and uninstall read it without a JSON parser.
write_config() {
  [ -d "$ETC" ] || mkdir "$ETC"
  chmod 0750 "$ETC"
  chown "0:$AGENT_GID" "$ETC"
  if [ -n "$CA" ]; then
    put "$ETC/ca.pem" 0644 <"$CA"
  fi
  (
    umask 077
    {
      echo '{'
      echo "  \"server\": \"$(printf '%s' "$WEB" | sed 's/^http/ws/')\","
      echo "  \"serverKey\": \"$SERVER_KEY\","
      [ -z "$TLS_PIN" ] || echo "  \"tlsPin\": \"$TLS_PIN\","
      [ -z "$PROXY" ] || echo "  \"proxy\": \"$PROXY\","
      [ ! -s "$ETC/ca.pem" ] || echo "  \"ca\": \"/etc/$NAME/ca.pem\","
      [ -z "$TOKEN" ] || echo "  \"token\": \"$TOKEN\","
      [ -z "$INSECURE" ] || [ "$TLS" != none ] || echo '  "insecure": true,'
      [ -z "$WITNESS" ] || echo '  "witness": true,'
      echo "  \"tls\": \"$TLS\","
      echo "  \"dataDir\": \"/var/lib/$NAME\""
      echo '}'
    } >"$ETC/config.json.new"
  ) || die "$ETC/config.json could not be written" 'Is the disk full?'
  chown "0:$AGENT_GID" "$ETC/config.json.new"
  chmod 0640 "$ETC/config.json.new"
  mv -f "$ETC/config.json.new" "$ETC/config.json"
  # Under SELinux files made elsewhere may keep the label of the place where they were made.
  if [ -z "$ROOT" ] && command -v restorecon >/dev/null; then restorecon -RF "$OPT" "$ETC" "$DATA" || true; fi
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
  sort -u "$tmp/made" >"$OPT/made"
  put "$ROOT$units/$NAME.service" 0644 <"$OPT/muster-agent.service"
  if has_systemd; then
    growing_pauses "$ROOT$units/$NAME.service"
    systemctl daemon-reload
    systemctl --quiet enable "$NAME.service"
  else
    ln -sf "$units/$NAME.service" "$ROOT$units/multi-user.target.wants/$NAME.service"
  fi
  say 'the service starts with the machine (systemd)'
}

# Older versions warn about settings they do not know.
growing_pauses() {
  version=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
  [ "${version:-0}" -ge 254 ] || return 0
  sed -i 's/^RestartSec=5$/RestartSec=5\nRestartSteps=5\nRestartMaxDelaySec=60/' "$1"
}

no_systemd() {
  say 'there is no systemd here: a small supervisor keeps the agent running, and nothing starts it at boot'
  say "for that, let your init system run: /opt/$NAME/$NAME start"
}

start_and_wait() {
  began_s=$(date +%s)
  # As the service will do it; an agent that was enrolled needs no token in its configuration.
  "$OPT/prepare"
  "$OPT/muster-agent" start || die 'the service could not be started' "See: muster-agent log"
  set +e
  # shellcheck disable=SC2016
  problem=$(LD_LIBRARY_PATH="$OPT/lib" "$OPT/node" --max-semi-space-size=1 -e '
const fs = require("node:fs");
const [file, beganMs, seconds] = process.argv.slice(1);
const end = performance.now() + seconds * 1000;
let status = null;
const look = () => {
  try {
    status = JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (error) {
    status = null;
  }
  if (status !== null && status.startedAtMs < beganMs) status = null;
  if (status?.link.state === "online") process.exit(status.link.pendingApproval ? 10 : 0);
  const hopeless = status?.lastProblem?.retry === false;
  if (!hopeless && performance.now() < end) return setTimeout(look, 200);
  if (status === null) process.exit(12);
  const { detail, hint } = status.lastProblem ?? { detail: "no answer yet", hint: "" };
  console.log(hint ? detail + "\n" + hint : detail);
  process.exit(11);
};
look();
' -- "$DATA/status.json" "$((began_s - 1))000" "$CONNECT_S_MAX")
  outcome=$?
  set -e
  case "$outcome" in
    0)
      "$OPT/prepare"
      say "machine $(uname -n) enrolled, visible at $WEB"
      say 'muster-agent status | doctor | show | uninstall'
      ;;
    10) say "machine $(uname -n) enrolled and waits for an administrator to let it in at $WEB" ;;
    11)
      echo "muster: installed, but not connected: $(printf '%s\n' "$problem" | head -n 1)" >&2
      printf '%s\n' "$problem" | sed -n '2,$s/^/muster: /p' >&2
      say 'the agent goes on trying; see: muster-agent doctor'
      exit 2
      ;;
    *)
      echo 'muster: installed, but the agent does not run. Its last messages:' >&2
      "$OPT/muster-agent" log >&2 || true
      exit 3
      ;;
  esac
}

main "$@"
