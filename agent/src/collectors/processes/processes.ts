/** Processes that run or wait for a disk at this moment, and context switches since boot. */
import type { MetricName, Sample } from '@muster/shared/metrics/catalogue.ts';
import type { Collector } from '../collector.ts';
import { type ProcStatFigure, procStatFigure } from '../proc-stat.ts';

export const processes: Collector<null> = {
  name: 'processes',
  platforms: ['linux'],
  collect(host) {
    const text = host.readText('/proc/stat');
    if (text === null) return { samples: [], state: null };
    const samples: Sample[] = [];
    for (const { metric, figure } of REPORTED) {
      const value = procStatFigure(text, figure);
      if (value !== null) samples.push({ metric, instance: '', value });
    }
    return { samples, state: null };
  },
};

const REPORTED = [
  { metric: 'system.processes.running', figure: 'procs_running' },
  { metric: 'system.processes.blocked', figure: 'procs_blocked' },
  { metric: 'system.contextswitches', figure: 'ctxt' },
] as const satisfies readonly { metric: MetricName; figure: ProcStatFigure }[];
