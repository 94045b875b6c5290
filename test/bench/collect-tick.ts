/**
 * What one tick of the agent costs on this machine: CPU milliseconds and wall milliseconds of collectAll,
 * of the flight recorder's part and of the top-process list. Run: node test/bench/collect-tick.ts [ticks]
 */
import type { RegisteredCollector } from '@muster/agent/collectors/collector.ts';
import { COLLECTORS, collectAll, type CollectionScope } from '@muster/agent/collectors/index.ts';
import {
  type TopProcessesState,
  topProcesses,
} from '@muster/agent/collectors/top-processes/top-processes.ts';
import { createLinuxHost } from '@muster/agent/host-linux.ts';
import { TOP_PROCESSES_MAX } from '@muster/shared/wire/limits.ts';

const TICKS_DEFAULT = 500;
const WARM_UP_TICKS = 50;

const ticks = Number(process.argv[2] ?? TICKS_DEFAULT);
const host = createLinuxHost();
const states = new Map<string, unknown>();
const { samples, errors } = (collectAll(host, states, []), collectAll(host, states, []));
console.log(
  `${host.list('/proc').filter((name) => /^\d+$/.test(name)).length} processes, ${samples.length} samples in a tick, ${errors.length} errors`,
);
console.log('what                      CPU ms   wall ms');
measure('tick, all', () => void collectAll(host, states, []));
measureScope('flight recorder', 'flight', COLLECTORS);
for (const collector of COLLECTORS) measureScope(`  ${collector.name}`, 'all', [collector]);
let top: TopProcessesState | null = null;
measure('top processes', () => {
  top = topProcesses(host, top, 1_000, TOP_PROCESSES_MAX).state;
});
host.close();

function measureScope(
  label: string,
  scope: CollectionScope,
  collectors: readonly RegisteredCollector[],
): void {
  const own = new Map<string, unknown>();
  measure(label, () => void collectAll(host, own, [], scope, collectors));
}

function measure(label: string, tick: () => void): void {
  for (let i = 0; i < WARM_UP_TICKS; i++) tick();
  const startCpu = process.cpuUsage();
  const startMs = performance.now();
  for (let i = 0; i < ticks; i++) tick();
  const wallMs = (performance.now() - startMs) / ticks;
  const { user, system } = process.cpuUsage(startCpu);
  console.log(
    `${label.padEnd(24)} ${((user + system) / 1_000 / ticks).toFixed(3).padStart(7)} ${wallMs.toFixed(3).padStart(9)}`,
  );
}
