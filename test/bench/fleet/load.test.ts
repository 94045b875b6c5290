import { METRICS, type MetricName } from '@muster/shared/metrics/catalogue.ts';
import { expect, test } from 'vitest';
import { FrameReader, maskedFrame, OPCODES } from './socket-frames.ts';
import { openWorkload, tickAtMs } from './workload.ts';

test('the same seed and agent have the same values, another agent has others', async () => {
  const [first, second] = [await openWorkload(100), await openWorkload(100)];
  const valuesOf = (workload: typeof first, agent: number) => {
    const out = new Array<number>(100).fill(0);
    const machine = workload.machine(1, agent);
    for (let tick = 0; tick < 5; tick++) machine.next(out);
    return out;
  };
  expect(valuesOf(first, 4)).toEqual(valuesOf(second, 4));
  expect(valuesOf(first, 4)).not.toEqual(valuesOf(first, 5));
});

test('each number of series has names of its own that the catalogue knows', async () => {
  for (const count of [1, 50, 100, 500]) {
    const { series } = await openWorkload(count);
    expect(series.length).toBe(count);
    expect(new Set(series.map(({ metric, instance }) => `${metric} ${instance}`)).size).toBe(count);
    for (const { metric, instance } of series) {
      const known = METRICS[metric as MetricName];
      expect(known.instance === 'none').toBe(instance === '');
    }
  }
});

test('the moments of agents are spread over the interval', () => {
  const schedule = { startMs: 1_000_000, intervalMs: 10_000, agents: 1_000 };
  const slots = new Set(
    Array.from({ length: 1_000 }, (_, agent) => Math.floor(tickAtMs(schedule, agent, 0) / 100)),
  );
  expect(slots.size).toBe(100);
});

test('frames of a server are read however they are cut', () => {
  const payloads = [Buffer.from('a'), Buffer.alloc(300, 7), Buffer.alloc(70_000, 9), Buffer.from('end')];
  const bytes = Buffer.concat(payloads.map((payload) => unmasked(payload)));
  for (const size of [61, 1_000, bytes.length]) {
    const reader = new FrameReader();
    const taken: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size)
      reader.read(bytes.subarray(at, at + size), (_opcode, payload) => taken.push(Buffer.from(payload)));
    expect(taken.map(({ length }) => length)).toEqual(payloads.map(({ length }) => length));
    expect(taken.at(-1)?.toString()).toBe('end');
  }
});

/** A server's frame from a client's: the mask is taken off. */
function unmasked(payload: Buffer): Buffer {
  const frame = maskedFrame(OPCODES.binary, payload, 0);
  const head = frame.length - payload.length - 4;
  frame[1] = (frame[1] as number) & 127;
  return Buffer.concat([frame.subarray(0, head), payload]);
}
