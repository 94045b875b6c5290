/** Processes that run or wait for a disk at this moment, and context switches since boot. */
import type { MetricName, Sample } from '@muster/shared/metrics/catalogue.ts';
import type { Collector } from '../collector.ts';
import { parseProcStat } from '../proc-stat.ts';

export const processes: Collector<null> = {
  name: 'processes',
  platforms: ['linux'],
  collect(host) {
    const text = host.readText('/proc/stat');
    if (text === null) return { samples: [], state: null };
    const stat = parseProcStat(text);
    const samples: Sample[] = [];
    const add = (metric: MetricName, value: number | null): void => {
      if (value !== null) samples.push({ metric, instance: '', value });
    };
    add('system.processes.running', stat.processesRunning);
    add('system.processes.blocked', stat.processesBlocked);
    add('system.contextswitches', stat.contextSwitches);
    return { samples, state: null };
  },
};
