# Where everything lies. Part of scripts.
ROOT=''
OPT=/opt/$NAME ETC=/etc/$NAME DATA=/var/lib/$NAME
