import { expect, test } from 'vitest';
import { type Interval, stretches, stripSegments } from './presence.ts';
import { widened } from '../ui/PresenceStrip.tsx';

const interval = (change: Partial<Interval>): Interval => ({
  from: '2026-11-20T00:00:00.000Z',
  to: '2026-11-20T08:00:00.000Z',
  presence: 'up',
  cause: null,
  expected: true,
  planned: false,
  state: 'up',
  evidence: [],
  revised: false,
  revisedAt: null,
  was: null,
  reclassified: null,
  because: [],
  ...change,
});

test('[DB30] a strip shows the word the server gives each interval', () => {
  const night = interval({ presence: 'off', cause: 'shut-down', expected: false, state: 'off', to: null });
  expect(stripSegments([interval({}), night], 9).map(({ presence, toMs }) => [presence, toMs])).toEqual([
    ['up', Date.parse('2026-11-20T08:00:00.000Z')],
    ['off', 9],
  ]);
});

test('an outage that the expected hours cut is one stretch, with its expected part counted', () => {
  const down = { presence: 'down', cause: 'host-down', state: 'silent' } as const;
  const a = { en: 'a', zh: 'a' };
  const [only, ...more] = stretches(
    [
      interval({ ...down, expected: false, state: 'off', evidence: [a] }),
      interval({ ...down, from: '2026-11-20T08:00:00.000Z', to: '2026-11-20T10:00:00.000Z', evidence: [a] }),
      interval({
        ...down,
        from: '2026-11-20T10:00:00.000Z',
        to: null,
        expected: false,
        state: 'off',
        revised: true,
      }),
    ],
    Date.parse('2026-11-20T12:00:00.000Z'),
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
    revisedAt: null,
    was: null,
    reclassified: [],
  });
});

test('another cause, another state or a gap begins another stretch', () => {
  const next = { from: '2026-11-20T08:00:00.000Z', to: '2026-11-20T09:00:00.000Z' };
  const down = interval({ presence: 'down', cause: 'host-down' });
  expect(stretches([down, interval(next)], 0)).toHaveLength(2);
  expect(stretches([down, interval({ ...next, presence: 'down', cause: 'network' })], 0)).toHaveLength(2);
  expect(
    stretches(
      [down, interval({ ...next, from: '2026-11-20T08:00:01.000Z', presence: 'down', cause: 'host-down' })],
      0,
    ),
  ).toHaveLength(2);
});

test('[DB364] of short parts of one word only the first within a width is widened, each word for itself', () => {
  const part = (fromMs: number, presence: 'up' | 'silent' | 'asleep' | null) => ({
    fromMs,
    toMs: fromMs + 2,
    presence,
  });
  const parts = [
    part(0, null),
    part(2, 'silent'),
    part(4, 'up'),
    part(6, 'silent'),
    part(8, 'asleep'),
    part(11, 'silent'),
    part(12, 'silent'),
  ];
  expect([...widened(parts, 10)]).toEqual([1, 4, 6]);
});
