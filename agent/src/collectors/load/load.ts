/** Load averages from /proc/loadavg. */
import type { Collector } from '../collector.ts';
import { numberOf, wordsOf } from '../fields.ts';

export const load: Collector<null> = {
  name: 'load',
  platforms: ['linux'],
  collect(host) {
    const text = host.readText('/proc/loadavg');
    if (text === null) return { samples: [], state: null };
    const averages = parseLoadAverage(text);
    return {
      samples: [
        { metric: 'load.1m', instance: '', value: averages.oneMinute },
        { metric: 'load.5m', instance: '', value: averages.fiveMinutes },
        { metric: 'load.15m', instance: '', value: averages.fifteenMinutes },
      ],
      state: null,
    };
  },
};

/** Mean number of tasks that run, are ready to run or wait for a disk. */
export interface LoadAverage {
  readonly oneMinute: number;
  readonly fiveMinutes: number;
  readonly fifteenMinutes: number;
}

/** proc(5), /proc/loadavg. */
export function parseLoadAverage(text: string): LoadAverage {
  const words = wordsOf(text);
  return {
    oneMinute: numberOf(words[0], '/proc/loadavg'),
    fiveMinutes: numberOf(words[1], '/proc/loadavg'),
    fifteenMinutes: numberOf(words[2], '/proc/loadavg'),
  };
}
