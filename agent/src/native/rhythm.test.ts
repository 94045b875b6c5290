import { expect, test } from 'vitest';
import { ClockWatch } from '../clock-watch.ts';
import { HALF_MINUTE_MS_MAX } from '../half-minute.ts';
import { FakeTime } from '../time-fake.ts';
import { awakeClock, STEP_MS_MAX } from './awake-clock.ts';
import { Rhythm } from './rhythm.ts';

function rhythmOf(ask: () => Promise<number>) {
  const time = new FakeTime();
  const log: string[] = [];
  const rhythm = new Rhythm({
    intervalMs: 10_000,
    ask,
    timers: time.timers,
    elapsedMs: time.elapsedMs,
    log: (why) => log.push(why),
  });
  return { time, log, rhythm };
}

test('[CO50] it asks at once and each interval, and what is older than three intervals is not told', async () => {
  let asked = 0;
  let fails = false;
  const { time, log, rhythm } = rhythmOf(async () => {
    asked += 1;
    if (fails) throw new Error('nobody answers');
    return asked;
  });
  rhythm.start();
  rhythm.start();
  expect(rhythm.fresh).toBeNull();
  await rhythm.askNow();
  expect(rhythm.fresh).toEqual({ atMs: 0, value: 1 });
  time.advance(10_000);
  await rhythm.askNow();
  expect(rhythm.fresh).toEqual({ atMs: 10_000, value: 2 });
  fails = true;
  time.advance(10_000);
  await rhythm.askNow();
  time.advance(10_000);
  await rhythm.askNow();
  time.advance(10_000);
  await rhythm.askNow();
  expect(rhythm.fresh?.value).toBe(2);
  time.advance(1);
  expect(rhythm.fresh).toBeNull();
  expect(rhythm.last?.value).toBe(2);
  expect(log).toEqual(['nobody answers']);
  rhythm.stop();
  expect(time.pending).toBe(0);
});

test('[CO50] a question that is under way is not asked again', async () => {
  let asked = 0;
  let answer: (value: number) => void = () => undefined;
  const { time, rhythm } = rhythmOf(() => {
    asked += 1;
    return new Promise((resolve) => {
      answer = resolve;
    });
  });
  rhythm.start();
  time.advance(60_000);
  expect(asked).toBe(1);
  answer(7);
  await rhythm.askNow();
  expect(rhythm.fresh).toEqual({ atMs: 60_000, value: 7 });
  time.advance(10_000);
  expect(asked).toBe(2);
});

test('[CO58] a long step of a clock that goes on through sleep counts as awake for 45 s, and never back', () => {
  let nowMs = 1_000;
  const awakeMs = awakeClock(() => nowMs);
  const after = (stepMs: number) => {
    nowMs += stepMs;
    return awakeMs();
  };
  expect(after(2_000)).toBe(3_000);
  expect(after(3_600_000)).toBe(3_000 + STEP_MS_MAX);
  expect(after(-5)).toBe(3_000 + STEP_MS_MAX);
  expect(after(10)).toBe(3_010 + STEP_MS_MAX);
});

test('[CO58] an agent that does something every half minute and is late now and then has not slept', () => {
  let nowMs = 0;
  const awakeMs = awakeClock(() => nowMs);
  const reading = () => ({ wallMs: nowMs, sinceBootMs: nowMs, awakeMs: awakeMs() });
  const watch = new ClockWatch(reading());
  for (const lateMs of [0, 1_000, 4_000, 8_000, 12_000]) {
    nowMs += HALF_MINUTE_MS_MAX + lateMs;
    expect(watch.look(reading())).toEqual({ steppedMs: 0, sleptMs: 0 });
  }
  expect(awakeMs()).toBe(nowMs);
});
