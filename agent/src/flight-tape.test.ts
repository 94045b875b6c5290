import { METRIC_NAMES, metricDefinition } from '@muster/shared/metrics/catalogue.ts';
import { expect, test } from 'vitest';
import { type CollectorStates, collectAll } from './collectors/index.ts';
import { FLIGHT_READINGS_MAX, FlightRecorder } from './flight-recorder.ts';
import { type FlightHost, FlightTape } from './flight-tape.ts';
import { createFakeHost } from './host-fake.ts';

const nothing = async () => undefined;

/** A machine whose counters move with `step`. */
function files(step: number): Record<string, string> {
  const busy = 1_000 + step * 37;
  const idle = 90_000 + step * 163;
  return {
    '/proc/stat': `cpu  ${busy} 0 ${busy >> 1} ${idle} 10 0 3 ${step} 0 0\ncpu0 ${busy} 0 ${busy >> 1} ${idle} 10 0 3 ${step} 0 0\nctxt ${step * 911}\nprocs_running ${1 + (step % 5)}\nprocs_blocked ${step % 2}\n`,
    '/proc/loadavg': `${(step % 7) / 4} 0.50 0.25 1/100 ${step}\n`,
    '/proc/meminfo': `MemTotal: 8000000 kB\nMemFree: ${4_000_000 - step * 100} kB\nMemAvailable: ${5_000_000 - step * 100} kB\nSwapTotal: 1000 kB\nSwapFree: ${1000 - (step % 500)} kB\n`,
    '/proc/vmstat': `pswpin ${step}\npswpout ${step * 2}\noom_kill 0\n`,
    '/proc/diskstats': `   8       0 sda ${100 + step} 0 ${2_000 + step * 8} ${step * 3} ${50 + step} 0 ${900 + step * 16} ${step * 2} 0 ${step * 4} 0\n`,
    '/proc/net/dev': `Inter-|   Receive                            |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n  eth0: ${step * 1_500} ${step + 1} 0 0 0 0 0 0 ${step * 700} ${step + 1} 0 0 0 0 0 0\n`,
    ...Object.fromEntries(
      ['cpu', 'memory', 'io'].map((name) => [
        `/proc/pressure/${name}`,
        `some avg10=0.00 avg60=0.00 avg300=0.00 total=${step * 1_000}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=${step * 500}\n`,
      ]),
    ),
  };
}

function stage() {
  const fake = createFakeHost({ files: files(0), nowMs: 1_000_000, monotonicMs: 50_000 });
  const host: FlightHost = {
    ...fake,
    readRaw: (path) => {
      const text = fake.readText(path);
      return text === null ? null : Buffer.from(text);
    },
  };
  const tape = new FlightTape(host);
  const direct = new FlightRecorder();
  const states: CollectorStates = new Map();
  return {
    fake,
    tape,
    direct,
    /** Both the tape and a recorder that makes sense of everything at once. */
    step: (number: number, change: Record<string, string | null> = {}) => {
      for (const [path, text] of Object.entries({ ...files(number), ...change })) fake.setFile(path, text);
      tape.read(fake.now());
      direct.record(fake.now(), collectAll(fake, states, [], 'flight').samples);
      fake.advance(2_000);
    },
  };
}

test('[LK95] [FP2] what is read from the tape is what collecting at once would have given', async () => {
  const { tape, direct, step } = stage();
  for (let i = 0; i < 75; i++)
    step(i, i === 40 ? { '/proc/diskstats': null, '/proc/pressure/io': 'odd' } : {});
  const recording = await tape.recording([], nothing);
  expect(recording).toEqual(direct.recording());
  const wanted = METRIC_NAMES.filter((name) => metricDefinition(name).flight === true);
  expect([...new Set<string>(recording.series.map(({ metric }) => metric))].toSorted()).toEqual(
    wanted.toSorted(),
  );
});

test('[FP2] the tape holds ten minutes, however long it runs', async () => {
  const { tape, direct, step } = stage();
  for (let i = 0; i < 2 * FLIGHT_READINGS_MAX + 7; i++) step(i);
  const [fromTape, atOnce] = [await tape.recording([], nothing), direct.recording()];
  expect(fromTape.timesMs).toEqual(atOnce.timesMs);
  expect(fromTape).toEqual(atOnce);
});

test('[FP2] what is switched off now is not told of the past; others run between the minutes', async () => {
  const { tape, step } = stage();
  for (let i = 0; i < 65; i++) step(i);
  let pauses = 0;
  const recording = await tape.recording(['disk', 'network'], async () => void pauses++);
  expect(recording.series.some(({ metric }) => /^(disk|network)\./.test(metric))).toBe(false);
  expect(pauses).toBe(7);
});

test('[LK95] [FP2] a clock that was set moves what was recorded before, and not what comes after', async () => {
  const { fake, tape, direct, step } = stage();
  for (let i = 0; i < 100; i++) {
    if (i === 33 || i === 80) {
      fake.jump(i === 33 ? 3_600_000 : -60_000);
      tape.shiftTimes(i === 33 ? 3_600_000 : -60_000);
      direct.shiftTimes(i === 33 ? 3_600_000 : -60_000);
    }
    step(i);
  }
  expect((await tape.recording([], nothing)).timesMs).toEqual(direct.recording().timesMs);
});

test('[FP2] a reading may be large, and a file that is too large is missing', async () => {
  const { tape, step } = stage();
  step(1, { '/proc/vmstat': `${'x 1\n'.repeat(50_000)}pswpin 5\npswpout 6\n` });
  step(2, { '/proc/vmstat': `${'x 1\n'.repeat(80_000)}pswpin 5\npswpout 6\n` });
  step(3);
  const { series } = await tape.recording([], nothing);
  expect(series.find(({ metric }) => metric === 'swap.in')?.values).toEqual([20_480, null, 12_288]);
});
