import { expect, test } from 'vitest';
import { ClockWatch } from './clock-watch.ts';

const at = (wallMs: number, sinceBootMs: number, awakeMs = sinceBootMs) => ({ wallMs, sinceBootMs, awakeMs });

test.each([
  ['time that passes', at(11_000, 11_000), { steppedMs: 0, sleptMs: 0 }],
  ['a time server that corrects a little', at(12_500, 11_000), { steppedMs: 0, sleptMs: 0 }],
  ['a clock set forward', at(3_611_000, 11_000), { steppedMs: 3_600_000, sleptMs: 0 }],
  ['a clock set back', at(-3_589_000, 11_000), { steppedMs: -3_600_000, sleptMs: 0 }],
  ['a sleep', at(3_611_000, 3_611_000, 11_000), { steppedMs: 0, sleptMs: 3_600_000 }],
  [
    'a sleep during which the clock was set',
    at(7_211_000, 3_611_000, 11_000),
    { steppedMs: 3_600_000, sleptMs: 3_600_000 },
  ],
])('[LK97] %s', (_, reading, change) => {
  const watch = new ClockWatch(at(1_000, 1_000));
  expect(watch.look(reading)).toEqual(change);
  expect(watch.look(reading)).toEqual({ steppedMs: 0, sleptMs: 0 });
});

test('[LK97] drift is no jump, however far it leads', () => {
  const watch = new ClockWatch(at(0, 0));
  for (let i = 1; i <= 1_000; i++)
    expect(watch.look(at(i * 10_500, i * 10_000))).toEqual({ steppedMs: 0, sleptMs: 0 });
});
