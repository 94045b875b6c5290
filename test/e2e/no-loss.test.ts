/**
 * Nothing that was produced is lost, and nothing is stored twice: a simulated fleet sends, server and fleet are killed at random
 * instants, and at the end every single reading is looked for. The whole trial: MUSTER_NO_LOSS=long.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readings, simMachine } from '../sim/machine.ts';
import {
  cleanUp,
  enrolmentToken,
  figure,
  ROOT,
  type RunningServer,
  startServer,
  temporaryFolder,
  until,
} from './harness.ts';

const LONG = process.env.MUSTER_NO_LOSS === 'long';
const AGENTS = LONG ? 200 : 40;
const SERVER_KILLS = LONG ? 10 : 3;
const AGENT_KILLS = LONG ? 5 : 2;
const INTERVAL_MS = 1_000;
const SEED = 20261121;
/** Of all series of a machine, these are compared value by value; of the others the first and last. */
const METRICS = ['cpu.utilisation', 'memory.used', 'network.received', 'filesystem.utilisation'] as const;

afterAll(cleanUp);

test(
  `[LK1] ${AGENTS} agents, ${SERVER_KILLS} kills of the server and ${AGENT_KILLS} of the agents: every reading is stored exactly once`,
  async () => {
    let server = await startServer();
    const token = await enrolmentToken(server, { usesMax: 10_000 });
    const dataDir = temporaryFolder('fleet');
    let fleet = startFleet(server, token, dataDir);
    let before = 0;
    const random = generator(SEED);
    const kills = [
      ...Array.from({ length: SERVER_KILLS }, () => 'server'),
      ...Array.from({ length: AGENT_KILLS }, () => 'fleet'),
    ].toSorted(() => random() - 0.5);
    await until(() => produced(dataDir).length >= AGENTS * 3, { withinMs: 60_000, what: 'the fleet sends' });
    for (const victim of kills) {
      await pause(1_500 + random() * 2_500);
      if (victim === 'server') {
        await server.kill();
        await pause(random() * 2_000);
        server = await startServer({ dataDir: server.dataDir, port: server.port, token: server.token });
      } else {
        await killFleet(fleet);
        before = produced(dataDir).length;
        fleet = startFleet(server, token, dataDir);
      }
    }
    // A process that is still being started would be ended by the signal that asks it to finish.
    await until(() => produced(dataDir).length > before, { withinMs: 60_000, what: 'the fleet sends again' });
    await pause(3_000);
    const left = await drain(fleet);
    expect(left).toBe(0);

    const rows = produced(dataDir);
    const ids = await machineIds(server);
    const { stored, missing, wrong, twice } = await compare(server, rows, ids);
    figure(
      'readings produced in whole ticks',
      rows.reduce((sum, row) => sum + row.samples, 0),
      'samples',
    );
    figure('ticks looked for', rows.length * METRICS.length, 'values');
    expect({ missing, wrong, twice }).toEqual({ missing: 0, wrong: 0, twice: 0 });
    expect(stored).toBeGreaterThanOrEqual(rows.length);
  },
  LONG ? 900_000 : 240_000,
);

interface Row {
  readonly agent: number;
  readonly atMs: number;
  readonly samples: number;
}

/** Ticks that were in a spool; a line cut by a kill is not counted. */
function produced(dataDir: string): Row[] {
  try {
    const lines = readFileSync(join(dataDir, 'ledger.csv'), 'utf8').split('\n').slice(0, -1);
    return lines
      .map((line) => line.split(',').map(Number))
      .map(([agent = 0, atMs = 0, samples = 0]) => ({ agent, atMs, samples }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function compare(server: RunningServer, rows: readonly Row[], ids: ReadonlyMap<string, string>) {
  const result = { stored: 0, missing: 0, wrong: 0, twice: 0 };
  for (let agent = 0; agent < AGENTS; agent++) {
    const machine = simMachine(SEED, agent);
    const ci = ids.get(machine.hostname);
    const times = rows.filter((row) => row.agent === agent).map(({ atMs }) => atMs);
    const from = new Date(Math.min(...times)).toISOString();
    const to = new Date(Math.max(...times) + 1).toISOString();
    for (const metric of METRICS) {
      const instance = metric === 'filesystem.utilisation' ? '&instance=%2F' : '';
      const { series } = await server.api<{ series: { points: number[][] }[] }>(
        'GET',
        `/metrics/range?ci=${ci}&metric=${metric}&from=${from}&to=${to}&points=5000${instance}`,
      );
      const points = series[0]?.points ?? [];
      const byTime = new Map(points.map(([atMs = 0, value = 0]) => [atMs, value]));
      result.twice += points.length - byTime.size;
      result.stored += points.length;
      for (const [i, atMs] of times.entries()) {
        const value = byTime.get(atMs);
        // The first value of a counter has no rate.
        if (value === undefined) result.missing += metric === 'network.received' && i === 0 ? 0 : 1;
        else if (metric !== 'network.received' && value !== expected(machine, metric, atMs))
          result.wrong += 1;
      }
    }
  }
  return result;
}

function expected(
  machine: ReturnType<typeof simMachine>,
  metric: (typeof METRICS)[number],
  atMs: number,
): number | undefined {
  return readings(SEED, machine, atMs, [], 0).find((sample) => sample.metric === metric)?.value;
}

async function machineIds(server: RunningServer): Promise<Map<string, string>> {
  const { items } = await server.api<{ items: { id: string; name: string }[] }>('GET', '/cis?limit=500');
  return new Map(items.map(({ id, name }) => [name, id]));
}

function startFleet(server: RunningServer, token: string, dataDir: string): ChildProcess {
  const args = [
    '--server',
    server.url,
    '--token',
    token,
    '--agents',
    String(AGENTS),
    '--seed',
    String(SEED),
    '--interval-ms',
    String(INTERVAL_MS),
    '--data-dir',
    dataDir,
  ];
  const child = spawn(process.execPath, [join(ROOT, 'test/sim/main.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout?.resume();
  fleets.add(child);
  return child;
}

const fleets = new Set<ChildProcess>();
afterAll(() => {
  for (const child of fleets) child.kill('SIGKILL');
});

async function killFleet(child: ChildProcess): Promise<void> {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  await ended;
}

/** Nothing new any more; ends when all is acknowledged. Exit code 0 = nothing left. */
async function drain(child: ChildProcess): Promise<number> {
  const ended = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? -1)));
  child.kill('SIGTERM');
  return ended;
}

/** The kills fall at random instants of real time: that is the trial. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}
