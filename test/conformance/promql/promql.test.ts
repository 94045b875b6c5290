/** Our functions and thresholds against Prometheus' own test files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { testdataFolder } from '../testdata.ts';
import { readDurationMs, readSeriesLine, readValues } from './notation.ts';
import { runRuleUnits } from './rule-units.ts';
import { runPromql, tallyOf, whyNot } from './run.ts';
import { runScript } from './run-script.ts';

const files = runPromql(testdataFolder());

describe.skipIf(files === null)('over the files of Prometheus', () => {
  const tally = tallyOf(files ?? []);

  test('[RF1] every evaluation that is ours is right', () => {
    expect(tally.wrong).toEqual([]);
    expect(tally.right).toBeGreaterThan(0);
  });

  test.each([
    'rate',
    'increase',
    'resets',
    'changes',
    'deriv',
    'predict_linear',
    'avg_over_time',
    'min_over_time',
    'max_over_time',
    'quantile_over_time',
    'stddev_over_time',
    'alerts',
  ])('[RF1] %s is among them', (area) => {
    expect(tally.byArea.get(area)?.total ?? 0).toBeGreaterThan(0);
  });

  test('[RF1] what is not ours has a reason', () => {
    for (const reason of tally.notOurs.keys()) expect(whyNot(reason)).not.toBe('');
  });
});

const outcomesOf = (text: string) => runScript(text).map(({ result }) => result);

describe('the reader', () => {
  test('[RF1] reads the notation of series', () => {
    expect(readValues('1 _ stale 0+10x2 5x1 1-1x2 _x2 -Inf 1e3 {{sum:1 count:2}}x1')).toEqual([
      1,
      'none',
      'stale',
      0,
      10,
      20,
      5,
      5,
      1,
      0,
      -1,
      'none',
      'none',
      -Infinity,
      1000,
      'histogram',
      'histogram',
    ]);
    expect(readValues('-2.5e1+1x1 NaN')).toEqual([-25, -24, NaN]);
    expect(() => readValues('1 two')).toThrow('two');
    expect(readDurationMs('1h30m')).toBe(5_400_000);
    expect(readDurationMs('10s53ms')).toBe(10_053);
    expect(readDurationMs('1.5')).toBe(1_500);
    expect(readDurationMs('soon')).toBeNull();
    expect(readSeriesLine('{"odd name", path="/a b"} 1 2')?.labels).toEqual({
      __name__: 'odd name',
      path: '/a b',
    });
  });

  test('[RF1] a wrong answer is told', () => {
    const script = (expected: string) =>
      `load 1m\n  a_total 0+60x10\n\neval instant at 10m rate(a_total[5m])\n  {} ${expected}\n`;
    expect(outcomesOf(script('1'))).toEqual([{ kind: 'right' }]);
    expect(outcomesOf(script('1.000003'))).toEqual([
      { kind: 'wrong', why: expect.stringContaining('1.000003') },
    ]);
    expect(outcomesOf(script('1').replace('{} 1', '{other="x"} 1'))[0]?.kind).toBe('wrong');
    expect(outcomesOf(script('1').replace('{} 1', 'expect fail'))[0]?.kind).toBe('wrong');
  });

  test('[RF1] ranges, offsets, fixed times and arithmetic are read', () => {
    const loaded = 'load 1m\n  a{x="1"} 0+60x10\n  b 5 stale 7\n\n';
    const evals = [
      ['range from 0 to 3m step 1m delta(a[2m])', '{x="1"} _ 120 120 120'],
      ['instant at 10m rate(a[5m] offset 5m) * 2', '{x="1"} 2'],
      ['instant at 10m a @ 120', 'a{x="1"} 120'],
      ['range from 0 to 3m step 1m max_over_time(a[10m] @ end())', '{x="1"} 180 180 180 180'],
      ['instant at 1m b', ''],
      ['instant at 3m -b + 1', '{} -6'],
      ['instant at 10m a{x=~"1|2"} > 700', ''],
      ['instant at 10m a{x!="2"} >= bool 600', '{x="1"} 1'],
      ['instant at 0 2 ^ 3 ^ 0', '2'],
      ['instant at 10m rate(a[5m]) == -1 * -1', '{x="1"} 1'],
      ['instant at 10m a @ 1m40s offset -20s', 'a{x="1"} 120'],
      ['instant at 10m ---a{x=~"((?i)1)"} ', '{x="1"} -600'],
      ['instant at 10m last_over_time({__name__="a"}[5m])', 'a{x="1"} 600'],
    ];
    const text = loaded + evals.map(([head, expected]) => `eval ${head}\n  ${expected}\n`).join('\n');
    expect(outcomesOf(text).map((result) => (result.kind === 'wrong' ? result.why : result.kind))).toEqual(
      evals.map(([head]) => (head === 'instant at 0 2 ^ 3 ^ 0' ? 'not ours' : 'right')),
    );
  });
});

/** A rule and its unit test as promtool reads them. */
function unitFile(rule: string, values: string, alerts: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'muster-units-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'rules.yml'), `groups:\n  - name: g\n    rules:\n      - alert: A\n${rule}`);
  const path = join(folder, 'unit.yml');
  writeFileSync(
    path,
    `rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n  - interval: 1m\n    input_series:\n      - series: 'm{host="h"}'\n        values: '${values}'\n    alert_rule_test:\n${alerts}`,
  );
  return path;
}
const at = (minutes: number, fires: boolean) =>
  `      - eval_time: ${minutes}m\n        alertname: A\n        exp_alerts:${fires ? '\n          - exp_labels: { host: h }\n' : ' []\n'}`;

test.each([
  [
    'above, held',
    '        expr: m > 5\n        for: 2m\n',
    '0 5 6 6 6 5 6',
    [
      [3, false],
      [4, true],
      [5, false],
      [6, false],
    ],
  ],
  [
    'at least, at once',
    '        expr: m >= 5\n',
    '0 5 4',
    [
      [0, false],
      [1, true],
      [2, false],
    ],
  ],
  [
    'below, kept',
    '        expr: m < 5\n        keep_firing_for: 2m\n',
    '4 5 5 5 5',
    [
      [0, true],
      [1, true],
      [2, true],
      [3, false],
    ],
  ],
  [
    'at the most, mirrored',
    '        expr: 5 >= m\n',
    '5 6',
    [
      [0, true],
      [1, false],
    ],
  ],
  [
    'equal',
    '        expr: m == 0\n        for: 1m\n',
    '0 0 1',
    [
      [0, false],
      [1, true],
      [2, false],
    ],
  ],
  [
    'unequal',
    '        expr: m != 0\n',
    '0 1 0',
    [
      [0, false],
      [1, true],
      [2, false],
    ],
  ],
] as const)('[RF2] a threshold fires when theirs does: %s', (_, rule, values, times) => {
  const path = unitFile(rule, values, times.map(([minutes, fires]) => at(minutes, fires)).join(''));
  expect(runRuleUnits(path)?.map(({ result }) => result)).toEqual(times.map(() => ({ kind: 'right' })));
  const opposite = unitFile(rule, values, times.map(([minutes, fires]) => at(minutes, !fires)).join(''));
  expect(runRuleUnits(opposite)?.every(({ result }) => result.kind === 'wrong')).toBe(true);
});

test('[RF2] an alert on more than one comparison is not ours', () => {
  const path = unitFile('        expr: sum(m) > 5\n', '6', at(0, true));
  expect(runRuleUnits(path)?.[0]?.result).toEqual({
    kind: 'not ours',
    reason: 'aggregation over several series',
  });
});

test('[RF1] what is beyond us is counted with its reason and stops nothing', () => {
  const text = `load 1m
  a 0+60x10
  h {{schema:0 sum:1 count:1}}+{{schema:0 sum:1 count:1}}x3

${[
  'sum by (x) (rate(a[5m]))',
  'label_replace(rate(a[5m]), "x", "y", "", "")',
  'rate(h[2m])',
  'max_over_time(a[5m:1m])',
  'rate(a[5m] smoothed)',
  'a and a',
  'a + on (x) a',
  'rate(a[5m + 1m])',
  'a[5m]',
  '"word"',
  'a ~ a',
]
  .map((expression) => `eval instant at 3m ${expression}\n  {} 1\n`)
  .join('\n')}
eval sometime a
  {} 1

eval instant at 3m a
  a 180
`;
  const outcomes = outcomesOf(text);
  expect(outcomes.at(-1)).toEqual({ kind: 'right' });
  expect(
    outcomes.slice(0, -1).map((result) => (result.kind === 'not ours' ? result.reason : result)),
  ).toEqual([
    'aggregation over several series',
    'label_replace()',
    'native histograms',
    'subquery',
    'anchored and smoothed ranges',
    'set operation',
    'matching of several series',
    'arithmetic of durations',
    'a range as a value',
    'words as a value',
    'syntax',
    'expects what is no number',
  ]);
});
