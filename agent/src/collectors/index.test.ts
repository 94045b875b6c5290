import { INSTANCE_BYTES_MAX } from '@muster/shared/wire/limits.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import { createFakeHost } from '../host-fake.ts';
import type { RegisteredCollector } from './collector.ts';
import { COLLECTORS, collectAll } from './index.ts';
import { instanceText } from './instance.ts';

test('[CO5] a collector that fails gives one error that names it, the others go on, and it starts afresh', () => {
  const host = createFakeHost({ files: { '/proc/loadavg': 'broken', '/proc/uptime': '10.00 20.00\n' } });
  const states = new Map<string, unknown>([['load', 'old']]);
  const result = collectAll(host, states, []);
  expect(result.errors).toEqual([{ collector: 'load', detail: '/proc/loadavg: "broken" is not a number' }]);
  expect(result.samples).toContainEqual({ metric: 'system.uptime', instance: '', value: 10 });
  expect(states.has('load')).toBe(false);
});

test.each([
  ['/proc/stat', 'cpu  1 2 x 4\n', 'cpu'],
  ['/proc/pressure/io', 'some avg10=0.00\n', 'pressure'],
  ['/proc/meminfo', 'Buffers: 12 kB\n', 'memory'],
  ['/proc/diskstats', '8 0 sda 1 2 3 4 5 6 7 8 9 10 z\n', 'disk'],
  ['/proc/net/dev', 'a\nb\neth0: 1 2 3\n', 'network'],
  ['/proc/1/mountinfo', '22 1 8:2 / / rw,relatime ext4\n', 'filesystem'],
  ['/proc/uptime', 'soon\n', 'uptime'],
])('[CO5] %s that cannot be understood is an error of its collector', (path, content, collector) => {
  const { errors } = collectAll(createFakeHost({ files: { [path]: content } }), new Map(), []);
  expect(errors.map((error) => error.collector)).toContain(collector);
});

test('[CO5] on a machine without any of the sources there are no errors', () => {
  const { errors, samples } = collectAll(createFakeHost(), new Map(), []);
  expect(errors).toEqual([]);
  expect(samples.map((sample) => sample.metric)).toEqual(['agent.cpu', 'agent.memory']);
});

test('[CO6] values are rounded to the decimals of the catalogue, and there is no minus zero', () => {
  const result = collectWith([
    { metric: 'load.1m', instance: '', value: 0.125 },
    { metric: 'memory.used', instance: '', value: 1024.4 },
    { metric: 'temperature', instance: 'a', value: -0.04 },
  ]);
  expect(result.samples.map((sample) => sample.value)).toEqual([0.13, 1024, 0]);
  expect(result.errors).toEqual([]);
});

test.each<[string, Sample[], string]>([
  [
    'not finite',
    [{ metric: 'load.1m', instance: '', value: Number.NaN }],
    'load.1m: value NaN is not finite',
  ],
  [
    'an instance too many',
    [{ metric: 'load.1m', instance: 'x', value: 1 }],
    'load.1m x: instance does not fit the metric',
  ],
  [
    'an instance missing',
    [{ metric: 'disk.read', instance: '', value: 1 }],
    'disk.read: instance does not fit the metric',
  ],
  [
    'an instance too long',
    [{ metric: 'disk.read', instance: '中'.repeat(86), value: 1 }],
    'longer than 256 bytes',
  ],
])('[CO6] a sample with %s is an error and is not sent', (_, samples, detail) => {
  const result = collectWith(samples);
  expect(result.samples).toEqual([]);
  expect(result.errors).toHaveLength(1);
  expect(result.errors[0]?.detail).toContain(detail);
});

test('[CO6] a series appears once in a tick', () => {
  const sample: Sample = { metric: 'load.1m', instance: '', value: 1 };
  const result = collectWith([sample, { ...sample, value: 2 }]);
  expect(result.samples).toEqual([sample]);
  expect(result.errors).toEqual([{ collector: 'made-up', detail: 'load.1m: appears twice' }]);
});

test('[CO7] an instance text is at most 256 bytes, whole characters, no control characters, and stays as it is where it can', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
      const instance = instanceText(text);
      const bytes = new TextEncoder().encode(instance);
      expect(bytes.length).toBeLessThanOrEqual(INSTANCE_BYTES_MAX);
      expect(new TextDecoder('utf-8', { fatal: true }).decode(bytes)).toBe(instance);
      expect(instance).not.toMatch(/\p{Cc}/u);
    }),
  );
  expect(instanceText('/mnt/资料 1')).toBe('/mnt/资料 1');
  expect(instanceText('/mnt/a\nb')).toBe('/mnt/a\ufffdb');
});

test('[CO7] two long paths with the same beginning stay two instances', () => {
  const common = `/srv/${'long/'.repeat(80)}`;
  expect(instanceText(`${common}a`)).not.toBe(instanceText(`${common}b`));
  expect(instanceText(`${common}a`)).toMatch(/^\/srv\/long\/.*~[0-9a-f]{8}$/);
});

test('[CO8] a collector that is switched off, or made for another system, does not run and forgets', () => {
  const host = createFakeHost({ files: { '/proc/loadavg': '1 2 3\n', '/proc/uptime': '9 9\n' } });
  const states = new Map<string, unknown>([['load', null]]);
  const names = collectAll(host, states, ['load']).samples.map((sample) => sample.metric);
  expect(names).not.toContain('load.1m');
  expect(names).toContain('system.uptime');
  expect(states.has('load')).toBe(false);
  const windows = collectAll(
    createFakeHost({ platform: 'win32', files: { '/proc/uptime': '9 9\n' } }),
    new Map(),
    [],
  );
  expect(windows.samples.map((sample) => sample.metric)).toEqual(['agent.cpu', 'agent.memory']);
});

test('[CO9] the flight recorder gets its own series only, and its collectors alone run', () => {
  const host = createFakeHost({ files: { '/proc/loadavg': '1 2 3 4/5 6\n', '/proc/uptime': '9 9\n' } });
  const { samples } = collectAll(host, new Map(), [], 'flight');
  expect(samples).toEqual([{ metric: 'load.1m', instance: '', value: 1 }]);
  expect(host.reads).not.toContain('/proc/uptime');
});

test('[CO10] a file is read once per tick, whoever asks for it', () => {
  const host = createFakeHost({ files: { '/proc/stat': 'cpu  1 2 3 4\nctxt 5\n' } });
  collectAll(host, new Map(), []);
  expect(host.reads.filter((path) => path === '/proc/stat')).toHaveLength(1);
  collectAll(host, new Map(), []);
  expect(host.reads.filter((path) => path === '/proc/stat')).toHaveLength(2);
});

test('[CO10] no collector starts a program', () => {
  const host = createFakeHost({ files: { '/proc/uptime': '9 9\n' } });
  let started = 0;
  const run: typeof host.run = (...words) => {
    started++;
    return host.run(...words);
  };
  collectAll({ ...host, run }, new Map(), []);
  expect(started).toBe(0);
});

test('[CO1] collector names are unique and fit the configuration message', () => {
  const names = COLLECTORS.map((collector) => collector.name);
  expect(new Set(names).size).toBe(names.length);
  expect(Math.max(...names.map((name) => name.length))).toBeLessThanOrEqual(32);
});

function collectWith(samples: readonly Sample[]) {
  const madeUp: RegisteredCollector = {
    name: 'made-up',
    platforms: ['linux'],
    flight: false,
    collect: () => ({ samples, state: null }),
  };
  return collectAll(createFakeHost(), new Map(), [], 'all', [madeUp]);
}
