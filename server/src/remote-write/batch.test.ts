import fc from 'fast-check';
import { expect, test } from 'vitest';
import { METRIC_NAMES, METRICS, type MetricName } from '@muster/shared/metrics/catalogue.ts';
import type { TargetFields } from '@muster/shared/api/remote-write.ts';
import type { CiEntry } from '../cmdb/directory.ts';
import type { SeriesIdentity } from '../metrics/store.ts';
import { encodeBatch } from './batch.ts';
import { LabelBook } from './label-book.ts';
import type { QueuedTick } from './outgoing-queue.ts';
import { OUTSIDE_NAMES } from './outside-names.ts';
import { WriteRequestReader } from './write-request.ts';

/** Series n is of machine n / 10. */
const identity = (series: number): SeriesIdentity => ({
  ciId: `ci_${Math.floor(series / 10)}`,
  metric: series % 10 === 0 ? 'cpu.utilisation' : 'disk.read',
  instance: series % 10 === 0 ? '' : `sd${'abcdefghij'[series % 10] ?? ''}`,
});
const entries = new Map(
  Array.from({ length: 20 }, (_, i) => [
    `ci_${i}`,
    { id: `ci_${i}`, name: `host${i}`, class: i % 2 === 0 ? 'Server' : 'Workstation' } as CiEntry,
  ]),
);
const directory = { get: (id: string) => entries.get(id) };
const TARGET: Pick<TargetFields, 'labels' | 'metrics' | 'classes'> = { labels: [], metrics: [], classes: [] };

const bookOf = (target: Partial<TargetFields> = {}) =>
  new LabelBook({ identity, directory, survivorOf: (id) => id, target: { ...TARGET, ...target } });

function decoded(bytes: Buffer) {
  const reader = new WriteRequestReader(bytes);
  const all: { labels: Record<string, string>; names: string[]; samples: [number, number][] }[] = [];
  while (reader.next()) {
    const text = (place: number) => bytes.toString('utf8', reader.labels[place], reader.labels[place + 1]);
    const pairs = Array.from({ length: reader.labelCount }, (_, i) => [text(i * 4), text(i * 4 + 2)]);
    const samples = Array.from({ length: reader.sampleCount }, (_, i): [number, number] => [
      reader.times[i] as number,
      reader.values[i] as number,
    ]);
    all.push({ labels: Object.fromEntries(pairs), names: pairs.map(([name]) => name as string), samples });
  }
  return all;
}

function encode(ticks: readonly [number, readonly number[], readonly number[]][], book = bookOf()) {
  const queued = ticks.map(
    ([atMs, series, values]): QueuedTick => ({ atMs, series, values: Float64Array.from(values) }),
  );
  return encodeBatch(queued, book, (series) => identity(series).ciId);
}

test('[RW30] series go out under stable names with the labels of their machine, sorted', () => {
  const { bytes, samples } = encode(
    [[1_790_000_000_000, [10, 11], [12.5, 4_096]]],
    bookOf({
      labels: [
        { name: 'Zone', value: 'a' },
        { name: 'site', value: '北京' },
        { name: 'ci', value: 'overridden' },
      ],
    }),
  );
  expect(samples).toBe(2);
  const [cpu, disk] = decoded(bytes);
  expect(cpu).toEqual({
    labels: {
      __name__: 'muster_cpu_utilisation_percent',
      Zone: 'a',
      ci: 'ci_1',
      class: 'Workstation',
      name: 'host1',
      site: '北京',
    },
    names: ['Zone', '__name__', 'ci', 'class', 'name', 'site'],
    samples: [[1_790_000_000_000, 12.5]],
  });
  expect(disk?.labels).toMatchObject({ __name__: 'muster_disk_read_bytes_total', instance: 'sdb' });
});

test('[RW30] every metric has one name outside, of the form that Prometheus wants', () => {
  expect(OUTSIDE_NAMES.size).toBe(METRIC_NAMES.length);
  expect(new Set(OUTSIDE_NAMES.values()).size).toBe(METRIC_NAMES.length);
  for (const [metric, name] of OUTSIDE_NAMES) {
    expect(name).toMatch(/^muster_[a-z][a-z0-9_]*[a-z0-9]$/);
    expect([metric, name.endsWith('_total')]).toEqual([metric, METRICS[metric].kind === 'counter']);
  }
  const some = ['load.1m', 'filesystem.inodes.total', 'disk.await', 'agent.cpu', 'temperature'] as const;
  expect(some.map((metric: MetricName) => OUTSIDE_NAMES.get(metric))).toEqual([
    'muster_load_1m',
    'muster_filesystem_inodes',
    'muster_disk_await_seconds',
    'muster_agent_cpu_seconds_total',
    'muster_temperature_celsius',
  ]);
});

test('[RW31] only what the target wants is sent: metrics by pattern, machines by class', () => {
  const ticks: [number, number[], number[]][] = [
    [1, [10, 11], [1, 2]],
    [1, [20, 21], [3, 4]],
  ];
  const names = (target: Partial<TargetFields>) =>
    decoded(encode(ticks, bookOf(target)).bytes).map(
      ({ labels }) => `${labels['name']} ${labels['__name__']}`,
    );
  expect(names({ metrics: ['cpu.*'] })).toEqual([
    'host1 muster_cpu_utilisation_percent',
    'host2 muster_cpu_utilisation_percent',
  ]);
  expect(names({ metrics: ['*.read'], classes: ['Server'] })).toEqual(['host2 muster_disk_read_bytes_total']);
  expect(encode(ticks, bookOf({ metrics: ['none'] }))).toMatchObject({ samples: 0, bytes: Buffer.alloc(0) });
});

test('[RW32] nothing is lost or turned round: each series has its samples in their order', () => {
  const machine = fc.nat(5);
  const oneTick = fc.tuple(machine, fc.uniqueArray(fc.nat(9), { minLength: 1 }), fc.double());
  fc.assert(
    fc.property(fc.array(oneTick, { maxLength: 30 }), (made) => {
      const ticks = made.map(([ci, series, value], i): [number, number[], number[]] => [
        1_000 + i,
        series.map((n) => ci * 10 + n),
        series.map((n) => value + n),
      ]);
      const { bytes, samples } = encode(ticks);
      const found = new Map<string, [number, number][]>();
      for (const { labels, samples: some } of decoded(bytes)) {
        const key = `${labels['ci']} ${labels['instance'] ?? ''}`;
        found.set(key, [...(found.get(key) ?? []), ...some]);
      }
      const expected = new Map<string, [number, number][]>();
      for (const [atMs, series, values] of ticks)
        series.forEach((id, i) => {
          const { ciId, instance } = identity(id);
          const key = `${ciId} ${instance}`;
          expected.set(key, [...(expected.get(key) ?? []), [atMs, values[i] as number]]);
        });
      expect(found).toEqual(expected);
      expect(samples).toBe(ticks.reduce((sum, [, series]) => sum + series.length, 0));
    }),
    { numRuns: 300 },
  );
});

test('[RW32] samples of a series that follow each other share its labels', () => {
  const list = [10, 11];
  const { bytes } = encode([
    [1, list, [1, 2]],
    [1, [20], [9]],
    [2, [...list], [3, 4]],
  ]);
  expect(decoded(bytes).map(({ samples }) => samples.length)).toEqual([2, 2, 1]);
});

test('[RW33] a machine that is called otherwise gets its labels anew, and others keep theirs', () => {
  const book = bookOf();
  const nameOf = (series: number) => decoded(encode([[1, [series], [1]]], book).bytes)[0]?.labels['name'];
  expect([nameOf(10), nameOf(20)]).toEqual(['host1', 'host2']);
  entries.set('ci_1', { ...(entries.get('ci_1') as CiEntry), name: 'renamed' });
  expect(nameOf(10)).toBe('host1');
  book.ciChanged('ci_1');
  expect([nameOf(10), nameOf(20), nameOf(11)]).toEqual(['renamed', 'host2', 'renamed']);
});

test('[RW33] many series, and changes without end, stay in their place', () => {
  const book = bookOf();
  for (let round = 0; round < 3; round++) {
    for (let series = 0; series < 200; series++) {
      const labels = decoded(encode([[1, [series], [1]]], book).bytes)[0]?.labels;
      expect(labels?.['ci']).toBe(identity(series).ciId);
      if (series % 7 === 0) book.ciChanged(identity(series).ciId);
    }
  }
  // More waste than is borne: the book begins anew.
  for (let i = 0; i < 25_000; i++) {
    for (let series = 0; series < 10; series++) book.start(series);
    book.ciChanged('ci_0');
  }
  expect(book.bytes.length).toBeLessThan(64 << 20);
  expect(decoded(encode([[1, [3], [1]]], book).bytes)[0]?.labels['ci']).toBe('ci_0');
});
