import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import { AgentEvent } from '@muster/shared/wire/frame-bodies.ts';
import { expect, test } from 'vitest';
import { FLIGHT_READINGS_MAX, FLIGHT_SERIES_MAX, FlightRecorder } from './flight-recorder.ts';

const reading = (metric: Sample['metric'], value: number, instance = ''): Sample => ({
  metric,
  instance,
  value,
});

test('[LK95] the ring keeps the last readings in order, null where a series was not read', () => {
  const recorder = new FlightRecorder();
  for (let i = 0; i < FLIGHT_READINGS_MAX + 10; i++) {
    recorder.record(i * 2_000, [
      reading('cpu.utilisation', i),
      ...(i % 2 === 0 ? [reading('memory.used', i)] : []),
    ]);
  }
  const { timesMs, series } = recorder.recording();
  expect(timesMs).toEqual(Array.from({ length: FLIGHT_READINGS_MAX }, (_, i) => (i + 10) * 2_000));
  expect(series[0]?.values.slice(0, 3)).toEqual([10, 11, 12]);
  expect(series[1]?.values.slice(0, 3)).toEqual([10, null, 12]);
});

test('[LK95] a series that is gone for a whole window leaves; more series than an event may carry are left out', () => {
  const recorder = new FlightRecorder();
  recorder.record(0, [reading('disk.read', 1, 'sdz')]);
  for (let i = 1; i < 3 * FLIGHT_READINGS_MAX; i++) recorder.record(i, [reading('cpu.utilisation', i)]);
  expect(recorder.recording().series.map(({ metric }) => metric)).toEqual(['cpu.utilisation']);
  recorder.record(
    1_000,
    Array.from({ length: 400 }, (_, i) => reading('disk.read', i, `sd${i}`)),
  );
  expect(recorder.recording().series).toHaveLength(FLIGHT_SERIES_MAX);
});

test('[LK95] the recording is a valid event, also when it is empty and after the clock was set', () => {
  const recorder = new FlightRecorder();
  const event = () => ({
    type: 'flight',
    atMs: 1,
    requestId: 'r',
    ...recorder.recording(),
    topProcesses: [],
  });
  AgentEvent.parse(event());
  recorder.record(5_000, [reading('cpu.utilisation', 1)]);
  recorder.shiftTimes(-2_000);
  expect(recorder.recording().timesMs).toEqual([3_000]);
  recorder.shiftTimes(-1e12);
  AgentEvent.parse(event());
});
