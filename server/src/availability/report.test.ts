import { HOUR_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import type { CiEntry } from '../cmdb/directory.ts';
import { NOTHING_AGREED } from './agreed.ts';
import { availabilityReport, periodOf } from './report.ts';
import type { PresenceInterval } from './timeline.ts';

const entry: CiEntry = {
  id: 'ci_1',
  class: 'Workstation',
  name: 'HZ-PC-001',
  lifecycle: 'in_use',
  criticality: 3,
  tags: ['fixed'],
  site: null,
  owner: null,
  agentId: null,
  timeZone: 'UTC',
  createdAtMs: 0,
};
const friday = Date.UTC(2026, 10, 20);
const at = (hour: number) => friday + hour * HOUR_MS;
const rest = { cause: null, planned: false, evidence: [], revised: false };
const record: PresenceInterval[] = [
  { ...rest, fromMs: at(-48), toMs: at(16), presence: 'up' },
  { ...rest, fromMs: at(16), toMs: null, presence: 'off', cause: 'shut-down' },
];

test('[AV3] intervals are cut to the period and to the expected hours; the last one stays open', () => {
  const report = availabilityReport(entry, NOTHING_AGREED, record, { fromMs: at(0), toMs: at(24) }, at(20));
  expect(
    report.intervals.map((i) => [i.from.slice(11, 16), i.to?.slice(11, 16), i.presence, i.expected]),
  ).toEqual([
    ['00:00', '08:00', 'up', false],
    ['08:00', '16:00', 'up', true],
    ['16:00', '18:00', 'off', true],
    ['18:00', undefined, 'off', false],
  ]);
  expect(report).toMatchObject({ agreedSeconds: 36_000, downSeconds: 7_200, availability: 80, outages: 1 });
});

test('[AV3] the future counts as nothing', () => {
  const report = availabilityReport(entry, NOTHING_AGREED, record, { fromMs: at(0), toMs: at(24) }, at(12));
  expect(report).toMatchObject({
    agreedSeconds: 4 * 3_600,
    downSeconds: 0,
    availability: 100,
    coverage: 100,
  });
});

test('[AV3] a period that is empty, backwards or too long is refused', () => {
  expect(() => periodOf({ from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' })).toThrow('not before');
  expect(() => periodOf({ from: '2020-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' })).toThrow('longer than');
});

test.each([
  // Its user may have left with it.
  ['unknown', { presence: 'unknown', cause: 'unreachable' }, 16, true],
  ['silent', { presence: 'unknown', cause: 'agent-stopped' }, 16, true],
  // The laptop was last heard the day before: nobody misses it today.
  ['unknown', { presence: 'unknown', cause: 'agent-stopped' }, -6, true],
  ['silent', { presence: 'unknown', cause: 'unreachable' }, -6, false],
  ['off', { presence: 'off', cause: 'shut-down' }, 12, true],
  ['silent', { presence: 'off', cause: 'shut-down' }, 12, false],
  ['unknown', { presence: 'unknown', cause: 'server-self' }, 16, true],
  ['planned', { presence: 'unknown', cause: 'unreachable', planned: true }, 16, false],
] as const)(
  '[DB30] in the record as at present: %s where %j from hour %i on, roaming %s',
  (state, absence, hour, roaming) => {
    const workstation = { ...entry, tags: roaming ? [] : ['fixed'] };
    const intervals: PresenceInterval[] = [
      { ...rest, fromMs: at(-48), toMs: at(hour), presence: 'up' },
      { ...rest, ...absence, fromMs: at(hour), toMs: null },
    ];
    const report = availabilityReport(
      workstation,
      NOTHING_AGREED,
      intervals,
      { fromMs: at(9), toMs: at(24) },
      at(17),
    );
    expect(report.intervals.at(-1)).toMatchObject({ expected: true, state });
  },
);

test('[PR40] an absence at the end of a period is judged as in the next one', () => {
  const away = { presence: 'unknown', cause: 'agent-stopped' } as const;
  const [goneMs, backMs] = [at(24) - 20_000, at(24) + 5_000];
  const intervals: PresenceInterval[] = [
    { ...rest, fromMs: at(-48), toMs: goneMs, presence: 'up' },
    { ...rest, ...away, fromMs: goneMs, toMs: backMs },
    { ...rest, fromMs: backMs, toMs: null, presence: 'up' },
  ];
  const stateIn = (fromMs: number, toMs: number) =>
    availabilityReport(
      entry,
      NOTHING_AGREED,
      // As they are read: those that overlap the period.
      intervals.filter((one) => one.fromMs < toMs && (one.toMs ?? Infinity) > fromMs),
      { fromMs, toMs },
      at(40),
    ).intervals.find(({ cause }) => cause === 'agent-stopped')?.state;
  expect([stateIn(at(0), at(24)), stateIn(at(24), at(34))]).toEqual(['unknown', 'unknown']);
});

test.each([
  ['unknown', 'unknown', 40],
  ['silent', 'unknown', 50],
  ['silent', 'down', 40],
] as const)(
  '[PR40] an absence that was over before it would have been missed is no silence: %s where %s for %i s',
  (state, presence, seconds) => {
    const away = { presence, cause: presence === 'down' ? 'host-down' : 'agent-stopped' } as const;
    const backMs = at(12) + seconds * 1_000;
    const intervals: PresenceInterval[] = [
      { ...rest, fromMs: at(-48), toMs: at(12), presence: 'up' },
      { ...rest, ...away, fromMs: at(12), toMs: at(12) + 10_000 },
      { ...rest, ...away, planned: false, fromMs: at(12) + 10_000, toMs: backMs },
      { ...rest, fromMs: backMs, toMs: null, presence: 'up' },
    ];
    const report = availabilityReport(
      entry,
      NOTHING_AGREED,
      intervals,
      { fromMs: at(9), toMs: at(24) },
      at(17),
    );
    expect(report.intervals.slice(1, 3).map((one) => one.state)).toEqual([state, state]);
  },
);
