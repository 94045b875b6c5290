/**
 * What questions about samples cost, asked of a real server over HTTP, one after another on one connection:
 *
 *   node test/bench/query.ts [--hosts 20] [--machines 2000] [--runs 200] [--seed 1] [--json FILE] [--cpu-prof DIR]
 *
 * `hosts` machines with 100 series and a day of samples at 10 s, one series of a month, and `machines` with a tick of now. Times are
 * from the question to the last byte of the answer, without reading it; processor time is that of the whole server.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createCmdb } from '@muster/server/cmdb/cmdb.ts';
import { dataFolder } from '@muster/server/data-folder.ts';
import { newId } from '@muster/server/ids.ts';
import type { StoredTick } from '@muster/server/metrics/store.ts';
import { openMetricEngine } from '@muster/server/store/engine/engine.ts';
import { createSqlCmdbStore } from '@muster/server/store/sql/cmdb.ts';
import { openSqlStore } from '@muster/server/store/sql/open.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { isMetricName } from '@muster/shared/metrics/catalogue.ts';
import { DAY_MS, HOUR_MS, toIso } from '@muster/shared/time.ts';
import { cleanUp, startServer, temporaryFolder } from '../e2e/harness.ts';
import { openWorkload } from './fleet/workload.ts';
import { HttpClient } from './peers/http-client.ts';
import { cpuSeconds } from './peers/process-usage.ts';

const INTERVAL_MS = 10_000;
const SERIES = 100;
const SITES = ['Shanghai', 'Wuxi', 'Suzhou', 'Hangzhou'];
/** Ticks of one delivery, as after a while without connection; between deliveries the clock of the engine moves on. */
const TICKS_AT_ONCE = 30;
const WARM_UP_RUNS = 20;

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '20' },
    machines: { type: 'string', default: '2000' },
    runs: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
    'cpu-prof': { type: 'string' },
  },
});
const hosts = Number(values.hosts);
const machines = Number(values.machines);
const runs = Number(values.runs);
const seed = Number(values.seed);

/** Deliveries end on the hour, where housekeeping runs. */
const nowMs = Math.floor(Date.now() / (TICKS_AT_ONCE * INTERVAL_MS)) * TICKS_AT_ONCE * INTERVAL_MS;
const dataDir = temporaryFolder('query');
const workload = await openWorkload(SERIES);
const ids = await makeMachines();
const [first = '', second = ''] = ids;
await load();

const server = await startServer({
  dataDir,
  localAgent: false,
  env:
    values['cpu-prof'] === undefined
      ? {}
      : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${values['cpu-prof']}` },
});
const pid = server.process.pid ?? 0;
const http = new HttpClient(server.url, 1, {
  authorization: `Bearer ${server.token}`,
  'accept-encoding': 'identity',
});

interface Figure {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly cpuMs: number;
  readonly bytes: number;
}
const figures: Record<string, Figure> = {};
const day = `from=${toIso(nowMs - DAY_MS)}&to=${toIso(nowMs)}`;
const cpu = `/metrics/range?metric=cpu.utilisation&ci=${first}`;
const counter = `/metrics/range?metric=network.received&ci=${second}&instance=${instanceOf('network.received')}`;
try {
  await ask('a day of one series, JSON', `${cpu}&${day}&points=8640`, 8_640);
  await ask('the same as columns', `${cpu}&${day}&points=8640`, undefined, 'application/octet-stream');
  await ask('a day of a counter, JSON', `${counter}&${day}&points=8640`);
  await ask('a day in averages of 5 min', `${cpu}&${day}&points=289`, 288);
  await ask(
    'a month of one series',
    `${cpu}&from=${toIso(nowMs - 30 * DAY_MS)}&to=${toIso(nowMs)}&points=1000`,
  );
  const week = `from=${toIso(nowMs - 7 * DAY_MS)}&to=${toIso(nowMs)}`;
  await ask('a week of one series', `${cpu}&${week}&points=1000`);
  await ask(
    '10 machines, an hour each',
    `${cpu}${ids
      .slice(1, 10)
      .map((id) => `&ci=${id}`)
      .join('')}&from=${toIso(nowMs - HOUR_MS)}&to=${toIso(nowMs)}&points=300`,
  );
  await ask('top 10 of all machines', '/metrics/top?metric=cpu.utilisation&n=10', 10);
  await ask(
    'mean by location, an hour',
    `/metrics/range?metric=cpu.utilisation&group=location&from=${toIso(nowMs - HOUR_MS)}&to=${toIso(nowMs)}&points=60`,
    undefined,
    'application/json',
    20,
  );
  await ask(
    'top 10 by mean of an hour',
    `/metrics/top?metric=cpu.utilisation&n=10&from=${toIso(nowMs - HOUR_MS)}&to=${toIso(nowMs)}`,
    undefined,
    'application/json',
    20,
  );
  print();
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
} finally {
  http.close();
  await server.stop();
  await cleanUp();
}

function instanceOf(metric: string): string {
  return workload.series.find((one) => one.metric === metric)?.instance ?? '';
}

async function makeMachines(): Promise<string[]> {
  const sql = await openSqlStore({ file: dataFolder(dataDir).database, nowMs, synchronous: 'OFF' });
  const cmdb = await createCmdb({ store: createSqlCmdbStore(sql), newId, recordAudit: async () => {} });
  const made: string[] = [];
  for (let i = 0; i < machines; i++) {
    const site = SITES[i % SITES.length] ?? null;
    made.push(
      (await cmdb.create({ class: 'Server', name: `host-${i}`, edit: { site } }, 'user:bench', nowMs)).id,
    );
  }
  await sql.close();
  return made;
}

/** Through the engine, with its own housekeeping, as if the time had passed. */
async function load(): Promise<void> {
  const clock = { atMs: nowMs - 30 * DAY_MS, now: () => clock.atMs, monotonicMs: () => performance.now() };
  const engine = await openMetricEngine({ folder: dataFolder(dataDir).metrics, clock });
  const month = engine.resolve({ ciId: first, metric: 'cpu.utilisation', instance: '' });
  const full = ids.slice(0, hosts).map((ciId, host) => ({
    values: workload.machine(seed, host),
    series: workload.series.map(({ metric, instance }) => {
      invariant(isMetricName(metric), 'the load speaks the catalogue');
      return engine.resolve({ ciId, metric, instance });
    }),
  }));
  const cpuAt = workload.series.findIndex(({ metric }) => metric === 'cpu.utilisation');
  let seq = 0;
  const append = (host: number, ticks: StoredTick[], atMs: number) => {
    seq += 1;
    return engine.append({ agentId: `agt_${host}`, epoch: '00000000000000aa', seq }, ticks, atMs);
  };
  const room = Array.from({ length: SERIES }, () => 0);
  const stepMs = TICKS_AT_ONCE * INTERVAL_MS;
  for (let atMs = nowMs - 30 * DAY_MS; atMs < nowMs; atMs += stepMs) {
    clock.atMs = atMs + stepMs;
    const isLastDay = atMs >= nowMs - DAY_MS;
    const times = Array.from({ length: TICKS_AT_ONCE }, (_, i) => atMs + i * INTERVAL_MS);
    const written = full.slice(0, isLastDay ? hosts : 1).map(({ values: of, series }, host) => {
      const only = [month];
      const ticks = times.map((tickMs): StoredTick => {
        of.next(room);
        return isLastDay
          ? { atMs: tickMs, series, values: [...room] }
          : { atMs: tickMs, series: only, values: [room[cpuAt] ?? 0] };
      });
      return append(host, ticks, clock.atMs);
    });
    const isHour = (atMs + stepMs) % HOUR_MS === 0;
    if (isHour || isLastDay) await Promise.all(written);
    if (isHour) await engine.maintain(clock.atMs);
  }
  await Promise.all(
    ids.slice(hosts).map((ciId, i) => {
      const series = [engine.resolve({ ciId, metric: 'cpu.utilisation', instance: '' })];
      return append(
        hosts + i,
        [{ atMs: nowMs - INTERVAL_MS, series, values: [((i * 7_919) % 9_973) / 100] }],
        nowMs,
      );
    }),
  );
  for (let round = 0; round < 400 && engine.stats(nowMs).pendingWindows > 0; round++)
    await engine.maintain(nowMs);
  const { pendingWindows, journalBytes, partitions } = engine.stats(nowMs);
  console.log(
    `stored in ${partitions.length} files; ${pendingWindows} windows wait, ${journalBytes >> 20} MiB of journal`,
  );
  await engine.close();
}

async function ask(
  what: string,
  path: string,
  points?: number,
  accept = 'application/json',
  count = runs,
): Promise<void> {
  const get = async () => {
    const { status, body } = await http.send('GET', `/api/v1${path}`, { accept });
    if (status !== 200) throw new Error(`${path} answered ${status}: ${body.toString().slice(0, 300)}`);
    return body;
  };
  for (let i = 0; i < Math.min(WARM_UP_RUNS, count); i++) await get();
  const body = await get();
  if (accept === 'application/json') {
    const answer = JSON.parse(body.toString()) as { series?: { points: unknown[] }[]; items?: unknown[] };
    const there = answer.series?.[0]?.points.length ?? answer.items?.length ?? 0;
    if (there === 0 || (points !== undefined && there < points * 0.99))
      throw new Error(`${what}: ${there} points, ${points ?? 'some'} expected`);
  }
  const spentMs: number[] = [];
  const cpuBefore = cpuSeconds(pid);
  for (let i = 0; i < count; i++) {
    const begun = performance.now();
    await get();
    spentMs.push(performance.now() - begun);
  }
  const cpuMs = ((cpuSeconds(pid) - cpuBefore) * 1_000) / count;
  spentMs.sort((a, b) => a - b);
  const at = (share: number) => spentMs[Math.min(count - 1, Math.floor(share * count))] ?? 0;
  figures[what] = { p50Ms: at(0.5), p95Ms: at(0.95), cpuMs, bytes: body.length };
}

function print(): void {
  console.log(`${hosts} hosts × ${SERIES} series × 24 h, ${machines} machines, ${runs} runs each`);
  console.log(
    `${''.padEnd(30)}${['p50 ms', 'p95 ms', 'CPU ms', 'bytes'].map((head) => head.padStart(10)).join('')}`,
  );
  for (const [what, { p50Ms, p95Ms, cpuMs, bytes }] of Object.entries(figures)) {
    const cells = [p50Ms.toFixed(2), p95Ms.toFixed(2), cpuMs.toFixed(2), String(bytes)];
    console.log(what.padEnd(30) + cells.map((cell) => cell.padStart(10)).join(''));
  }
}
