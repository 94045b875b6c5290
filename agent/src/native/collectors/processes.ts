/** Processes that run or wait for a disk (macOS), and context switches (Windows), each reading of the helper once. */
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Collector } from '../../collectors/collector.ts';
import { isNews } from '../system.ts';

/** When the reading that was told last was taken. */
export const processes: Collector<Millis | null> = {
  name: 'processes',
  platforms: ['win32', 'darwin'],
  collect({ system }, toldAtMs) {
    const reading = system?.told().counters ?? null;
    if (reading === null || !isNews(reading, toldAtMs)) return { samples: [], state: toldAtMs };
    const { processesRunning, processesBlocked, contextSwitches } = reading.value;
    const values: readonly (readonly [MetricName, number | null])[] = [
      ['system.processes.running', processesRunning],
      ['system.processes.blocked', processesBlocked],
      ['system.contextswitches', contextSwitches],
    ];
    return {
      samples: values.flatMap(([metric, value]) => (value === null ? [] : [{ metric, instance: '', value }])),
      state: reading.atMs,
    };
  },
};
