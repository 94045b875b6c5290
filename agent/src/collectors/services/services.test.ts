import { expect, test } from 'vitest';
import { createFakeHost, type FakeHost } from '../../host-fake.ts';
import { services, SERVICES_MAX } from './services.ts';

const WANTS = '/etc/systemd/system/multi-user.target.wants';
const SLICE = '/sys/fs/cgroup/system.slice';

function machine(units: readonly string[]): FakeHost {
  return createFakeHost({
    files: Object.fromEntries([
      [`${SLICE}/cgroup.events`, 'populated 1\n'],
      ...units.flatMap((unit) => [
        [`${WANTS}/${unit}.service`, ''],
        [`${SLICE}/${unit}.service/cgroup.procs`, '1\n'],
      ]),
    ]),
  });
}
const shown = (samples: ReturnType<typeof services.collect>['samples']) =>
  Object.fromEntries(samples.map(({ instance, value }) => [instance, value]));

test('[CO47] a service that died says so until it runs again, and one that is switched off drops out', () => {
  const host = machine(['cron', 'nginx']);
  const first = services.collect(host, null);
  expect(shown(first.samples)).toEqual({ cron: 1, nginx: 1 });
  host.setFile(`${SLICE}/nginx.service/cgroup.procs`, null);
  const second = services.collect(host, first.state);
  expect(shown(second.samples)).toEqual({ cron: 1, nginx: 0 });
  host.setFile(`${WANTS}/nginx.service`, null);
  expect(shown(services.collect(host, second.state).samples)).toEqual({ cron: 1, nginx: 0 });
  host.advance(60_000);
  expect(shown(services.collect(host, second.state).samples)).toEqual({ cron: 1 });
});

test('[CO47] of very many services the first by name are watched', () => {
  const names = Array.from({ length: 200 }, (_, i) => `unit${String(i).padStart(3, '0')}`);
  const { samples } = services.collect(machine(names), null);
  expect(samples).toHaveLength(SERVICES_MAX);
  expect(samples[0]?.instance).toBe('unit000');
});
