import type { Check } from '@muster/shared/checks/check.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeTime } from '../time-fake.ts';
import type { ProbeResult } from './probe.ts';
import { CheckRunner } from './runner.ts';

const TCP = { kind: 'tcp', host: 'db.example', port: 5_432, intervalMs: 60_000, timeoutMs: 5_000 } as const;
const told = (name: string, more: Partial<typeof TCP> | object = {}) => ({
  name,
  check: { ...TCP, ...more },
});

interface Probed {
  readonly check: Check;
  readonly signal: AbortSignal;
  readonly waits: (waits: boolean) => void;
  readonly end: (result: ProbeResult) => Promise<void>;
}

function stage() {
  const time = new FakeTime();
  const probes: Probed[] = [];
  const failures: string[] = [];
  const runner = new CheckRunner({
    agentId: '0123456789abcdef0123456789abcdef',
    clocks: () => ({ wallMs: time.nowMs(), sinceBootMs: time.elapsedMs(), awakeMs: time.elapsedMs() }),
    timers: time.timers,
    probe: (check, signal, waits) => {
      const { promise, resolve } = Promise.withResolvers<ProbeResult>();
      probes.push({
        check,
        signal,
        waits,
        end: async (result) => {
          resolve(result);
          await new Promise(setImmediate);
        },
      });
      return promise;
    },
    failed: (check, why) => failures.push(`${check}: ${why}`),
  });
  const values = () =>
    Object.fromEntries(
      runner.samples().map(({ metric, instance, value }) => [`${metric} ${instance}`, value]),
    );
  /** Lets time pass until one more probe begins. */
  const next = () => {
    const known = probes.length;
    for (let i = 0; i < 2_000 && probes.length === known; i++) time.advance(50);
    const began = probes[known];
    if (began === undefined) throw new Error('no probe began');
    return began;
  };
  return { time, probes, failures, runner, values, next };
}

test('[CK20] nothing before the first result; then the last one with every tick, and failures are counted until a success', async () => {
  const { time, next, runner, values, failures } = stage();
  runner.configure([told('db')]);
  expect(runner.samples()).toEqual([]);
  const first = next();
  time.advance(1_250);
  await first.end({ why: null });
  expect(values()).toEqual({
    'check.success db': 1,
    'check.failures db': 0,
    'check.duration db': expect.closeTo(1.25, 1),
  });
  time.advance(10_000);
  expect(values()).toMatchObject({ 'check.success db': 1 });
  for (const failed of [1, 2, 3]) {
    await next().end({ why: 'refused' });
    expect(values()).toMatchObject({ 'check.success db': 0, 'check.failures db': failed });
  }
  expect(failures).toEqual(['check db: refused']);
  expect(runner.status()).toEqual({
    count: 1,
    failing: [{ name: 'db', why: 'refused' }],
    refused: [],
    untried: 0,
  });
  await next().end({ why: null, httpStatus: 204, certificateEndsAtMs: time.nowMs() + 86_400_000 });
  expect(values()).toMatchObject({
    'check.failures db': 0,
    'check.http.status db': 204,
    'check.certificate.remaining db': 86_400,
  });
});

test('[CK12] one that hangs is closed and failed when its time is over, and what it says later means nothing', async () => {
  const { time, next, values, runner } = stage();
  runner.configure([told('db')]);
  const { signal, end } = next();
  time.advance(4_900);
  expect(signal.aborted).toBe(false);
  time.advance(100);
  expect(signal.aborted).toBe(true);
  expect(values()).toMatchObject({ 'check.success db': 0, 'check.failures db': 1, 'check.duration db': 5 });
  await end({ why: null });
  expect(values()).toMatchObject({ 'check.success db': 0, 'check.failures db': 1 });
});

test('[CK61] while it waits for its turn its time stands still, and the wait is no part of how long it took', async () => {
  const { time, next, values, runner } = stage();
  runner.configure([told('db')]);
  const { waits, end, signal } = next();
  time.advance(1_000);
  waits(true);
  time.advance(4_900);
  waits(false);
  time.advance(3_900);
  expect(signal.aborted).toBe(false);
  await end({ why: null });
  expect(values()).toMatchObject({ 'check.success db': 1, 'check.duration db': expect.closeTo(4.9, 1) });
});

test('[CK61] what was well and gets no turn is neither failed nor counted, and tried again within a minute', async () => {
  const { time, next, values, runner, failures } = stage();
  runner.configure([told('db', { intervalMs: 86_400_000 })]);
  const never = next();
  never.waits(true);
  time.advance(5_000);
  expect(never.signal.aborted).toBe(true);
  expect(values()).toEqual({});
  const before = time.elapsedMs();
  const second = next();
  expect(time.elapsedMs() - before).toBeLessThanOrEqual(60_000);
  // Too late.
  never.waits(false);
  await second.end({ why: null });
  expect(values()).toMatchObject({ 'check.success db': 1, 'check.failures db': 0 });
  expect(failures).toEqual([]);
});

test('[CK61] the third time in a row that it gets no turn is a failure: where nobody answers for names, that is to be told', async () => {
  const { time, next, values, runner } = stage();
  runner.configure([told('db')]);
  await next().end({ why: null });
  for (let late = 1; late <= 3; late++) {
    expect(values()).toMatchObject({ 'check.success db': 1 });
    next().waits(true);
    time.advance(5_000);
  }
  expect(values()).toMatchObject({ 'check.success db': 0, 'check.failures db': 1 });
});

test('[CK61] what was not well and gets no turn goes on failing', async () => {
  const { time, next, values, runner } = stage();
  runner.configure([told('db')]);
  await next().end({ why: 'refused' });
  next().waits(true);
  time.advance(5_000);
  expect(values()).toMatchObject({ 'check.failures db': 2, 'check.duration db': expect.closeTo(0, 0) });
  expect(runner.status().failing).toEqual([
    { name: 'db', why: 'its name waits behind others that get no answer' },
  ]);
});

test('[CK11] four at once; with all targets dead the others still get their turn', () => {
  const { time, probes, runner } = stage();
  runner.configure(Array.from({ length: 32 }, (_, i) => told(`c${i}`, { intervalMs: 60_000, port: i + 1 })));
  const atOnce: number[] = [];
  for (let second = 0; second < 300; second++) {
    time.advance(1_000);
    atOnce.push(probes.filter(({ signal }) => !signal.aborted).length);
  }
  expect(Math.max(...atOnce)).toBe(4);
  const runs = new Map<number, number>();
  for (const { check } of probes)
    if (check.kind === 'tcp') runs.set(check.port, (runs.get(check.port) ?? 0) + 1);
  expect(runs.size).toBe(32);
  expect(Math.min(...runs.values())).toBeGreaterThanOrEqual(4);
});

test('[CK13] what stays goes on with its result, what changed begins anew, what is gone is closed', async () => {
  const { time, next, values, runner } = stage();
  const web = { port: 80, timeoutMs: 30_000 };
  runner.configure([told('web', web)]);
  const hanging = next();
  runner.configure([told('web', web), told('db')]);
  expect(hanging.signal.aborted).toBe(false);
  runner.configure([told('web', { ...web, port: 81 }), told('db')]);
  expect(hanging.signal.aborted).toBe(true);
  await hanging.end({ why: null });
  expect(values()).toEqual({});
  runner.configure([told('db')]);
  await next().end({ why: null });
  runner.configure([told('web', web), told('db')]);
  expect(values()).toMatchObject({ 'check.success db': 1 });
  runner.configure([told('db', { port: 5_433 })]);
  expect(values()).toEqual({});
  runner.configure([]);
  expect(time.pending).toBe(0);
});

test('[CK30] of what it is told the agent runs what it knows, and says what it does not', () => {
  const { time, probes, failures, runner } = stage();
  runner.configure([
    told('db'),
    told('run', { kind: 'exec', command: 'id' }),
    told('more', { command: 'id' }),
    told('file', { kind: 'http', url: 'file:///etc/passwd' }),
    told('quick', { intervalMs: 100 }),
    told('slow', { timeoutMs: 60_000 }),
    told('db', { port: 1 }),
    null,
  ]);
  time.advance(120_000);
  expect(new Set(probes.map(({ check }) => JSON.stringify(check)))).toEqual(new Set([JSON.stringify(TCP)]));
  expect(failures.filter((line) => line.startsWith('checks: this version cannot run'))).toHaveLength(6);
});

test('[CK3] of too many the first 32 are run', () => {
  const { runner, failures } = stage();
  runner.configure(Array.from({ length: 40 }, (_, i) => told(`c${i}`)));
  expect(runner.status().count).toBe(32);
  expect(failures).toEqual(['checks: 40 checks, only the first 32 are run']);
});

test('[CK10] [CK11] whatever probes take and however the clock is set, none begins twice within half its interval, and all end', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          intervalMs: fc.integer({ min: 10_000, max: 120_000 }),
          timeoutMs: fc.integer({ min: 500, max: 9_000 }),
        }),
        { minLength: 1, maxLength: 12 },
      ),
      fc.array(fc.integer({ min: -1e9, max: 1e9 }), { maxLength: 5 }),
      (checks, jumps) => {
        const { time, runner } = stageOfStarts();
        runner.configure(checks.map((check, i) => told(`c${i}`, { ...check, port: i + 1 })));
        for (const jumpMs of [0, ...jumps]) {
          time.jump(jumpMs);
          time.advance(60_000);
        }
        runner.stop();
        for (const [port, starts] of runner.starts) {
          const { intervalMs = 0 } = checks[port - 1] ?? {};
          const gaps = starts.slice(1).map((atMs, i) => atMs - (starts[i] ?? 0));
          for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(intervalMs / 2);
        }
        expect(runner.open()).toBe(0);
      },
    ),
    { numRuns: 40 },
  );
});

/** Every probe hangs. */
function stageOfStarts() {
  const time = new FakeTime();
  const starts = new Map<number, number[]>();
  const signals: AbortSignal[] = [];
  const runner = new CheckRunner({
    agentId: 'a',
    clocks: () => ({ wallMs: time.nowMs(), sinceBootMs: time.elapsedMs(), awakeMs: time.elapsedMs() }),
    timers: time.timers,
    probe: (check, signal) => {
      const port = check.kind === 'tcp' ? check.port : 0;
      starts.set(port, [...(starts.get(port) ?? []), time.elapsedMs()]);
      signals.push(signal);
      return new Promise(() => undefined);
    },
    failed: () => undefined,
  });
  return {
    time,
    runner: Object.assign(runner, { starts, open: () => signals.filter(({ aborted }) => !aborted).length }),
  };
}

test('[AT124] a check that this machine does not allow is told apart from one that fails, and both from one not tried yet', async () => {
  const { next, runner } = stage();
  runner.configure([told('own')]);
  expect(runner.status()).toEqual({ count: 1, failing: [], refused: [], untried: 1 });
  await next().end({ why: 'not allowed here', refused: true });
  const refused = [{ name: 'own', why: 'not allowed here' }];
  expect(runner.status()).toEqual({ count: 1, failing: [], refused, untried: 0 });
});
