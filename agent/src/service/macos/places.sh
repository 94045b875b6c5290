# Where everything lies, and how launchd and the directory are asked. Part of scripts.
ROOT=''
OPT=/opt/$NAME ETC=/etc/$NAME DATA=/var/db/$NAME
STAGE=$OPT.new
LABEL=org.muster.agent
DEFINITION=/Library/LaunchDaemons/$LABEL.plist
# As ExitTimeOut of the definition, and a little more.
STOP_S_MAX=15
LOG=/var/log/$NAME.log
USER_NAME=_$NAME
# By this the uninstaller knows an account that was made here.
COMMENT='Muster agent'

is_loaded() { launchctl print "system/$LABEL" >/dev/null 2>&1; }

# Gone from launchd until the next start or boot; kept alive, it would come back at once otherwise. What is asked of launchd while it
# is still at it fails.
stop_service() {
  is_loaded || return 0
  launchctl bootout "system/$LABEL" || true
  waited=0
  while is_loaded && [ "$waited" -lt "$STOP_S_MAX" ]; do
    sleep 1
    waited=$((waited + 1))
  done
}

# In the place of the one for systems with /etc/passwd.
find_user() {
  AGENT_UID=$(account "/Users/$USER_NAME" UniqueID)
  AGENT_GID=$(account "/Users/$USER_NAME" PrimaryGroupID)
  [ -n "$AGENT_UID" ] && [ -n "$AGENT_GID" ] || die "the account $USER_NAME could not be made" ''
}

# account RECORD KEY
# A value with a space in it stands on a line of its own.
account() { dscl . -read "$1" "$2" 2>/dev/null | sed -n -e "s/^$2: *\(.\)/\1/p" -e 's/^ //p'; }
