/** What can be told at every tick without a memory of the last: uptime, load, file systems, how many processes. */
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import type { Collector } from '../../collectors/collector.ts';
import { fileSystemSamples } from '../../collectors/filesystem/filesystem.ts';
import type { Host } from '../../host.ts';

function collector(name: string, samplesOf: (host: Host) => readonly Sample[]): Collector<null> {
  return {
    name,
    platforms: ['win32', 'darwin'],
    collect: (host) => ({ samples: samplesOf(host), state: null }),
  };
}

export const uptime = collector('uptime', ({ system }) =>
  system === null ? [] : [{ metric: 'system.uptime', instance: '', value: system.uptimeSeconds() }],
);

export const load = collector('load', ({ system }) => {
  const averages = system?.loadAverages() ?? null;
  if (averages === null) return [];
  const [one, five, fifteen] = averages;
  return [
    { metric: 'load.1m', instance: '', value: one },
    { metric: 'load.5m', instance: '', value: five },
    { metric: 'load.15m', instance: '', value: fifteen },
  ];
});

/** NTFS has no fixed number of inodes, and APFS makes up one of several billions. */
const NO_INODES = { inodesTotal: 0, inodesFree: 0 } as const;

export const filesystem = collector('filesystem', (host) =>
  (host.system?.told().volumes ?? []).flatMap(({ name, path }) => {
    const figures = host.fileSystem(path);
    return figures === null ? [] : fileSystemSamples(name, { ...figures, ...NO_INODES });
  }),
);

export const processCount = collector('process-count', ({ system }) => {
  const count = system?.told().counters?.value.processes ?? null;
  return count === null ? [] : [{ metric: 'system.processes', instance: '', value: count }];
});
