#!/bin/sh
# `muster-agent configure`: says which server an installed agent belongs to, without a question, and starts it.
set -eu
NAME=muster-agent
CONNECT_S_MAX=15

usage() {
  cat <<EOF
Says which server this agent belongs to, and starts it. The enrolment token comes on standard input or from a file: an argument would
stand on the list of processes. A machine that is enrolled needs none.

  echo TOKEN | muster-agent configure --server URL --server-key K

  --server URL          address of the server, as in the dashboard
  --server-key K        the server's identity key
  --token-file FILE     takes the token from a file, which stays
  --tls MODE            where TLS ends: direct (at the server), proxy (before it), none
  --tls-pin PIN         base64 of the SHA-256 of the certificate's public key
  --ca FILE             certificate (PEM) of your own authority
  --proxy URL           HTTP proxy, http://host:port, or none
  --proxy-file FILE     takes the address from a file; for http://user:password@host:port
  --insecure            allows plain text to another machine
  --witness             may be asked whether a silent neighbour on its own network is there
  --checks REACH        whom checks may reach: network (other machines, as without it), loopback (this one too), off
  --no-start            leaves it to the next boot
EOF
}

@FILE setup.sh@

@FILE places.sh@

main() {
  umask 022
  read_arguments "$@"
  [ -n "$SERVER" ] || die '--server is missing' 'See: muster-agent configure --help'
  [ -n "$SERVER_KEY" ] || die '--server-key is missing' 'See: muster-agent configure --help'
  INSTALLED=configured
  if is_enrolled; then ENROLLED=connected; fi
  if [ -n "$TOKEN_FILE" ] || ! is_enrolled; then read_token; fi
  settle_settings
  find_user
  write_config
  if [ -n "$NO_START" ]; then
    say "it belongs to $WEB now, and starts with the machine"
  else
    restart_and_wait
  fi
}

read_arguments() {
  no_settings
  while [ $# -gt 0 ]; do
    case "$1" in
      --insecure) INSECURE=1 ;;
      --witness) WITNESS=1 ;;
      --no-start) NO_START=1 ;;
      --help | -h)
        usage
        exit 0
        ;;
      --token | --token=*) refuse_token_argument ;;
      --proxy-file)
        [ $# -gt 1 ] || die "$1 needs a value" ''
        [ -r "$2" ] || die "--proxy-file: $2 cannot be read" ''
        take_setting --proxy "$(cat "$2")"
        shift
        ;;
      --server | --token-file | --server-key | --tls | --tls-pin | --ca | --proxy | --checks)
        case "$1 ${2:-}" in
          '--proxy '*@*) die 'a password as an argument would stand on the list of processes' 'Give the address with --proxy-file FILE.' ;;
        esac
        [ $# -gt 1 ] || die "$1 needs a value" ''
        take_setting "$1" "$2"
        shift
        ;;
      *) die "\"$1\" is no option" 'See: muster-agent configure --help' ;;
    esac
    shift
  done
}

read_token() {
  if [ -n "$TOKEN_FILE" ]; then
    read_token_file
  elif [ -t 0 ]; then
    printf 'Enrolment token: ' >&2
    stty -echo
    read -r token || true
    stty echo
    echo >&2
  else
    token=$(cat)
  fi
  [ -n "$token" ] || lacks_token 'the enrolment token' 'Make one with "Add a machine" in the dashboard, and give it on standard input.'
  take_token "$token"
}

main "$@"
