# What installers share: room, downloads with their checksums, and folders that are remembered for the removal. Part of them; they say
# OPT, STAGE, ROOT, WEB, PROXY, PLATFORM, SUMS, FROM, NODE, VERSION, RELEASE_KEY, SPACE_KIB_MIN and a folder tmp.

# The line says it as a word of the shell, in front of the script. What is started from here need not know it.
settle_token() {
  token=${MUSTER_TOKEN:-}
  unset MUSTER_TOKEN
  if [ -n "$TOKEN_FILE" ]; then read_token_file; fi
  if [ -n "$TOKEN_FILE$token" ]; then take_token "$token"; fi
}

# After a failure the machine is as it was before.
clean_up() {
  if [ ! -e "$OPT" ] && [ -f "$tmp/made" ]; then
    rm -rf "$STAGE"
    sed -n 's/^folder //p' "$tmp/made" | sort -r | while read -r folder; do rmdir "$ROOT$folder" 2>/dev/null; done
  fi
  rm -rf "$tmp" "$STAGE"
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

fetch_everything() {
  fetch sha256sums "$tmp/sha256sums"
  if [ -n "$SUMS" ] && [ "$(sha256 "$tmp/sha256sums")" != "$SUMS" ]; then
    die 'the list of checksums is not the one that this line was made for' \
      'If the server was upgraded or given a release since, make a new line in the dashboard. If not, somebody stands in between.'
  fi
  fetch agent.mjs "$STAGE/agent.mjs"
  check agent.mjs "$STAGE/agent.mjs"
  if [ -n "$NODE" ]; then
    cp "$NODE" "$STAGE/node"
  elif [ -x "$OPT/node" ] && [ "$(sha256 "$OPT/node")" = "$(wanted "node-$PLATFORM")" ]; then
    say 'Node is there already'
    cp "$OPT/node" "$STAGE/node"
  else
    fetch_node
  fi
  if [ -n "$(wanted release.json)" ]; then
    fetch release.json "$STAGE/release.json"
    check release.json "$STAGE/release.json"
    chmod 0644 "$STAGE/release.json"
  fi
  echo "$VERSION" >"$STAGE/version"
  if is_higher; then keep_installed; fi
  chmod 0755 "$STAGE/node"
}

# While an upgrade is on trial, what counts is the version before it: the trial ends with this installation.
installed() {
  if [ -e "$OPT/trial" ] && [ -e "$OPT/previous/$1" ]; then echo "$OPT/previous/$1"; else echo "$OPT/$1"; fi
}

# in_manifest NAME FILE: number or key of a release.
in_manifest() { sed -n 's/.*"'"$1"'": *"\{0,1\}\([A-Za-z0-9_-]*\).*/\1/p' "$2" | head -n 1; }

# What is installed is the whole of a higher release than the server offers, and takes releases of the same key.
is_higher() {
  manifest=$(installed release.json)
  [ -s "$manifest" ] || return 1
  offered=0
  if [ -e "$STAGE/release.json" ]; then offered=$(in_manifest serial "$STAGE/release.json"); fi
  serial=$(in_manifest serial "$manifest")
  [ "${serial:-0}" -gt "${offered:-0}" ] 2>/dev/null || return 1
  [ -z "$RELEASE_KEY" ] || [ "$(in_manifest key "$manifest")" = "$RELEASE_KEY" ] || return 1
  for name in agent.mjs node; do
    [ -s "$(installed $name)" ] && grep -q "\"$(sha256 "$(installed $name)")\"" "$manifest" || return 1
  done
}

# The number of a release only rises: a line that an older server gives out is no way back.
keep_installed() {
  say "release number $serial is installed, which is higher than what the server offers: the program stays, the rest is renewed"
  for name in agent.mjs node version release.json; do cp "$(installed $name)" "$STAGE/$name"; done
}

fetch_node() {
  [ -n "$(wanted "node-$PLATFORM.gz")" ] ||
    die "this server has no Node for $PLATFORM" 'Install Node 26 or later here and add --node "$(command -v node)" to the line.'
  if [ -z "$FROM" ]; then say "downloading Node for $PLATFORM (about 50 MB)"; fi
  fetch "node-$PLATFORM.gz" "$STAGE/node.gz"
  check "node-$PLATFORM.gz" "$STAGE/node.gz"
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
  if command -v sha256sum >/dev/null; then
    sha256sum "$1" | cut -c 1-64
  elif command -v shasum >/dev/null; then
    shasum -a 256 "$1" | cut -c 1-64
  else
    openssl dgst -sha256 "$1" | sed 's/.* //'
  fi
}

wanted() { awk -v name="$1" '$2 == name { print $1 }' "$tmp/sha256sums"; }

# check NAME FILE
check() {
  [ "$(sha256 "$2")" = "$(wanted "$1")" ] ||
    die "$1 has not the checksum that the server says" 'The download was cut or changed on the way; nothing was installed. Run the line again.'
}

# Folders that were not there before are remembered, for the day of the removal.
make_folder() {
  [ -d "$ROOT$1" ] && return 0
  make_folder "$(dirname "$1")"
  mkdir -m 0755 "$ROOT$1"
  echo "folder $1" >>"$tmp/made"
}

check_download() {
  [ "$TLS" != none ] || is_loopback || [ -n "$SUMS$FROM" ] ||
    die 'over plain text the downloads can be changed on the way' 'Add --sums from the line in the dashboard.'
}
