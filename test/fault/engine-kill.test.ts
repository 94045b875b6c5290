/**
 * `kill -9` at any moment: flush, compaction, rollup and retention run all the time while the process dies. After each kill
 * every acknowledged sample is looked for, value by value. The whole trial: MUSTER_LONG=1.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type MetricEngine, openMetricEngine } from '@muster/server/store/engine/engine.ts';
import { DAY_MS, type Millis } from '@muster/shared/time.ts';
import { effectOf, endOf, MACHINES, SERIES, START_MS } from './readings.ts';

const LONG = process.env.MUSTER_LONG === '1';
const KILLS = LONG ? 150 : 6;
const KILLS_MAX = 10 * KILLS;
const SEED = Number(process.env.MUSTER_SEED ?? 20261121);
const LIVES_MS_MAX = LONG ? 3_000 : 1_200;
const EPOCH = '00000000000000aa';
/** Of the raw tier, which is kept for 7 days, the rest may be gone with its file. */
const SURE_MS = 6 * DAY_MS;
const RAW_DAYS = 8;

test(
  `[ME35] ${KILLS} kills at random moments: nothing that was acknowledged is lost, nothing is there twice or half`,
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'muster-fault-'));
    const random = generator(SEED);
    const acknowledged = new Array<number>(MACHINES).fill(0);
    try {
      const days = () => (endOf(Math.min(...acknowledged)) - START_MS) / DAY_MS;
      let kill = 0;
      // With fewer days nothing would ever expire; how far an engine gets in its life depends on the machine.
      for (; kill < KILLS || (days() <= RAW_DAYS && kill < KILLS_MAX); kill++) {
        await live(folder, 20 + random() * LIVES_MS_MAX, acknowledged);
        const engine = await openMetricEngine({ folder, archive: 'inline' });
        try {
          for (let machine = 0; machine < MACHINES; machine++) {
            const delivered = engine.delivered(`agt_${machine}`, EPOCH);
            expect(delivered, `machine ${machine} after kill ${kill}`).toBeGreaterThanOrEqual(
              acknowledged[machine] as number,
            );
            await check(engine, machine, delivered);
          }
          expect(engine.stats(endOf(1)).corruptions).toEqual([]);
        } finally {
          await engine.close();
        }
      }
      process.stdout.write(`${kill} kills, ${days().toFixed(1)} simulated days, seed ${SEED}\n`);
      expect(days()).toBeGreaterThan(RAW_DAYS);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  LONG ? 1_800_000 : 120_000,
);

/** Lets an engine run for a while and kills it; what it said to be acknowledged is added. */
function live(folder: string, forMs: number, acknowledged: number[]): Promise<void> {
  const program = path.join(import.meta.dirname, 'engine-child.ts');
  const child = spawn(process.execPath, [program, folder, String(SEED)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  let complained = '';
  child.stderr.on('data', (bytes) => (complained += String(bytes)));
  let timer: NodeJS.Timeout | undefined;
  child.stdout.on('data', (bytes) => {
    // The moment counts from when it is open: what a start takes differs from machine to machine.
    if (told === '') timer = setTimeout(() => child.kill('SIGKILL'), forMs);
    told += String(bytes);
  });
  return new Promise((resolve, reject) => {
    child.on('close', (_, signal) => {
      clearTimeout(timer);
      if (signal !== 'SIGKILL') {
        reject(new Error(`the engine ended by itself:\n${complained}`));
        return;
      }
      const whole = told.split('\n').slice(0, -1);
      for (const line of whole.filter((line) => line !== 'open')) {
        const [machine, seq] = line.split(' ').map(Number) as [number, number];
        acknowledged[machine] = Math.max(acknowledged[machine] as number, seq);
      }
      resolve();
    });
  });
}

async function check(engine: MetricEngine, machine: number, delivered: number): Promise<void> {
  const nowMs = endOf(delivered);
  const effect = effectOf(SEED, machine, delivered);
  for (let one = 0; one < SERIES; one++) {
    const query = { ciId: `ci_${machine}`, metric: 'temperature', instance: `sensor ${one}` } as const;
    const fromMs = nowMs - SURE_MS;
    const { series } = await engine.range({ ...query, fromMs, toMs: nowMs + DAY_MS, points: 1e7 }, nowMs);
    const points = series[0]?.points;
    const found = new Map<Millis, number>();
    for (let i = 0; i < (points?.times.length ?? 0); i++) {
      found.set(points?.times[i] as number, points?.averages[i] as number);
    }
    expect(found.size).toBe(points?.times.length ?? 0);
    const wanted = new Map([...(effect[one] as Map<Millis, number>)].filter(([atMs]) => atMs >= fromMs));
    for (const [atMs, value] of wanted) {
      if (!Object.is(found.get(atMs), value))
        expect(found.get(atMs), `machine ${machine}, series ${one}, ${new Date(atMs).toISOString()}`).toBe(
          value,
        );
    }
    expect(found.size).toBe(wanted.size);
  }
}

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 0x7fff_ffff;
    return state / 0x7fff_ffff;
  };
}
