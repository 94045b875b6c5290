/**
 * What one question to the search costs: `node test/bench/search.ts [--machines 10000] [--packages 1000] [--products 10000]
 * [--data DIR] [--json FILE]`. Asks the search itself, beside no other work; p50, p95 and the worst of each kind of question.
 * `--data`: a folder whose database is used, and made where it is missing.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createCmdb } from '@muster/server/cmdb/cmdb.ts';
import { newId } from '@muster/server/ids.ts';
import { createRelationGraph } from '@muster/server/relations/graph.ts';
import { createSearch } from '@muster/server/search/search.ts';
import { createSqlCmdbStore } from '@muster/server/store/sql/cmdb.ts';
import { openSqlStore } from '@muster/server/store/sql/open.ts';
import { createSqlSearchStore } from '@muster/server/store/sql/search.ts';
import { productName, seedFleet } from './seed.ts';

const { values } = parseArgs({
  options: {
    machines: { type: 'string', default: '10000' },
    packages: { type: 'string', default: '1000' },
    products: { type: 'string', default: '10000' },
    relations: { type: 'string', default: '50000' },
    data: { type: 'string' },
    json: { type: 'string' },
  },
});
const QUESTIONS = 60;
const LIMIT = 5;
const NOW_MS = Date.UTC(2026, 0, 5, 8);

const folder = values.data ?? mkdtempSync(join(tmpdir(), 'muster-bench-search-'));
mkdirSync(folder, { recursive: true });
const file = join(folder, 'muster.db');
try {
  if (!existsSync(file)) {
    const startedMs = performance.now();
    await seedFleet(
      file,
      {
        machines: Number(values.machines),
        packages: Number(values.packages),
        products: Number(values.products),
        relations: Number(values.relations),
      },
      NOW_MS,
    );
    console.log(`fleet made in ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`);
  }
  await measure();
} finally {
  if (values.data === undefined) rmSync(folder, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const sql = await openSqlStore({ file, nowMs: NOW_MS });
  const store = createSqlCmdbStore(sql);
  const cmdb = await createCmdb({ store, newId, recordAudit: async () => {} });
  const search = createSearch({
    cmdb,
    machines: store,
    graph: await createRelationGraph({ cmdb, store, newId }),
    store: createSqlSearchStore(sql),
    users: async () => [],
  });
  const heapBefore = heapMebibytes();
  const startedMs = performance.now();
  await search.start();
  const figures: Record<string, number> = {
    'read into memory, ms': performance.now() - startedMs,
    'held for it, MiB': heapMebibytes() - heapBefore,
  };
  const machines = [...cmdb.listed()];
  const of = (index: number) => machines[(index * 7_919) % machines.length];
  const attribute = (index: number, name: string) =>
    String([of(index)?.attributes[name] ?? ''].flat()[0] ?? '');
  const kinds: Readonly<Record<string, (index: number) => string>> = {
    'a name': (index) => of(index)?.name ?? 'x',
    'half a name': (index) => (of(index)?.name ?? 'xyz').slice(-3),
    'one letter': (index) => 'abcdefghijklmnoprst'.charAt(index % 19),
    'a serial number': (index) => attribute(index, 'serial') || 'SIM',
    'a MAC address': (index) => attribute(index, 'macAddresses') || '3c:52',
    'an IP address': (index) => attribute(index, 'ipAddresses') || '10.20',
    'a person': (index) => `user${index * 13}`,
    'a package': (index) => productName(1 + index * 97),
    'a package that all have': (index) => productName(1 + index),
    'a kind of package': (index) => ['lib', 'python3', 'font', 'driver', 'office'][index % 5] ?? 'lib',
    'two words': (index) => `service ${index}`,
    nothing: (index) => `no such thing ${index}`,
  };
  console.log(`${''.padEnd(28)}       p50       p95     worst   ms`);
  for (const [kind, question] of Object.entries(kinds)) {
    const times: number[] = [];
    for (let index = 0; index < QUESTIONS; index++) {
      const fromMs = performance.now();
      await search.ask(question(index), LIMIT);
      times.push(performance.now() - fromMs);
    }
    times.sort((a, b) => a - b);
    const [p50, p95, worst] = [0.5, 0.95, 1].map((share) => times[Math.ceil(share * times.length) - 1] ?? 0);
    Object.assign(figures, { [`${kind} p50`]: p50, [`${kind} p95`]: p95, [`${kind} worst`]: worst });
    console.log(kind.padEnd(28), [p50, p95, worst].map((ms) => (ms ?? 0).toFixed(1).padStart(9)).join(' '));
  }
  console.log(
    `read into memory in ${figures['read into memory, ms']?.toFixed(0)} ms, ${figures['held for it, MiB']?.toFixed(0)} MiB`,
  );
  await sql.close();
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
}

function heapMebibytes(): number {
  return process.memoryUsage().heapUsed / 2 ** 20;
}
