#!/bin/sh
# Runs a command as the user of the service, without groups of its own: as-agent COMMAND [ARGUMENT …].
set -eu
OPT=/opt/muster-agent
case "$(uname -s)" in
  # Accounts of services begin with an underscore there.
  Darwin) USER_NAME=_muster-agent ;;
  *) USER_NAME=muster-agent ;;
esac

uid=$(id -u "$USER_NAME")
gid=$(id -g "$USER_NAME")
if [ "$(id -u)" -eq "$uid" ]; then exec "$@"; fi
if [ "$(id -u)" -ne 0 ]; then
  echo "muster-agent: only root or $USER_NAME may do that; try it with sudo" >&2
  exit 77
fi
# su, runuser and setpriv differ from system to system; the Node that is here anyway does not.
# shellcheck disable=SC2016
LD_LIBRARY_PATH=$OPT/lib exec "$OPT/node" --no-warnings --max-semi-space-size=1 -e '
const [uid, gid, command, ...rest] = process.argv.slice(1);
process.chdir("/");
process.setgroups([]);
process.setgid(Number(gid));
process.setuid(Number(uid));
process.execve(command, [command, ...rest], process.env);
' -- "$uid" "$gid" "$@"
