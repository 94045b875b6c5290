/** How many processes there are. */
import type { Host } from '../../host.ts';
import type { Collector } from '../collector.ts';

/** Apart from `processes` because it walks /proc, which the flight recorder's short interval should not pay for. */
export const processCount: Collector<null> = {
  name: 'process-count',
  platforms: ['linux'],
  collect(host) {
    const count = processIds(host).length;
    return {
      samples: count === 0 ? [] : [{ metric: 'system.processes', instance: '', value: count }],
      state: null,
    };
  },
};

/** Numbers of all processes (threads are not among them), as text, not in numeric order. */
export function processIds(host: Host): string[] {
  return host.list('/proc').filter((name) => /^\d+$/.test(name));
}
