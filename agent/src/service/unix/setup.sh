# What an installer and `muster-agent configure` share: settings, the configuration file, and the wait for the connection. Part of
# both; they say NAME, ROOT, OPT, ETC, DATA, WEB and the settings.

no_settings() {
  SERVER='' TOKEN='' TOKEN_FILE='' SERVER_KEY='' TLS='' TLS_PIN='' INSECURE='' WITNESS='' CHECKS='' CA='' PROXY='' NO_START=''
  # What is said at the end was done.
  INSTALLED=installed ENROLLED=enrolled
}

# Whatever goes into the configuration is checked by its letters, so that nothing in it needs quoting.
take_setting() {
  case "$1" in
    --server)
      SERVER=${2%/}
      valid "$1" "$SERVER" '^(https?|wss?)://[]A-Za-z0-9.:[-]+$' 'an address such as https://muster.example:8420'
      ;;
    --token-file)
      TOKEN_FILE=$2
      [ "$2" = - ] || [ -r "$2" ] || die "--token-file: $2 cannot be read" ''
      ;;
    --server-key) SERVER_KEY=$2 && valid "$1" "$2" '^[A-Za-z0-9_-]{43}$' 'base64url of 32 bytes' ;;
    --checks) CHECKS=$2 && valid "$1" "$2" '^(network|loopback|off)$' 'network, loopback or off' ;;
    --tls) TLS=$2 && valid "$1" "$2" '^(direct|proxy|none)$' 'direct, proxy or none' ;;
    --tls-pin) TLS_PIN=${2#sha256//} && valid "$1" "$TLS_PIN" '^[A-Za-z0-9+/]{43}=$' 'base64 of a SHA-256' ;;
    --ca)
      CA=$2
      [ -r "$2" ] || die "--ca: $2 cannot be read" ''
      ;;
    --proxy)
      PROXY=${2%/}
      # Not shown: a password may be in it.
      valid_proxy || die '--proxy is not an address such as http://proxy.example:8080' 'Letters that are special in addresses are written as %XX.'
      ;;
  esac
}

valid() {
  is_line "$2" "$3" || die "$1: \"$2\" is not $4" 'Copy the whole line again.'
}

valid_proxy() { is_line "$PROXY" 'none|(http://)?[]A-Za-z0-9.:@%_~!*+=,;[-]+'; }

# is_line TEXT PATTERN
is_line() {
  printf '%s\n' "$1" | grep -Eqx -e "$2" && [ "$(printf '%s\n' "$1" | wc -l)" -eq 1 ]
}

refuse_token_argument() {
  die 'a token as an argument would stand on the list of processes' 'Give it with --token-file FILE, or on standard input with --token-file -'
}

# Of standard input where the file is "-".
read_token_file() {
  if [ "$TOKEN_FILE" = - ]; then token=$(cat); else token=$(cat "$TOKEN_FILE"); fi
}

# Not shown where it is wrong: messages are kept in logs.
take_token() {
  is_line "$1" '[A-Za-z0-9_-]{8,128}' || die 'what was given is no enrolment token' 'Make one with "Add a machine" in the dashboard, and give it whole.'
  TOKEN=$1
}

say() { echo "muster: $1"; }

# die WHAT WHAT-TO-DO
die() {
  echo "muster: $1" >&2
  [ -z "$2" ] || echo "muster: $2" >&2
  exit 1
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
  # What the owner of the machine forbade is not allowed again by a line from the dashboard.
  if [ -z "$CHECKS" ] && [ -s "$ETC/config.json" ]; then CHECKS=$(configured checks); fi
  # What was given before and not used yet stays.
  if [ -z "$TOKEN" ] && [ -s "$ETC/config.json" ] && [ "$(configured serverKey)" = "$SERVER_KEY" ]; then
    TOKEN=$(configured token)
  fi
  [ -n "$SERVER_KEY" ] || die '--server-key is missing' 'Copy the whole line from "Add a machine" in the dashboard.'
  [ -n "$TOKEN" ] || is_enrolled ||
    lacks_token 'the enrolment token' 'Make a line with "Add a machine" in the dashboard.'
  case "$WEB" in
    https:*) [ "$TLS" != none ] || die '--tls none does not go with https' '' && TLS=${TLS:-direct} ;;
    *)
      [ "${TLS:-none}" = none ] || die "--tls $TLS does not go with http" ''
      TLS=none
      [ -z "$TLS_PIN" ] || die '--tls-pin does not go with http' ''
      is_loopback || [ -n "$INSECURE" ] || die "plain text to another machine ($WEB): everybody on the way can read along" 'Use https, or add --insecure.'
      ;;
  esac
}

# With this very server; a key of one's own is made at the first start already.
is_enrolled() { [ -n "$SERVER_KEY" ] && grep -q "\"enrolledWith\": \"$SERVER_KEY\"" "$DATA/identity.json" 2>/dev/null; }

# lacks_token WHAT WHAT-TO-DO
lacks_token() {
  other=$(sed -n 's/.*"enrolledWith": "\([A-Za-z0-9_-]*\)".*/\1/p' "$DATA/identity.json" 2>/dev/null) || true
  [ -z "$other" ] || [ "$other" = "$SERVER_KEY" ] ||
    die "this machine is enrolled with another server: with the one whose key is $other, and --server-key is $SERVER_KEY" \
      'Is the key a slip? For a move to another server it needs a token of that server, from "Add a machine".'
  die "$1 is missing, and this machine is not enrolled yet" "$2"
}

configured() { sed -n "s/^  \"$1\": \"\(.*\)\",\{0,1\}\$/\1/p" "$ETC/config.json"; }

is_loopback() { printf '%s\n' "$WEB" | grep -Eq '^https?://(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?$'; }

# put FILE MODE: the content comes on standard input.
put() {
  cat >"$1" || die "$1 could not be written" 'Is the disk full?'
  chmod "$2" "$1"
}

# By number: in an image the names are not those of this machine.
find_user() {
  AGENT_UID=$(sed -n "s/^$NAME:[^:]*:\([0-9]*\):.*/\1/p" "$ROOT/etc/passwd")
  AGENT_GID=$(sed -n "s/^$NAME:[^:]*:\([0-9]*\):.*/\1/p" "$ROOT/etc/group")
  [ -n "$AGENT_UID" ] && [ -n "$AGENT_GID" ] || die "the user $NAME has no group of the same name" "Make one: groupadd $NAME"
}

# One setting a line: prepare and uninstall read it without a JSON parser.
write_config() {
  [ -d "$ETC" ] || mkdir "$ETC"
  chmod 0750 "$ETC"
  chown "0:$AGENT_GID" "$ETC"
  if [ -n "$CA" ]; then
    # It may be the very file that is there.
    put "$ETC/ca.pem.new" 0644 <"$CA"
    mv -f "$ETC/ca.pem.new" "$ETC/ca.pem"
  fi
  (
    umask 077
    {
      echo '{'
      echo "  \"server\": \"$(printf '%s' "$WEB" | sed 's/^http/ws/')\","
      echo "  \"serverKey\": \"$SERVER_KEY\","
      [ -z "$TLS_PIN" ] || echo "  \"tlsPin\": \"$TLS_PIN\","
      [ -z "$PROXY" ] || echo "  \"proxy\": \"$PROXY\","
      [ ! -s "$ETC/ca.pem" ] || echo "  \"ca\": \"${ETC#"$ROOT"}/ca.pem\","
      [ -z "$TOKEN" ] || echo "  \"token\": \"$TOKEN\","
      [ -z "$INSECURE" ] || [ "$TLS" != none ] || echo '  "insecure": true,'
      [ -z "$WITNESS" ] || echo '  "witness": true,'
      [ -z "$CHECKS" ] || echo "  \"checks\": \"$CHECKS\","
      echo "  \"tls\": \"$TLS\","
      echo "  \"dataDir\": \"${DATA#"$ROOT"}\""
      echo '}'
    } >"$ETC/config.json.new"
  ) || die "$ETC/config.json could not be written" 'Is the disk full?'
  chown "0:$AGENT_GID" "$ETC/config.json.new"
  chmod 0640 "$ETC/config.json.new"
  mv -f "$ETC/config.json.new" "$ETC/config.json"
  # Under SELinux files made elsewhere may keep the label of the place where they were made.
  if [ -z "$ROOT" ] && command -v restorecon >/dev/null; then restorecon -RF "$OPT" "$ETC" "$DATA" || true; fi
}

restart_and_wait() {
  "$OPT/$NAME" stop || say 'the agent could not be stopped'
  start_and_wait
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
      say "machine $(uname -n) $ENROLLED, visible at $WEB"
      say 'muster-agent status | doctor | show | uninstall'
      ;;
    10) say "machine $(uname -n) $ENROLLED and waits for an administrator to let it in at $WEB" ;;
    11)
      echo "muster: $INSTALLED, but not connected: $(printf '%s\n' "$problem" | head -n 1)" >&2
      printf '%s\n' "$problem" | sed -n '2,$s/^/muster: /p' >&2
      say 'the agent goes on trying; see: muster-agent doctor'
      exit 2
      ;;
    *)
      echo "muster: $INSTALLED, but the agent does not run. Its last messages:" >&2
      "$OPT/muster-agent" log >&2 || true
      exit 3
      ;;
  esac
}
