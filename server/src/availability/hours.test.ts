import { DAY_MS, HOUR_MS, MINUTE_MS } from '@muster/shared/time.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hoursSpans, hoursStretch, weeklyMinutes } from './hours.ts';
import type { HoursVersion, MinuteRange, ServiceHours } from './hours.ts';

const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Shanghai', 'Australia/Lord_Howe', 'UTC'] as const;
const none: readonly (readonly MinuteRange[])[] = [[], [], [], [], [], [], []];
const week = (...days: (readonly MinuteRange[])[]) => none.map((empty, i) => days[i] ?? empty);
const version = (fields: Partial<HoursVersion>): HoursVersion => ({
  fromDay: null,
  zone: null,
  weekly: none,
  days: new Map(),
  ...fields,
});
const at = (text: string) => Temporal.Instant.from(text).epochMilliseconds;
const shown = (spans: readonly { fromMs: number; toMs: number }[]) =>
  spans.map((s) => [s.fromMs, s.toMs].map((ms) => new Date(ms).toISOString().slice(5, 16)).join(' '));

test('[CA2] several ranges a day, over midnight and up to 24:00, each of the day on which it begins', () => {
  const monday = [
    { fromMinute: 480, toMinute: 720 },
    { fromMinute: 780, toMinute: 1_440 },
  ];
  const tuesday = [{ fromMinute: 1_320, toMinute: 1_800 }];
  const hours: ServiceHours = { versions: [version({ weekly: week(monday, tuesday) })] };
  expect(shown(hoursSpans(hours, 'UTC', at('2026-11-16T00:00Z'), at('2026-11-23T00:00Z')))).toEqual([
    '11-16T08:00 11-16T12:00',
    '11-16T13:00 11-17T00:00',
    '11-17T22:00 11-18T06:00',
  ]);
});

test('[CA3] a holiday closes its own hours, not those of the night before; a make-up Saturday works', () => {
  const night = [{ fromMinute: 1_320, toMinute: 1_800 }];
  const hours: ServiceHours = {
    versions: [
      version({
        weekly: week(night, night, night, night, night),
        days: new Map([
          ['2026-10-01', []],
          ['2026-10-10', night],
        ]),
      }),
    ],
  };
  expect(shown(hoursSpans(hours, 'UTC', at('2026-09-30T12:00Z'), at('2026-10-03T00:00Z')))).toEqual([
    '09-30T22:00 10-01T06:00',
    '10-02T22:00 10-03T00:00',
  ]);
  expect(shown(hoursSpans(hours, 'UTC', at('2026-10-10T12:00Z'), at('2026-10-12T00:00Z')))).toEqual([
    '10-10T22:00 10-11T06:00',
  ]);
});

test('[CA4] a version holds from its day on; the days before keep theirs', () => {
  const day = (fromMinute: number) =>
    week(...Array.from({ length: 7 }, () => [{ fromMinute, toMinute: 1_080 }]));
  const hours: ServiceHours = {
    versions: [
      version({ weekly: day(480) }),
      version({ fromDay: '2026-11-18', weekly: day(600), zone: 'UTC' }),
    ],
  };
  expect(shown(hoursSpans(hours, 'Asia/Shanghai', at('2026-11-16T16:00Z'), at('2026-11-19T00:00Z')))).toEqual(
    ['11-17T00:00 11-17T10:00', '11-18T10:00 11-18T18:00'],
  );
});

test('[CA5] a stretch reaches over a closed season, and over months without a change', () => {
  const days = new Map(
    Array.from({ length: 30 }, (_, i) => [
      Temporal.PlainDate.from('2026-12-01').add({ days: i }).toString(),
      [],
    ]),
  );
  const office = week(...Array.from({ length: 7 }, () => [{ fromMinute: 480, toMinute: 1_080 }]));
  const hours: ServiceHours = { versions: [version({ weekly: office, days })] };
  expect(hoursStretch(hours, 'UTC', at('2026-12-10T00:00Z'))).toEqual({
    inHours: false,
    fromMs: at('2026-11-30T18:00Z'),
    toMs: at('2026-12-31T08:00Z'),
  });
  const never: ServiceHours = { versions: [version({})] };
  expect(hoursStretch(never, 'UTC', 0)).toEqual({ inHours: false, fromMs: -Infinity, toMs: Infinity });
});

test('[CA2] the minutes of an ordinary week count overlaps once', () => {
  const overlapping = [
    { fromMinute: 0, toMinute: 600 },
    { fromMinute: 300, toMinute: 900 },
  ];
  expect(weeklyMinutes(version({ weekly: week(overlapping) }))).toBe(900);
});

/** Whether a moment is in hours, from the local clock alone. */
function inHours(hours: ServiceHours, machineZone: string, atMs: number): boolean {
  for (const [index, one] of hours.versions.entries()) {
    const local = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(one.zone ?? machineZone);
    for (const back of [0, 1, 2]) {
      const day = local.toPlainDate().subtract({ days: back });
      const iso = day.toString();
      const next = hours.versions[index + 1]?.fromDay ?? null;
      if ((one.fromDay !== null && iso < one.fromDay) || (next !== null && iso >= next)) continue;
      const minute = local.hour * 60 + local.minute + back * 1_440;
      const ranges = one.days.get(iso) ?? one.weekly[day.dayOfWeek - 1] ?? [];
      if (ranges.some(({ fromMinute, toMinute }) => fromMinute <= minute && minute < toMinute)) return true;
    }
  }
  return false;
}

const ranges = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 95 }), fc.integer({ min: 1, max: 96 }))
    .map(([from, length]) => ({ fromMinute: from * 15, toMinute: (from + length) * 15 })),
  { maxLength: 3 },
);
const dayOf = (offset: number) => Temporal.PlainDate.from('2026-03-20').add({ days: offset }).toString();
const versions = fc.record({
  weekly: fc.array(ranges, { minLength: 7, maxLength: 7 }),
  days: fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), ranges), { maxLength: 5 }),
  zone: fc.option(fc.constantFrom(...zones)),
});

test('[CA6] hours within the hour that the clock skips are not there, within the hour it shows twice twice', () => {
  const hours: ServiceHours = {
    versions: [
      version({
        zone: 'Europe/Berlin',
        weekly: Array.from({ length: 7 }, () => [{ fromMinute: 135, toMinute: 165 }]),
      }),
    ],
  };
  const minutes = (day: string) =>
    hoursSpans(hours, 'UTC', at(`${day}T00:00Z`), at(`${day}T00:00Z`) + DAY_MS).map(({ fromMs, toMs }) => [
      new Date(fromMs).toISOString().slice(11, 16),
      (toMs - fromMs) / MINUTE_MS,
    ]);
  expect(minutes('2026-03-28')).toEqual([['01:15', 30]]);
  expect(minutes('2026-03-29')).toEqual([]);
  expect(minutes('2026-10-25')).toEqual([
    ['00:15', 30],
    ['01:15', 30],
  ]);
});

test('[CA6] hours equal a look at the local clock of every quarter of an hour, in zones that change their clocks', () => {
  fc.assert(
    fc.property(
      fc.array(versions, { minLength: 1, maxLength: 3 }),
      fc.constantFrom(...zones),
      fc.integer({ min: 0, max: 12 }),
      (list, zone, startDay) => {
        const [first, ...rest] = list.map((one, i) =>
          version({
            weekly: one.weekly,
            days: new Map(one.days.map(([offset, of]) => [dayOf(offset), of])),
            // Versions in zones of their own overlap on the border by hours; one zone keeps the model simple.
            zone: list[0]?.zone ?? null,
            fromDay: i === 0 ? null : dayOf(i * 5),
          }),
        ) as [HoursVersion, ...HoursVersion[]];
        const hours: ServiceHours = { versions: [first, ...rest] };
        const fromMs = at('2026-03-20T00:00Z') + startDay * DAY_MS;
        const toMs = fromMs + 4 * DAY_MS + 5 * HOUR_MS;
        const spans = hoursSpans(hours, zone, fromMs, toMs);
        for (let ms = fromMs; ms < toMs; ms += 15 * MINUTE_MS) {
          const said = spans.some((span) => span.fromMs <= ms && ms < span.toMs);
          if (said !== inHours(hours, zone, ms))
            throw new Error(`${new Date(ms).toISOString()} ${String(said)}`);
        }
      },
    ),
    { numRuns: 60 },
  );
});
