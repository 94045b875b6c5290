import { expect, test } from 'vitest';
import { LiveRates } from './live-rates.ts';

const received = (value: number) => ({ metric: 'network.received', instance: 'eth0', value }) as const;
const cpu = (value: number) => ({ metric: 'cpu.utilisation', instance: '', value }) as const;

test('[LV5] gauges go as they are, counters as rates from the second reading on', () => {
  const rates = new LiveRates();
  expect(rates.points(1_000, [cpu(40), received(500)])).toEqual([['cpu.utilisation', '', 40]]);
  expect(rates.points(2_000, [cpu(41), received(1_500)])).toEqual([
    ['cpu.utilisation', '', 41],
    ['network.received', 'eth0', 1_000],
  ]);
  expect(rates.points(4_000, [received(2_500)])).toEqual([['network.received', 'eth0', 500]]);
});

test('[LV5] a fall is a reset and counts from 0', () => {
  const rates = new LiveRates();
  rates.points(1_000, [received(500)]);
  expect(rates.points(2_000, [received(30)])).toEqual([['network.received', 'eth0', 30]]);
});

test('[LV5] no rate across more than three steps, none from late or repeated readings', () => {
  const rates = new LiveRates();
  rates.points(1_000, [received(0)]);
  rates.points(2_000, [received(10)]);
  expect(rates.points(6_000, [received(1_000)])).toEqual([]);
  expect(rates.points(6_000, [received(9)])).toEqual([]);
  expect(rates.points(5_000, [received(5)])).toEqual([]);
  expect(rates.points(7_000, [received(1_400)])).toEqual([['network.received', 'eth0', 400]]);
});

test('[LV5] what is no number is not shown', () => {
  const rates = new LiveRates();
  rates.points(1_000, [received(0)]);
  expect(rates.points(2_000, [cpu(Number.NaN), received(Number.POSITIVE_INFINITY)])).toEqual([]);
});
