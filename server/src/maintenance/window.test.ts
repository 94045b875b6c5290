import { DAY_MS, HOUR_MS, MINUTE_MS } from '@muster/shared/time.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  changedWindow,
  endedWindow,
  newWindow,
  problemOf,
  prolongedWindow,
  skippedWindow,
  type WindowFields,
} from './edit.ts';
import {
  coming,
  inForce,
  latest,
  NO_BEGINS,
  type Occurrence,
  occurrencesOf,
  type WindowRecord,
  type WindowVersion,
} from './window.ts';

const T = Temporal.Instant.from('2026-11-24T00:00Z').epochMilliseconds;
const TARGETS = { ciIds: ['ci_1'], services: [], locations: [], classes: [], tags: [] };

function fields(more: Partial<WindowFields> = {}): WindowFields {
  return {
    title: 'New switch',
    reason: 'End of life',
    agreedBy: 'Head of IT',
    targets: TARGETS,
    children: 'all',
    schedule: once(2, 4),
    timeZone: 'Europe/Berlin',
    flexible: null,
    ...more,
  };
}

function once(fromHour: number, toHour: number) {
  return { kind: 'once', fromMs: T + fromHour * HOUR_MS, toMs: T + toHour * HOUR_MS } as const;
}

function nightly(more: Partial<WindowFields> = {}) {
  return fields({
    schedule: {
      kind: 'recurring',
      start: '2026-11-24T03:00',
      rule: 'FREQ=DAILY',
      durationMs: 2 * HOUR_MS,
      except: [],
      prolonged: [],
    },
    ...more,
  });
}

const hours = (window: WindowRecord, fromHour = -48, toHour = 96) =>
  inForce(window, NO_BEGINS, T + fromHour * HOUR_MS, T + toHour * HOUR_MS).map(
    ({ fromMs, toMs }) => [(fromMs - T) / HOUR_MS, (toMs - T) / HOUR_MS] as const,
  );

test('[MW1] a window is half-open and cut to what was asked for', () => {
  const window = newWindow('mw_1', fields(), 'user:anna', T);
  expect(hours(window)).toEqual([[2, 4]]);
  expect(hours(window, 3, 3.5)).toEqual([[3, 3.5]]);
  expect(hours(window, 4, 9)).toEqual([]);
});

test('[MW10] set after its beginning it counts from then on, never for the time before', () => {
  expect(hours(newWindow('mw_1', fields(), 'user:anna', T + 3 * HOUR_MS))).toEqual([[3, 4]]);
});

test('[MW10] one that is over cannot be set', () => {
  expect(() => newWindow('mw_1', fields(), 'user:anna', T + 4 * HOUR_MS)).toThrow('over already');
});

test('[MW11] prolonged while it runs it goes on without a gap; the record says who agreed when', () => {
  const window = newWindow('mw_1', fields(), 'user:anna', T);
  const longer = prolongedWindow(window, HOUR_MS, 'user:bo', T + 3 * HOUR_MS);
  expect(hours(longer)).toEqual([[2, 5]]);
  expect(longer.versions.map(({ by, agreedAtMs }) => [by, agreedAtMs - T])).toEqual([
    ['user:anna', 0],
    ['user:bo', 3 * HOUR_MS],
  ]);
});

test('[MW11] what was over is not prolonged: the time until somebody noticed stays as it was', () => {
  const window = newWindow('mw_1', fields(), 'user:anna', T);
  expect(() => prolongedWindow(window, HOUR_MS, 'user:bo', T + 4 * HOUR_MS)).toThrow('not running');
});

test('[MW11] one night of a recurring window is prolonged, the next nights are as before', () => {
  const window = newWindow('mw_1', nightly(), 'user:anna', T);
  const longer = prolongedWindow(window, HOUR_MS, 'user:bo', T + 3 * HOUR_MS);
  expect(hours(longer, 0, 50)).toEqual([
    [2, 5],
    [26, 28],
  ]);
  const evenLonger = prolongedWindow(longer, HOUR_MS, 'user:bo', T + 4.5 * HOUR_MS);
  expect(hours(evenLonger, 0, 50)[0]).toEqual([2, 6]);
  expect(() => prolongedWindow(window, 23 * HOUR_MS, 'user:bo', T + 3 * HOUR_MS)).toThrow('next occurrence');
});

test('[MW12] ended early, the rest of it is not planned, and what was stays', () => {
  const window = newWindow('mw_1', fields(), 'user:anna', T);
  const ended = endedWindow(window, 'user:bo', T + 3 * HOUR_MS);
  expect(hours(ended)).toEqual([[2, 3]]);
  expect(() => endedWindow(ended, 'user:bo', T + 3.5 * HOUR_MS)).toThrow('over already');
});

test('[MW12] cancelled before it begins it never was', () => {
  const window = newWindow('mw_1', fields(), 'user:anna', T);
  expect(hours(endedWindow(window, 'user:bo', T + HOUR_MS))).toEqual([]);
});

test('[MW12] one occurrence is cancelled or ended, the others take place', () => {
  const window = newWindow('mw_1', nightly(), 'user:anna', T);
  const skipped = skippedWindow(window, T + 26 * HOUR_MS, 'user:bo', T + HOUR_MS);
  expect(hours(skipped, 0, 72)).toEqual([
    [2, 4],
    [50, 52],
  ]);
  const endedEarly = skippedWindow(window, T + 2 * HOUR_MS, 'user:bo', T + 3 * HOUR_MS);
  expect(hours(endedEarly, 0, 30)).toEqual([
    [2, 3],
    [26, 28],
  ]);
  expect(() => skippedWindow(window, T + 27 * HOUR_MS, 'user:bo', T)).toThrow('no occurrence');
  expect(() => skippedWindow(window, T + 2 * HOUR_MS, 'user:bo', T + 5 * HOUR_MS)).toThrow('no occurrence');
});

test('[MW13] moved while it runs: until then the old time counts, from then on the new', () => {
  const window = newWindow('mw_1', fields(), 'user:anna', T);
  const moved = changedWindow(window, { schedule: once(3.5, 6) }, 'user:bo', T + 3 * HOUR_MS);
  expect(hours(moved)).toEqual([
    [2, 3],
    [3.5, 6],
  ]);
});

test('[MW13] other words make no new version', () => {
  const window = newWindow('mw_1', fields(), 'user:anna', T);
  const renamed = changedWindow(window, { title: 'Core switch' }, 'user:bo', T + HOUR_MS);
  expect(renamed.versions).toEqual(window.versions);
  expect(renamed.title).toBe('Core switch');
});

test.each([
  [{ schedule: once(4, 4) }, 'ends before it begins'],
  [{ schedule: once(0, 24 * 93) }, 'at most 92 days'],
  [{ schedule: once(24 * 800, 24 * 800 + 1) }, 'two years ahead'],
  [{ timeZone: 'Mars/Olympus' }, 'no time zone'],
  [{ flexible: { durationMs: 8 * DAY_MS, per: 'ci' } as const }, '1 minute to 7 days'],
  [
    { schedule: { ...nightly().schedule, durationMs: 8 * DAY_MS } as WindowFields['schedule'] },
    '1 minute to 7 days',
  ],
  [{ schedule: { ...nightly().schedule, rule: 'FREQ=HOURLY' } as WindowFields['schedule'] }, 'too fine'],
])('[MW6] %j is refused: %s', (wrong, message) => {
  const problem = problemOf(fields(wrong), T);
  expect(problem?.words.en).toContain(message);
  expect(problem?.words.zh).toMatch(/[。]$/);
  expect(() => newWindow('mw_1', fields(wrong), 'user:anna', T)).toThrow(message);
});

test('[MW7] a window that names nothing is refused', () => {
  const nothing = { ciIds: [], services: [], locations: [], classes: [], tags: [] };
  expect(() => newWindow('mw_1', fields({ targets: nothing }), 'user:anna', T)).toThrow('for nothing');
});

test('[MW20] a flexible window begins with the first trouble inside it and lasts its own duration', () => {
  const window = newWindow('mw_1', fields({ flexible: { durationMs: HOUR_MS, per: 'ci' } }), 'user:anna', T);
  const of = (own: number[], all: number[] = []) =>
    inForce(
      window,
      { own: own.map((h) => T + h * HOUR_MS), all: all.map((h) => T + h * HOUR_MS) },
      T,
      T + DAY_MS,
    ).map(({ fromMs, toMs }) => [(fromMs - T) / HOUR_MS, (toMs - T) / HOUR_MS]);
  expect(of([])).toEqual([]);
  expect(of([2.5])).toEqual([[2.5, 3.5]]);
  // At the very end it still lasts whole; before the begin and after the end there is none; only the first counts.
  expect(of([3.9])).toEqual([[3.9, 4.9]]);
  expect(of([1.9])).toEqual([]);
  expect(of([4])).toEqual([]);
  expect(of([2.5, 3.5])).toEqual([[2.5, 3.5]]);
  // Another one's begin is for a window that begins for all.
  expect(of([], [2.5])).toEqual([]);
});

test('[MW21] a recurring flexible window begins anew in each of its occurrences', () => {
  const window = newWindow(
    'mw_1',
    nightly({ flexible: { durationMs: HOUR_MS, per: 'window' } }),
    'user:anna',
    T,
  );
  const all = [3, 3.5, 27].map((h) => T + h * HOUR_MS);
  expect(
    inForce(window, { own: [], all }, T, T + 2 * DAY_MS).map(({ fromMs }) => (fromMs - T) / HOUR_MS),
  ).toEqual([3, 27]);
});

test('[MW22] a flexible window that has begun is prolonged by its duration', () => {
  const window = newWindow(
    'mw_1',
    fields({ flexible: { durationMs: HOUR_MS, per: 'window' } }),
    'user:anna',
    T,
  );
  const longer = prolongedWindow(window, HOUR_MS, 'user:bo', T + 3 * HOUR_MS);
  const begins = { own: [], all: [T + 2.5 * HOUR_MS] };
  expect(inForce(longer, begins, T, T + DAY_MS)).toEqual([
    { fromMs: T + 2.5 * HOUR_MS, toMs: T + 4.5 * HOUR_MS },
  ]);
});

test('[MW8] what comes next is found however far it lies', () => {
  const yearly = nightly({
    schedule: {
      kind: 'recurring',
      start: '2026-11-24T03:00',
      rule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29',
      durationMs: HOUR_MS,
      except: [],
      prolonged: [],
    },
  });
  const window = newWindow('mw_1', yearly, 'user:anna', T);
  expect(coming(latest(window), T, 3).map(({ name }) => name)).toEqual(['2028-02-29T03:00']);
});

test('[MW10] at each minute it is in force when the version agreed at that minute says so, and never before it was set', () => {
  const version = fc.record({
    agreedMinute: fc.integer({ min: 0, max: 3 * 1440 }),
    ended: fc.boolean(),
    kind: fc.constantFrom('once', 'recurring'),
    from: fc.integer({ min: -1440, max: 2 * 1440 }),
    minutes: fc.integer({ min: 1, max: 1430 }),
    zone: fc.constantFrom('Europe/Berlin', 'Australia/Lord_Howe', 'UTC'),
    flexibleMinutes: fc.option(fc.integer({ min: 1, max: 600 })),
  });
  const startMs = Temporal.Instant.from('2026-10-23T12:00Z').epochMilliseconds;
  const at = (minute: number) => startMs + minute * MINUTE_MS;
  const cases = fc.tuple(
    fc.array(version, { minLength: 1, maxLength: 4 }),
    fc.array(fc.integer({ min: 0, max: 4 * 1440 }), { maxLength: 5 }),
  );
  fc.assert(
    fc.property(cases, ([drafts, begins]) => {
      const versions: WindowVersion[] = drafts
        .toSorted((a, b) => a.agreedMinute - b.agreedMinute)
        .filter((one, i, all) => i === 0 || all[i - 1]?.agreedMinute !== one.agreedMinute)
        .map(({ agreedMinute, ended, kind, from, minutes, zone, flexibleMinutes }) => ({
          agreedAtMs: at(agreedMinute),
          by: 'user:anna',
          timeZone: zone,
          flexible: flexibleMinutes === null ? null : { durationMs: flexibleMinutes * MINUTE_MS, per: 'ci' },
          schedule: ended
            ? null
            : kind === 'once'
              ? { kind, fromMs: at(from), toMs: at(from + minutes) }
              : {
                  kind: 'recurring',
                  start: '2026-10-20T02:30',
                  rule: 'FREQ=DAILY',
                  durationMs: minutes * MINUTE_MS,
                  except: ['2026-10-24T02:30'],
                  prolonged: [{ name: '2026-10-25T02:30', toMs: at(3 * 1440) }],
                },
        }));
      const own = begins.map(at).toSorted((a, b) => a - b);
      const found = inForce({ versions }, { own, all: [] }, startMs, at(5 * 1440));
      const near = versions.map((version) => ({
        version,
        occurrences: occurrencesOf(version, startMs - 30 * DAY_MS, at(5 * 1440) + 30 * DAY_MS),
      }));
      const minutes = Array.from({ length: Math.ceil((5 * 1440) / 7) }, (_, i) => i * 7);
      const told = minutes.filter((minute) =>
        found.some(({ fromMs, toMs }) => fromMs <= at(minute) && at(minute) < toMs),
      );
      const agreed = minutes.filter((minute) => {
        const then = near.findLast(({ version }) => version.agreedAtMs <= at(minute));
        return then !== undefined && isOn(then.version, then.occurrences, own, at(minute));
      });
      expect(told).toEqual(agreed);
    }),
    { numRuns: 60 },
  );
});

/** Looks at every occurrence anywhere near, one by one. */
function isOn(
  { flexible, schedule }: WindowVersion,
  occurrences: readonly Occurrence[],
  own: readonly number[],
  now: number,
): boolean {
  return occurrences.some(({ fromMs, toMs, name }) => {
    if (flexible === null) return fromMs <= now && now < toMs;
    const begunMs = own.find((one) => fromMs <= one && one < toMs);
    if (begunMs === undefined) return false;
    const prolonged =
      schedule?.kind === 'recurring' ? schedule.prolonged.find((one) => one.name === name)?.toMs : undefined;
    return begunMs <= now && now < Math.max(begunMs + flexible.durationMs, prolonged ?? 0);
  });
}
