import { expect, test } from 'vitest';
import { type Interval, intervalPresence, isRoaming, stretches, stripSegments } from './presence.ts';

const interval = (change: Partial<Interval>): Interval => ({
  from: '2026-11-20T00:00:00.000Z',
  to: '2026-11-20T08:00:00.000Z',
  presence: 'up',
  cause: null,
  expected: true,
  planned: false,
  evidence: [],
  revised: false,
  ...change,
});

const CASES: readonly (readonly [Partial<Interval>, boolean, string])[] = [
  [{}, false, 'up'],
  [{ planned: true }, false, 'up'],
  [{ presence: 'off', cause: 'shut-down', expected: false }, true, 'off'],
  [{ presence: 'off', cause: 'shut-down', expected: true }, true, 'off'],
  [{ presence: 'off', cause: 'shut-down', expected: true }, false, 'silent'],
  [{ presence: 'asleep', cause: 'asleep', expected: false }, false, 'asleep'],
  [{ presence: 'down', cause: 'host-down', expected: true }, true, 'silent'],
  [{ presence: 'down', cause: 'host-down', expected: false }, true, 'off'],
  [{ presence: 'down', cause: 'host-down', planned: true }, false, 'planned'],
  [{ presence: 'unknown', cause: 'agent-stopped' }, false, 'silent'],
  [{ presence: 'unknown', cause: 'agent-stopped', expected: false }, false, 'unknown'],
  [{ presence: 'unknown', cause: 'server-self' }, false, 'unknown'],
];

test.each(CASES)('%j of a machine that roams: %s is shown as %s', (change, roaming, shown) => {
  expect(intervalPresence(interval(change), roaming)).toBe(shown);
});

test('a night without a notebook is no trouble on its strip', () => {
  const night = interval({ presence: 'off', cause: 'shut-down', expected: false });
  expect(stripSegments([night], 0).map(({ presence }) => presence)).toEqual(['off']);
});

test('workstations roam unless a tag says otherwise', () => {
  expect(isRoaming({ class: 'Workstation', tags: [] })).toBe(true);
  expect(isRoaming({ class: 'Workstation', tags: ['fixed'] })).toBe(false);
  expect(isRoaming({ class: 'Server', tags: [] })).toBe(false);
  expect(isRoaming({ class: 'Server', tags: ['roaming'] })).toBe(true);
});

test('an outage that the expected hours cut is one stretch, with its expected part counted', () => {
  const down = { presence: 'down', cause: 'host-down' } as const;
  const a = { en: 'a', zh: 'a' };
  const [only, ...more] = stretches(
    [
      interval({ ...down, expected: false, evidence: [a] }),
      interval({ ...down, from: '2026-11-20T08:00:00.000Z', to: '2026-11-20T10:00:00.000Z', evidence: [a] }),
      interval({ ...down, from: '2026-11-20T10:00:00.000Z', to: null, expected: false, revised: true }),
    ],
    Date.parse('2026-11-20T12:00:00.000Z'),
    false,
  );
  expect(more).toEqual([]);
  expect(only).toEqual({
    fromMs: Date.parse('2026-11-20T00:00:00.000Z'),
    toMs: null,
    presence: 'silent',
    cause: 'host-down',
    expectedMs: 2 * 3_600_000,
    evidence: [a],
    revised: true,
  });
});

test('another cause, another state or a gap begins another stretch', () => {
  const next = { from: '2026-11-20T08:00:00.000Z', to: '2026-11-20T09:00:00.000Z' };
  const down = interval({ presence: 'down', cause: 'host-down' });
  expect(stretches([down, interval(next)], 0, false)).toHaveLength(2);
  expect(stretches([down, interval({ ...next, presence: 'down', cause: 'network' })], 0, false)).toHaveLength(
    2,
  );
  expect(
    stretches(
      [down, interval({ ...next, from: '2026-11-20T08:00:01.000Z', presence: 'down', cause: 'host-down' })],
      0,
      false,
    ),
  ).toHaveLength(2);
});
