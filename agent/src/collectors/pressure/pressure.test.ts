import { expect, test } from 'vitest';
import { createFakeHost } from '../../host-fake.ts';
import { parsePressure, pressure } from './pressure.ts';

test('[CO12] the share is the difference of the totals over the time between the readings, at most 100', () => {
  const host = createFakeHost({ files: { '/proc/pressure/io': line(1_000_000) } });
  const first = pressure.collect(host, null);
  host.advance(2_000);
  host.setFile('/proc/pressure/io', line(1_500_000));
  const second = pressure.collect(host, first.state);
  host.advance(1_000);
  host.setFile('/proc/pressure/io', line(9_500_000));
  const third = pressure.collect(host, second.state);
  expect(first.samples).toEqual([]);
  expect(second.samples).toEqual([{ metric: 'pressure.io.some', instance: '', value: 25 }]);
  expect(third.samples).toEqual([{ metric: 'pressure.io.some', instance: '', value: 100 }]);
});

test('[CO12] two readings at one time give nothing', () => {
  const host = createFakeHost({ files: { '/proc/pressure/io': line(5) } });
  expect(pressure.collect(host, pressure.collect(host, null).state).samples).toEqual([]);
});

test('[CO12] lines and columns that later kernels add do not matter', () => {
  const text = 'some avg10=0.00 new=1 total=7 more=2\nmost avg10=0.00 total=9\n';
  expect(parsePressure(text)).toEqual({ someMicros: 7, fullMicros: null });
});

function line(totalMicros: number): string {
  return `some avg10=0.00 avg60=0.00 avg300=0.00 total=${totalMicros}\n`;
}
