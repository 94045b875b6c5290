import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnsOf, NO_POINTS } from './columns.ts';
import {
  alignSeries,
  csvRows,
  figuresOf,
  gapReason,
  gapsBetween,
  isolatedPoints,
  meanOf,
  pointRows,
  runsOf,
  twinRows,
  TWIN_ROWS_MAX,
  type ChartSeries,
} from './data.ts';
import { niceStep, timeTicks, timeTickLabels, valueTicks } from './scale.ts';

const series = (points: number[][], stepMs = 10): ChartSeries => ({
  id: 'a',
  label: 'A',
  points: columnsOf(points),
  stepMs,
  colour: 1,
});

test('[DB10] a gap stays a gap: the line stops inside it and the hatch covers it', () => {
  const aligned = alignSeries(
    [
      series([
        [0, 1],
        [10, 2],
        [60, 3],
        [70, 4],
      ]),
    ],
    0,
    70,
  );
  expect(aligned.gaps).toEqual([{ fromMs: 10, toMs: 60 }]);
  expect([...aligned.times]).toEqual([0, 10, 35, 60, 70]);
  expect(aligned.averages).toEqual([[1, 2, null, 3, 4]]);
});

test('[DB10] what is missing before the first and after the last sample is a gap too', () => {
  expect(
    alignSeries(
      [
        series([
          [50, 1],
          [60, 2],
        ]),
      ],
      0,
      100,
    ).gaps,
  ).toEqual([
    { fromMs: 0, toMs: 50 },
    { fromMs: 60, toMs: 100 },
  ]);
});

test('[DB10] the hatch covers only what all series lack', () => {
  const other = {
    ...series(
      [
        [0, 5],
        [30, 5],
        [50, 5],
        [70, 5],
      ],
      20,
    ),
    id: 'b',
  };
  const aligned = alignSeries(
    [
      series([
        [0, 1],
        [10, 2],
        [60, 3],
        [70, 4],
      ]),
      other,
    ],
    0,
    70,
  );
  expect(aligned.gaps).toEqual([]);
  // The second series is read between its own points, never within a gap of the first.
  expect(aligned.averages[1]?.every((value) => value === 5)).toBe(true);
  expect(aligned.averages[0]?.[aligned.times.indexOf(30)]).toBeNull();
});

test('[DB10] lines of the same times without gaps are drawn as they came, nothing is copied', () => {
  const points = columnsOf([
    [0, 1, 0, 2],
    [10, 2, 1, 3],
    [20, 3, 2, 4],
  ]);
  const plain = { times: Float64Array.of(0, 10, 20), averages: Float64Array.of(7, 8, 9) };
  const aligned = alignSeries(
    [series([]), series([])].map((one, i) => ({ ...one, points: i ? plain : points })),
    0,
    20,
  );
  expect([...aligned.times]).toEqual([0, 10, 20]);
  for (const column of [aligned.times, aligned.averages[0], aligned.lows[0], aligned.highs[0]])
    expect(column).toBeInstanceOf(Float64Array);
  expect([...(aligned.averages[1] ?? [])]).toEqual([7, 8, 9]);
  expect(aligned.averages[0]).toHaveProperty('buffer', points.averages.buffer);
  expect(aligned.lows[1]).toBe(aligned.averages[1]);
  const part = alignSeries([{ ...series([]), points }], 5, 20);
  expect([[...part.times], [...(part.highs[0] ?? [])]]).toEqual([
    [10, 20],
    [3, 4],
  ]);
});

test('[DB10] a sample alone between gaps is a dot, and bands are cut where a value is missing', () => {
  expect(isolatedPoints([1, null, 2, null, 3, 4])).toEqual([0, 2]);
  expect(runsOf([null, 1, 2, null, 3])).toEqual([
    { from: 1, to: 2 },
    { from: 4, to: 4 },
  ]);
});

test('[DB11] points with a band keep their lowest and highest value in the figures', () => {
  expect(
    figuresOf(
      columnsOf([
        [0, 5, 1, 9],
        [10, 6, 4, 7],
      ]),
      0,
      10,
    ),
  ).toEqual({ last: 6, min: 1, max: 9 });
  expect(figuresOf(NO_POINTS, 0, 10)).toEqual({ last: null, min: null, max: null });
});

test('[DB10] no value is invented: every drawn value lies between the smallest and the greatest point', () => {
  const points = fc
    .uniqueArray(fc.integer({ min: 0, max: 500 }), { maxLength: 40 })
    .chain((times) =>
      fc.tuple(
        fc.constant(times.toSorted((a, b) => a - b)),
        fc.array(fc.double({ min: 0, max: 100, noNaN: true }), {
          minLength: times.length,
          maxLength: times.length,
        }),
      ),
    )
    .map(([times, values]) => times.map((time, index) => [time, values[index] ?? 0]));
  fc.assert(
    fc.property(points, points, (a, b) => {
      const aligned = alignSeries([series(a), { ...series(b, 25), id: 'b' }], 0, 500);
      expect([...aligned.times]).toEqual([...new Set(aligned.times)].toSorted((x, y) => x - y));
      [a, b].forEach((each, index) => {
        const drawn = [...(aligned.averages[index] ?? [])].filter((value) => value !== null);
        expect(drawn.length).toBeGreaterThanOrEqual(each.length);
        for (const value of drawn) {
          expect(value).toBeGreaterThanOrEqual(Math.min(...each.map((point) => point[1] ?? 0)) - 1e-9);
          expect(value).toBeLessThanOrEqual(Math.max(...each.map((point) => point[1] ?? 0)) + 1e-9);
        }
      });
      for (const gap of gapsBetween(
        a.map(([at = 0]) => at),
        { stepMs: 10 },
      )) {
        const inside = [...aligned.times].flatMap((time, index) =>
          time > gap.fromMs && time < gap.toMs ? [aligned.averages[0]?.[index]] : [],
        );
        expect(inside.length).toBeGreaterThan(0);
        expect(inside.every((value) => value === null)).toBe(true);
      }
    }),
  );
});

test('[DB14] the table twin has at most 60 rows with both ends, the CSV has all', () => {
  const points = Array.from({ length: 200 }, (_, index) => [index * 10, index]);
  const rows = twinRows(points.length);
  expect(rows).toHaveLength(TWIN_ROWS_MAX);
  expect([rows[0], rows.at(-1)]).toEqual([0, 199]);
  expect(csvRows([series(points)], '%', 0, 1_990)).toHaveLength(201);
});

test('[DB14] the CSV has the points as they are: UTC, raw values, band, nothing between them', () => {
  const banded = { ...series([[0, 2, 1, 3]]), label: 'A' };
  const other = { ...series([[5, 7]]), id: 'b', label: 'B' };
  expect(csvRows([banded, other], '%', 0, 10)).toEqual([
    ['time', 'A (%)', 'A (%) min', 'A (%) max', 'B (%)'],
    ['1970-01-01T00:00:00.000Z', 2, 1, 3, null],
    ['1970-01-01T00:00:00.005Z', null, null, null, 7],
  ]);
});

test('[DB14] rows of points never hold a value between two points', () => {
  const times = fc.uniqueArray(fc.integer({ min: 0, max: 300 }), { maxLength: 30 });
  fc.assert(
    fc.property(times, times, (a, b) => {
      const all = [a, b].map((each, index) => ({
        ...series(each.toSorted((x, y) => x - y).map((time) => [time, time])),
        id: String(index),
      }));
      const rows = pointRows(all, 50, 250);
      const inside = [a, b].flat().filter((time) => time >= 50 && time <= 250);
      expect(rows.map(({ atMs }) => atMs)).toEqual([...new Set(inside)].toSorted((x, y) => x - y));
      expect(rows.flatMap(({ points }) => points.filter((point) => point !== null))).toHaveLength(
        inside.length,
      );
    }),
  );
});

test('[DB101] a gap is explained by what covers most of it, and by nothing that covers less than half', () => {
  const gap = { fromMs: 100, toMs: 200 };
  const reason = (fromMs: number, toMs: number, words: string) => ({ fromMs, toMs, words });
  expect(gapReason(gap, [reason(0, 160, 'asleep'), reason(160, 300, 'off')])).toBe('asleep');
  expect(gapReason(gap, [reason(0, 130, 'off'), reason(130, 160, 'off')])).toBe('off');
  expect(gapReason(gap, [reason(0, 149, 'asleep')])).toBeNull();
  expect(gapReason(gap, [])).toBeNull();
});

test.each([
  [0, 100, [0, 50, 100]],
  [0, 37, [0, 20, 40]],
  [0, 0.2, [0, 0.1, 0.2]],
  [75, 100, [70, 80, 90, 100]],
  [0, 0, [0, 0.5, 1]],
])('[DB12] ticks from %s to %s are round and enclose the values', (min, max, expected) => {
  expect(valueTicks(min, max)).toEqual(expected);
});

test('[DB12] there are 2 to 6 ticks for any range', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e15, noNaN: true }), (max) => {
      const ticks = valueTicks(0, max);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(6);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(max * 0.999999);
    }),
  );
  expect(niceStep(10, 3)).toBe(5);
});

test('[DB12] time ticks stand on round local times and name the day where it changes', () => {
  const from = new Date(2026, 10, 20, 22, 10).getTime();
  const ticks = timeTicks(from, from + 4 * 3_600_000, 5);
  expect(timeTickLabels(ticks, 'en')).toEqual(['23:00', '21 Nov', '01:00', '02:00']);
  const month = timeTicks(new Date(2026, 9, 20).getTime(), new Date(2026, 10, 20).getTime(), 6);
  expect(timeTickLabels(month, 'zh').every((label) => /^\d\d-\d\d$/.test(label))).toBe(true);
  const year = timeTicks(new Date(2025, 10, 20).getTime(), new Date(2026, 10, 20).getTime(), 6);
  expect(timeTickLabels(year, 'en')).toEqual(['1 Jan', '1 Apr', '1 Jul', '1 Oct']);
});

test('[DB213] the mean is of the points inside the range', () => {
  const points = columnsOf([
    [0, 100],
    [10, 6],
    [20, 8],
    [40, 1],
  ]);
  expect(meanOf(points, 10, 30)).toBe(7);
  expect(meanOf(NO_POINTS, 0, 10)).toBeNull();
});
