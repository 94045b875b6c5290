#!/bin/sh
# Runs the agent in the foreground, as the service does: its own Node, a small heap, no inherited environment.
set -eu
OPT=/opt/muster-agent
CONFIG=/etc/muster-agent/config.json

# As on Linux: interpreter only, no helper threads, a small young generation, no authorities loaded ahead, no debugger by a signal.
flags='--lite-mode --max-semi-space-size=1 --max-old-space-size=96 --v8-pool-size=0 --single-threaded --no-incremental-marking --no-memory-pool --use-openssl-ca --disable-sigusr1'

# Without an install folder the agent offers no upgrade over the connection: there is nothing here yet that would take one back.
# shellcheck disable=SC2086
exec env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin LANG=en_US.UTF-8 UV_THREADPOOL_SIZE=8 \
  "$OPT/node" $flags "$OPT/agent.mjs" "${@:-run}" --config "$CONFIG" ${MUSTER_LOG_TIMES:+--log-times}
