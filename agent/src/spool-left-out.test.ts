/** What waits in the spool and is switched off: nothing of it leaves any more, and everything else does. */
import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import { type AgentEvent, EventsBody, InventoryBody } from '@muster/shared/wire/frame-bodies.ts';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { Spool } from './spool.ts';
import type { SwitchedOff } from './switched-off.ts';

const root = mkdtempSync(join(tmpdir(), 'muster-left-out-'));
afterAll(() => rmSync(root, { recursive: true }));
let files = 0;
const newPath = () => join(root, `${files++}.db`);
const NOW_MS = 1_700_000_000_000;
const openSpool = (path: string) =>
  new Spool({ path, nowMs: () => NOW_MS, randomBytes: (count) => new Uint8Array(count).fill(++files) });

const off = (change: Partial<SwitchedOff>): SwitchedOff => ({ collectorsOff: [], ...change });
const cpu = (value: number): Sample => ({ metric: 'cpu.utilisation', instance: '', value });
const used = (value: number): Sample => ({ metric: 'memory.used', instance: '', value });
const section = (data: unknown) => ({ hash: 'a'.repeat(64), complete: true, data });

const json = (body: Uint8Array): unknown => JSON.parse(zstdDecompressSync(body).toString());

/** The values of each entry of samples, by metric; the sections and events of the others. */
function contents(spool: Spool): [number, unknown][] {
  const found: [number, unknown][] = [];
  for (let entry = spool.next(0); entry; entry = spool.next(entry.seq)) {
    if (entry.type === 'samples')
      found.push([
        entry.seq,
        entry.ticks.map(({ series, values }) => series.map(({ metric }, i) => `${metric} ${values[i]}`)),
      ]);
    else if (entry.type === 'inventory')
      found.push([entry.seq, Object.keys(InventoryBody.parse(json(entry.body)).sections)]);
    else found.push([entry.seq, EventsBody.parse(json(entry.body)).events]);
  }
  return found;
}

test('[CF24] waiting values of a collector are left out, those of others and every number stay', () => {
  const spool = openSpool(newPath());
  spool.appendTick(NOW_MS, [cpu(1), used(1)]);
  spool.appendTick(NOW_MS + 1, [cpu(2)]);
  spool.leaveOut(off({ collectorsOff: ['cpu'] }));
  expect(contents(spool)).toEqual([
    [1, [['memory.used 1']]],
    [2, [[]]],
  ]);
  spool.close();
});

test('[CF24] also after a restart, and though it is on again; what is collected from then on goes', () => {
  const path = newPath();
  const first = openSpool(path);
  first.appendTick(NOW_MS, [cpu(1), used(1)]);
  first.leaveOut(off({ collectorsOff: ['cpu'] }));
  first.appendTick(NOW_MS + 1, [used(2)]);
  first.leaveOut(off({}));
  first.appendTick(NOW_MS + 2, [cpu(3), used(3)]);
  const expected = [
    [1, [['memory.used 1']]],
    [2, [['memory.used 2']]],
    [3, [['cpu.utilisation 3', 'memory.used 3']]],
  ];
  expect(contents(first)).toEqual(expected);
  first.close();
  const second = openSpool(path);
  expect(contents(second)).toEqual(expected);
  second.close();
});

test('[CF24] ticks that are held are left out too, and the next begins an entry of its own', () => {
  const spool = openSpool(newPath());
  spool.appendTick(NOW_MS, [cpu(1), used(1)], true);
  spool.leaveOut(off({ collectorsOff: ['cpu'] }));
  spool.appendTick(NOW_MS + 1, [cpu(2), used(2)], true);
  spool.release();
  expect(contents(spool)).toEqual([
    [1, [['memory.used 1']]],
    [2, [['cpu.utilisation 2', 'memory.used 2']]],
  ]);
  spool.close();
});

test('[CF24] waiting sections go without those that are off, or of which a field is off', () => {
  const spool = openSpool(newPath());
  const sections = { os: section({}), users: section({ lastUser: 'ada' }), software: section({}) };
  spool.appendInventory({ atMs: NOW_MS, sections });
  spool.leaveOut(off({ sectionsOff: ['software'], fieldsOff: ['users.lastUser'] }));
  spool.appendInventory({ atMs: NOW_MS, sections });
  expect(contents(spool)).toEqual([
    [1, ['os']],
    [2, ['os', 'software', 'users']],
  ]);
  spool.shiftTimes(5_000);
  expect(contents(spool)[0]).toEqual([1, ['os']]);
  spool.close();
});

const flight = (series: string[]): AgentEvent => ({
  type: 'flight',
  atMs: NOW_MS,
  requestId: 'r',
  timesMs: [NOW_MS],
  series: series.map((metric) => ({ metric, instance: '', values: [1] })),
  topProcesses: [
    {
      pid: 1,
      name: 'postgres',
      user: 'ada',
      cpuPercent: 1,
      residentBytes: 1,
      readBytesPerSecond: null,
      writtenBytesPerSecond: null,
    },
  ],
});

test('[CF24] a waiting recording goes without what is off, and a failure without its words', () => {
  const spool = openSpool(newPath());
  const failed = (collector: string): AgentEvent => ({
    type: 'collector-failed',
    atMs: NOW_MS,
    collector,
    detail: '/home/ada',
  });
  spool.appendEvents(
    [flight(['cpu.utilisation', 'memory.used']), failed('inventory.users'), failed('cpu'), failed('disk')],
    NOW_MS,
  );
  const switches = { collectorsOff: ['cpu'], sectionsOff: ['users'], fieldsOff: ['processes.user'] };
  spool.leaveOut(off(switches));
  const [first] = contents(spool);
  expect(first?.[1]).toMatchObject([
    { series: [{ metric: 'memory.used' }], topProcesses: [{ name: 'postgres', user: '' }] },
    { collector: 'inventory.users', detail: 'switched off since' },
    { collector: 'cpu', detail: 'switched off since' },
    { collector: 'disk', detail: '/home/ada' },
  ]);
  spool.leaveOut(off({ fieldsOff: ['processes'] }));
  expect(contents(spool)[0]?.[1]).toMatchObject([{ topProcesses: [] }, {}, {}, {}]);
  spool.close();
});

test('[CF24] a new epoch gives new numbers and leaves out the same', () => {
  const path = newPath();
  const spool = openSpool(path);
  spool.appendTick(NOW_MS, [used(1)]);
  spool.appendTick(NOW_MS, [cpu(2), used(2)]);
  spool.leaveOut(off({ collectorsOff: ['cpu'] }));
  spool.startEpoch(2);
  spool.appendTick(NOW_MS, [cpu(3)]);
  const expected = [
    [1, [['memory.used 2']]],
    [2, [['cpu.utilisation 3']]],
  ];
  expect(contents(spool)).toEqual(expected);
  spool.close();
  const again = openSpool(path);
  expect(contents(again)).toEqual(expected);
  again.close();
});

test('[CF24] once all of it is acknowledged nothing is left to remember', () => {
  const path = newPath();
  const spool = openSpool(path);
  spool.appendTick(NOW_MS, [cpu(1)]);
  spool.leaveOut(off({ collectorsOff: ['cpu'] }));
  spool.acknowledge(1);
  spool.leaveOut(off({ collectorsOff: ['cpu'] }));
  spool.close();
  const file = new DatabaseSync(path);
  expect(file.prepare('SELECT count(*) AS marks FROM left_out').get()).toEqual({ marks: 0 });
  file.close();
});

test('[CF24] a spool of an agent that knew nothing of this is taken over with all that waits', () => {
  const path = newPath();
  const before = openSpool(path);
  before.appendTick(NOW_MS, [cpu(1), used(1)]);
  before.close();
  const file = new DatabaseSync(path);
  file.exec('DROP TABLE left_out');
  file.close();
  const spool = openSpool(path);
  spool.leaveOut(off({ collectorsOff: ['cpu'] }));
  expect(contents(spool)).toEqual([[1, [['memory.used 1']]]]);
  spool.close();
});

test('[CF24] whatever happens in whatever order, exactly what was written before its switch-off is missing', () => {
  const metrics = { cpu: 'cpu.utilisation', memory: 'memory.used', load: 'load.1m' } as const;
  const names = Object.keys(metrics) as (keyof typeof metrics)[];
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('tick' as const), hold: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('off' as const), what: fc.subarray(names) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('acknowledge' as const), entries: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('epoch' as const) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const path = newPath();
      let spool = openSpool(path);
      let value = 0;
      /** Values that may be sent still. */
      const allowed = new Set<string>();
      const written: string[] = [];
      for (const one of steps) {
        if (one.do === 'tick') {
          value++;
          for (const name of names) {
            allowed.add(`${metrics[name]} ${value}`);
            written.push(`${metrics[name]} ${value}`);
          }
          spool.appendTick(
            NOW_MS + value,
            names.map((name) => ({ metric: metrics[name], instance: '', value })),
            one.hold,
          );
        }
        if (one.do === 'off') {
          spool.leaveOut(off({ collectorsOff: one.what }));
          for (const name of one.what)
            for (const text of allowed) if (text.startsWith(`${metrics[name]} `)) allowed.delete(text);
        }
        if (one.do === 'restart') {
          spool.close();
          spool = openSpool(path);
        }
        if (one.do === 'acknowledge') spool.acknowledge(spool.firstSeq - 1 + one.entries);
        if (one.do === 'epoch') spool.startEpoch(spool.firstSeq);
      }
      spool.release();
      const oldest = written.length === 0 ? 0 : value + 1 - waitingTicks(spool);
      const sent = contents(spool).flatMap(([, ticks]) => (ticks as string[][]).flat());
      const expected = written.filter((text) => allowed.has(text) && Number(text.split(' ')[1]) >= oldest);
      expect(sent).toEqual(expected);
      spool.close();
    }),
    { numRuns: 60 },
  );
});

function waitingTicks(spool: Spool): number {
  return contents(spool).reduce((sum, [, ticks]) => sum + (ticks as unknown[]).length, 0);
}
