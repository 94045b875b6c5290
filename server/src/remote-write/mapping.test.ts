import { expect, test } from 'vitest';
import { MappingFields } from '@muster/shared/api/remote-write.ts';
import { METRIC_NAMES, METRICS } from '@muster/shared/metrics/catalogue.ts';
import { MachineFinder } from './machine-finder.ts';
import { instanceOf, lineFault, scaledValue, textMatcher, withoutPort } from './mapping.ts';
import { SHIPPED_MAPPINGS } from './shipped-mappings.ts';

test.each([
  ['db1:9100', 'db1'],
  ['db1.example.net:9100', 'db1.example.net'],
  ['10.0.0.1:9100', '10.0.0.1'],
  ['[2001:db8::1]:9100', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['2001:db8::1', '2001:db8::1'],
  ['db1', 'db1'],
  ['db1:http', 'db1:http'],
  ['', ''],
])('[RW11] %s without its port is %s', (value, expected) => expect(withoutPort(value)).toBe(expected));

test.each([
  ['lo', 'lo', true],
  ['lo', 'lo0', false],
  ['veth*', 'veth1', true],
  ['veth*', 'xveth1', false],
  ['*.local', 'a.local', true],
  ['a*b*c', 'a1b2c', true],
  ['a*b*c', 'acb', false],
  ['ab*ba', 'aba', false],
  ['a**', 'a', true],
  ['*', '', true],
  ['a.c', 'abc', false],
])('[RW12] the pattern %s and the text %s: %s', (pattern, text, matches) =>
  expect(textMatcher(pattern)(text)).toBe(matches),
);

test('[RW13] a value is multiplied to the unit of the catalogue and keeps its digits', () => {
  expect(scaledValue(0.07, { factor: 100, to: 'cpu.user' })).toBe(7);
  expect(scaledValue(1.23456, { factor: 1, to: 'load.1m' })).toBe(1.23456);
  expect(scaledValue(3, { factor: 1_024, to: 'memory.total' })).toBe(3_072);
  expect(scaledValue(1e300, { factor: 10, to: 'memory.total' })).toBe(1e301);
  expect(scaledValue(Number.NaN, { factor: 10, to: 'memory.total' })).toBeNaN();
});

test('[RW14] an instance is what the catalogue can hold', () => {
  expect(instanceOf('sda')).toBe('sda');
  expect([undefined, '', 'a\nb', 'x'.repeat(257), '磁'.repeat(100)].map(instanceOf)).toEqual([
    null,
    null,
    null,
    null,
    null,
  ]);
});

test('[RW15] what comes with the server is whole, fits the catalogue and names no metric twice', () => {
  for (const [id, fields] of SHIPPED_MAPPINGS) {
    expect(MappingFields.parse(fields)).toEqual(fields);
    expect(fields.lines.map(lineFault).filter((fault) => fault !== null)).toEqual([]);
    const names = fields.lines.map(({ from }) => from);
    expect([id, new Set(names).size]).toEqual([id, names.length]);
    for (const { from, to } of fields.lines) {
      expect(METRIC_NAMES).toContain(to);
      // The names of Prometheus say which are counters, but for those that are copied from /proc.
      if (!from.startsWith('node_vmstat_'))
        expect([from, from.endsWith('_total')]).toEqual([from, METRICS[to].kind === 'counter']);
    }
  }
});

test('[RW15] a line that the catalogue contradicts is told', () => {
  const line = { from: 'x', factor: 1, where: [] };
  expect(lineFault({ ...line, to: 'load.1m', instanceLabel: 'device' })).toMatch(/has no instance/);
  expect(lineFault({ ...line, to: 'disk.read', instanceLabel: null })).toMatch(/for each device/);
});

test('[RW9] a metric that is a counter by its name is not mapped to a gauge', () => {
  const line = { to: 'cpu.utilisation' as const, factor: 1, instanceLabel: null, where: [] };
  for (const from of ['node_cpu_seconds_total', 'x_bucket'])
    expect(lineFault({ ...line, from })).toContain(`${from} is a counter by its name`);
  for (const from of ['node_cpu_share', 'pods_count', 'queue_sum'])
    expect(lineFault({ ...line, from })).toBeNull();
  expect(lineFault({ ...line, from: 'node_load_total', to: 'system.contextswitches' })).toBeNull();
});

function finderOf(...machines: readonly [id: string, name: string, attributes?: Record<string, unknown>][]) {
  const finder = new MachineFinder();
  for (const [id, name, attributes = {}] of machines)
    finder.put({ id, name, attributes: attributes as Record<string, string | string[]>, isMerged: false });
  return finder;
}

test('[RW16] a machine is found by its name, whole or its first part, in whatever case', () => {
  const finder = finderOf(['ci_1', 'DB1'], ['ci_2', 'web.example.net'], ['ci_3', 'Büro-PC']);
  const found = (value: string) => finder.find(value, ['name']);
  expect(['db1', 'Db1.example.net', 'WEB', 'web.example.net', 'büro-pc'].map(found)).toEqual([
    { ciId: 'ci_1' },
    { ciId: 'ci_1' },
    { ciId: 'ci_2' },
    { ciId: 'ci_2' },
    { ciId: 'ci_3' },
  ]);
  expect(['web.other.net', 'db', '', '10.0.0.1'].map(found)).toEqual(
    Array.from({ length: 4 }, () => ({ why: 'machine-unknown' })),
  );
});

test('[RW16] kinds of keys are tried in their order, and two machines are no answer', () => {
  const finder = finderOf(
    ['ci_1', 'a.x.net', { ipAddresses: ['10.0.0.1', '2001:DB8::1'], serial: ' ab 1' }],
    ['ci_2', 'a.y.net', { ipAddresses: ['10.0.0.2', '192.168.0.1'], hostname: 'node2' }],
    ['ci_3', 'c', { ipAddresses: ['192.168.0.1'], serial: 'AB 1' }],
  );
  expect(finder.find('10.0.0.1', ['name', 'address'])).toEqual({ ciId: 'ci_1' });
  expect(finder.find('2001:db8::1', ['address'])).toEqual({ ciId: 'ci_1' });
  expect(finder.find('node2', ['serial', 'name'])).toEqual({ ciId: 'ci_2' });
  for (const value of ['a', '192.168.0.1', 'AB 1'])
    expect([value, finder.find(value, ['name', 'address', 'serial'])]).toEqual([
      value,
      { why: 'machine-ambiguous' },
    ]);
});

test('[RW16] answers follow the machines: renamed, merged, changed in what finds nobody', () => {
  const finder = finderOf(['ci_1', 'old'], ['ci_2', 'twin']);
  const put = (id: string, name: string, isMerged = false, attributes = {}) =>
    finder.put({ id, name, attributes, isMerged });
  const before = finder.generation;
  put('ci_1', 'old', false, { model: 'X' });
  expect(finder.generation).toBe(before);
  put('ci_1', 'new');
  expect(finder.generation).toBe(before + 1);
  expect([finder.find('old', ['name']), finder.find('new', ['name'])]).toEqual([
    { why: 'machine-unknown' },
    { ciId: 'ci_1' },
  ]);
  put('ci_3', 'twin');
  expect(finder.find('twin', ['name'])).toEqual({ why: 'machine-ambiguous' });
  put('ci_2', 'twin', true);
  expect(finder.find('twin', ['name'])).toEqual({ ciId: 'ci_3' });
});
