/** Which of the services that start with a Windows machine run. */
import type { Collector } from '../../collectors/collector.ts';
import { instanceText } from '../../collectors/instance.ts';
import { SERVICES_MAX } from '../../collectors/services/services.ts';

/** Seen running by this agent: one that never ran may have been meant to end. */
export const services: Collector<ReadonlySet<string>> = {
  name: 'services',
  platforms: ['win32'],
  collect({ system }, previous) {
    const states = system?.told().services?.value ?? null;
    if (states === null) return { samples: [], state: previous ?? new Set() };
    const watched = states
      .filter(({ name, running }) => running || (previous?.has(name) ?? false))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .slice(0, SERVICES_MAX);
    return {
      samples: watched.map(({ name, running }) => ({
        metric: 'service.running',
        instance: instanceText(name),
        value: running ? 1 : 0,
      })),
      state: new Set(watched.map(({ name }) => name)),
    };
  },
};
