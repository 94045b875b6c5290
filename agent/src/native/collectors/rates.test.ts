import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import { collectAll } from '../../collectors/index.ts';
import { createFakeHost } from '../../host-fake.ts';
import type {
  CoreTimes,
  Counters,
  Dated,
  DiskCounters,
  InterfaceCounters,
  NativeSystem,
  Told,
} from '../system.ts';
import { busyPercent, meanTakenSeconds, passed } from './disk.ts';
import { NATIVE_COLLECTORS } from './index.ts';

const WRAP = 2 ** 32;
const whole = (max: number) => fc.integer({ min: 0, max });

test('[CO51] a counter that goes on, or over the top of its width, moved by what was added', () => {
  fc.assert(
    fc.property(fc.nat({ max: WRAP - 1 }), fc.nat({ max: WRAP / 2 - 1 }), (before, added) => {
      expect(passed(before, (before + added) % WRAP, WRAP)).toBe(added);
      expect(passed(before, before + added, null)).toBe(added);
    }),
  );
});

test('[CO51] a counter that began anew did not move by any known amount', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: WRAP - 1 }), fc.nat(), (before, less) => {
      const now = less % before;
      expect(passed(before, now, null)).toBeNull();
      const wrapped = now + WRAP - before;
      expect(passed(before, now, WRAP)).toBe(wrapped < WRAP / 2 ? wrapped : null);
    }),
  );
});

test('[CO51] mean time per request is never below 0, and 0 for an idle disk', () => {
  const taken = fc.record({
    time: whole(WRAP - 1),
    requests: whole(WRAP - 1),
    perSecond: fc.integer({ min: 1, max: 1e9 }),
    wrapsAt: fc.constantFrom(WRAP, null),
  });
  fc.assert(
    fc.property(taken, taken, (before, now) => {
      const mean = meanTakenSeconds(before, now);
      if (mean !== null) expect(mean).toSatisfy((n: number) => Number.isFinite(n) && n >= 0);
      expect(meanTakenSeconds(before, before)).toBe(0);
      expect(meanTakenSeconds(null, now)).toBeNull();
    }),
  );
  const at = (time: number, requests: number) => ({ time, requests, perSecond: 1_000, wrapsAt: WRAP });
  expect(meanTakenSeconds(at(WRAP - 100, 5), at(400, 10))).toBe(0.1);
  expect(meanTakenSeconds(at(500, 10), at(400, 12))).toBeNull();
});

test('[CO51] a disk is busy between 0 and 100 %, and nothing is known when its clock stands or goes back', () => {
  const idle = fc.record({ time: whole(1e15), of: whole(1e15) });
  fc.assert(
    fc.property(idle, idle, (before, now) => {
      const busy = busyPercent(before, now);
      if (now.of <= before.of || now.time < before.time) expect(busy).toBeNull();
      else expect(busy).toSatisfy((n: number) => n >= 0 && n <= 100);
    }),
  );
  expect(busyPercent({ time: 0, of: 0 }, { time: 70, of: 100 })).toBe(30);
});

interface Fake {
  system: NativeSystem;
  counters: Dated<Counters> | null;
  cores: readonly CoreTimes[];
  services: Told['services'];
}

function fakeSystem(): Fake {
  const fake: Fake = {
    counters: null,
    cores: [],
    services: null,
    system: {
      bootId: 'b',
      machineId: null,
      systemUuid: null,
      uptimeSeconds: () => 1,
      cores: () => fake.cores,
      loadAverages: () => null,
      memoryTotalBytes: () => 100,
      memoryAvailableBytes: () => null,
      told: () => ({ counters: fake.counters, volumes: [], services: fake.services }),
      processes: () => null,
      sections: [],
      inventory: async () => ({}),
    },
  };
  return fake;
}

const DISK: DiskCounters = {
  device: 'disk0',
  readBytes: 1,
  writtenBytes: 1,
  reads: 1,
  writes: 1,
  errors: null,
  taken: null,
  idle: null,
};
const INTERFACE: InterfaceCounters = {
  name: 'en0',
  receivedBytes: 1_000,
  receivedPackets: 1,
  receivedErrors: null,
  receivedDrops: null,
  transmittedBytes: 1_000,
  transmittedPackets: 1,
  transmittedErrors: null,
  transmittedDrops: null,
  up: true,
  bytesPerSecond: 1_000,
};
const NOTHING: Counters = {
  memory: {
    availableBytes: null,
    cachedBytes: null,
    swapTotalBytes: null,
    swapUsedBytes: null,
    swappedInBytes: null,
    swappedOutBytes: null,
  },
  disks: [],
  interfaces: [],
  processes: null,
  processesRunning: null,
  processesBlocked: null,
  contextSwitches: null,
};

function ticking(fake: Fake, platform: 'win32' | 'darwin' = 'win32') {
  const host = createFakeHost({ platform, system: fake.system });
  const states = new Map<string, unknown>();
  return (): Sample[] => {
    const { samples, errors } = collectAll(host, states, []);
    expect(errors).toEqual([]);
    return samples.filter(({ metric }) => !metric.startsWith('agent.') && metric !== 'system.uptime');
  };
}

const names = (samples: readonly Sample[]) => samples.map(({ metric }) => metric);

test('[CO50] a reading is told once per rhythm: the tick that meets it again has no counters', () => {
  const fake = fakeSystem();
  const [regular, live] = [ticking(fake), ticking(fake)];
  expect(names(regular())).toEqual(['memory.total']);
  const disk = ['disk.read', 'disk.written', 'disk.reads', 'disk.writes'];
  fake.counters = { atMs: 10, value: { ...NOTHING, disks: [DISK] } };
  expect(names(regular())).toEqual(['memory.total', ...disk]);
  expect(names(regular())).toEqual(['memory.total']);
  expect(names(live())).toEqual(['memory.total', ...disk]);
  fake.counters = null;
  expect(names(regular())).toEqual(['memory.total']);
  fake.counters = { atMs: 20, value: { ...NOTHING, disks: [DISK] } };
  expect(names(regular())).toEqual(['memory.total', ...disk]);
});

test('[CO51] what went and came again has its counters, and no figure between two readings', () => {
  const fake = fakeSystem();
  const tick = ticking(fake);
  const reading = (atMs: number, interfaces: readonly InterfaceCounters[]) => {
    fake.counters = { atMs, value: { ...NOTHING, interfaces } };
    return names(tick()).filter((name) => name === 'network.utilisation' || name === 'network.received');
  };
  expect(reading(0, [INTERFACE])).toEqual(['network.received']);
  expect(reading(1_000, [{ ...INTERFACE, receivedBytes: 1_500 }])).toEqual([
    'network.received',
    'network.utilisation',
  ]);
  expect(reading(2_000, [])).toEqual([]);
  expect(reading(3_000, [INTERFACE])).toEqual(['network.received']);
  expect(reading(4_000, [{ ...INTERFACE, receivedBytes: 10 }])).toEqual(['network.received']);
});

test('[CO51] a link is in use by its busier direction, between the readings and not the ticks', () => {
  const fake = fakeSystem();
  const tick = ticking(fake);
  fake.counters = { atMs: 0, value: { ...NOTHING, interfaces: [INTERFACE] } };
  tick();
  const later = { ...INTERFACE, receivedBytes: 1_500, transmittedBytes: 3_500 };
  fake.counters = { atMs: 10_000, value: { ...NOTHING, interfaces: [later] } };
  expect(tick()).toContainEqual({ metric: 'network.utilisation', instance: 'en0', value: 25 });
});

const core = (user: number, idle: number): CoreTimes => ({ user, nice: 0, system: user / 2, idle });

test('[CO48] CPU shares are of all cores and of each; another number of cores gives none', () => {
  const fake = fakeSystem();
  const tick = ticking(fake, 'darwin');
  fake.cores = [core(0, 0), core(0, 0)];
  expect(names(tick())).toEqual(['memory.total']);
  fake.cores = [core(40, 40), core(0, 100)];
  expect(tick().slice(0, 5)).toEqual([
    { metric: 'cpu.utilisation', instance: '', value: 30 },
    { metric: 'cpu.user', instance: '', value: 20 },
    { metric: 'cpu.system', instance: '', value: 10 },
    { metric: 'cpu.core.utilisation', instance: '0', value: 60 },
    { metric: 'cpu.core.utilisation', instance: '1', value: 0 },
  ]);
  fake.cores = [core(80, 80)];
  expect(names(tick())).toEqual(['memory.total']);
});

test('[CO53] services are watched from when they were seen running, 64 at the most', () => {
  const fake = fakeSystem();
  const tick = ticking(fake);
  const state = (running: readonly string[], stopped: readonly string[]) => {
    fake.services = {
      atMs: 0,
      value: [
        ...running.map((name) => ({ name, running: true })),
        ...stopped.map((name) => ({ name, running: false })),
      ],
    };
    return tick().flatMap(({ metric, instance, value }) =>
      metric === 'service.running' ? [`${instance} ${value}`] : [],
    );
  };
  expect(state(['b', 'a'], ['c'])).toEqual(['a 1', 'b 1']);
  expect(state(['a'], ['b', 'c'])).toEqual(['a 1', 'b 0']);
  fake.services = null;
  expect(names(tick())).toEqual(['memory.total']);
  expect(state(['c'], ['b'])).toEqual(['b 0', 'c 1']);
  expect(
    state(
      Array.from({ length: 100 }, (_, at) => `s${at}`),
      [],
    ),
  ).toHaveLength(64);
});

test('[CO2] the collectors have names that those of Linux have, each once, and run on both systems or on Windows', () => {
  const own = NATIVE_COLLECTORS.map(({ name }) => name);
  expect(new Set(own).size).toBe(own.length);
  for (const { platforms } of NATIVE_COLLECTORS) expect(platforms).toContain('win32');
});
