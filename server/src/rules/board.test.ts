import { expect, test } from 'vitest';
import { Board, Slot } from './board.ts';
import type { Plan } from './board.ts';
import { IS_COUNTER, IS_FED } from './quiet.ts';
import { BEFORE_1, BEFORE_2 } from './series-numbers.ts';
import type { Watch } from './series-watch.ts';
import type { Signal } from './signals/signal.ts';

test('[RU45] a machine with thousands of series is not copied for each of them', () => {
  const board = new Board('ci_1');
  const rooms = new Set<Float64Array>();
  for (let i = 0; i < 5_000; i++) {
    const slot = new Slot(board, { ciId: 'ci_1', metric: 'temperature', instance: `s${i}` }, 0);
    slot.seed(i, i / 2, false, 10_000);
    rooms.add(board.numbers);
  }
  expect(rooms.size).toBeLessThan(1_500);
  expect(board.numbers.length).toBeLessThan(5_000 * 3 * 1.3);
  expect(board.slots.every((slot, i) => slot.lastAtMs === i && slot.value === i / 2)).toBe(true);
});

test('[RU45] after ticks in which nothing is remarkable a series is known as after each of them, and its signal is fed', () => {
  const board = new Board('ci_1');
  const fed: number[][] = [];
  const signal: Signal = {
    historyMs: 0,
    historyStepMs: 0,
    staleAtMs: Infinity,
    take: () => null,
    feed: (...sample) => fed.push(sample.slice(0, 3).map(Number)),
    dueMs: () => Infinity,
    shown: () => ({ value: null, level: null, reasons: [] }),
  };
  const gauge = new Slot(board, { ciId: 'ci_1', metric: 'temperature', instance: '' }, 0);
  const counter = new Slot(board, { ciId: 'ci_1', metric: 'disk.errors', instance: '' }, IS_COUNTER);
  counter.watches = [{ signal } as Watch];
  gauge.seed(0, 40, false, 10_000);
  counter.seed(0, 100, true, 10_000);
  const plan: Plan = {
    list: [7, 8],
    layout: {
      positions: Int32Array.of(0, 1),
      slots: Int32Array.of(gauge.index, counter.index),
      offsets: Int32Array.of(gauge.offset, counter.offset),
      flags: Uint8Array.of(0, IS_COUNTER | IS_FED),
      uppers: Float64Array.of(60, 5),
      lowers: Float64Array.of(-Infinity, -Infinity),
      fed: Int32Array.of(counter.index),
      isOdd: false,
    },
  };
  const take = (atMs: number, values: number[]) =>
    board.takeQuiet(plan.list, atMs, values, 45_000) || board.takeQuietAgain(plan, atMs, values, 45_000);
  // The first one of a list is looked at.
  expect(take(0, [40, 100])).toBe(false);
  expect(take(10_000, [41, 110])).toBe(true);
  expect(take(22_000, [42, 122])).toBe(true);
  expect(take(22_000, [99, 999])).toBe(true);
  expect(take(32_000, [43, 92])).toBe(false);
  expect([gauge.lastAtMs, gauge.value, counter.readMs, counter.value]).toEqual([22_000, 42, 22_000, 1]);
  expect(board.numbers[counter.offset + BEFORE_1]).toBe(12_000);
  expect(board.numbers[counter.offset + BEFORE_2]).toBe(10_000);
  expect(fed).toEqual([
    [10_000, 1, 10_000],
    [22_000, 1, 12_000],
  ]);
  // A reset of the counter counts from nothing.
  expect(take(32_000, [43, 20])).toBe(true);
  expect(counter.value).toBe(2);
  expect(take(42_000, [60, 30])).toBe(false);
  expect(take(42_000, [43, Number.NaN])).toBe(false);
  expect(take(63_000, [43, 30])).toBe(false);
  gauge.wakeMs = 45_000;
  expect(take(44_000, [43, 30])).toBe(true);
  expect(take(45_000, [43, 30])).toBe(false);
});
