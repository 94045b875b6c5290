#!/bin/sh
# Runs the agent in the foreground, as the service does: its own Node, a small heap, no inherited environment.
set -eu
OPT=/opt/muster-agent
CONFIG=/etc/muster-agent/config.json
CA=/etc/muster-agent/ca.pem

# The machine's own authorities cost 3 MiB of memory; a pinned key or plain text has no use for them.
authorities=
if [ ! -r "$CONFIG" ] || { grep -q '"server": "\(wss\|https\):' "$CONFIG" && ! grep -q '"tlsPin"' "$CONFIG"; }; then
  authorities=--use-system-ca
fi
extra_ca=
if [ -r "$CA" ]; then extra_ca="NODE_EXTRA_CA_CERTS=$CA"; fi

# Interpreter only, no helper threads, a small young generation, garbage collected at once and not bit by bit: 18 MiB less than Node's defaults for 5 ms of CPU a
# minute. The old generation is not cut to size: a large inventory must fit. Without WebAssembly there is
# no global fetch; the agent has no use for it.
flags='--lite-mode --max-semi-space-size=1 --max-old-space-size=96 --v8-pool-size=0 --single-threaded --no-incremental-marking'

# Neither a proxy nor NODE_OPTIONS of whoever typed the command may change what runs here.
exec env -i \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
  LD_LIBRARY_PATH="$OPT/lib" MALLOC_ARENA_MAX=2 UV_THREADPOOL_SIZE=2 $extra_ca \
  "$OPT/node" $flags $authorities \
  "$OPT/agent.mjs" "${@:-run}" --config "$CONFIG"
