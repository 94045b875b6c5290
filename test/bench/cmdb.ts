/**
 * What inventories cost the server: `node test/bench/cmdb.ts [--machines 2000] [--packages 1500] [--json FILE]`.
 * First inventories, confirmations that nothing changed, the same reports delivered whole again, and one package update on
 * each machine; beside them, in the same run, a table with one row for each package that is written anew at each report: bare,
 * and with the index that the question who has a package needs.
 * Both on SQLite files with synchronous=FULL in a temporary folder. Prints time, processor time and file sizes.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createCmdb } from '@muster/server/cmdb/cmdb.ts';
import { newId } from '@muster/server/ids.ts';
import { createSqlCmdbStore } from '@muster/server/store/sql/cmdb.ts';
import { openSqlStore } from '@muster/server/store/sql/open.ts';
import type { SnapshotInput } from '@muster/shared/inventory/sections.ts';
import { InventoryBody } from '@muster/shared/wire/frame-bodies.ts';
import Database from 'better-sqlite3';
import { simMachine, snapshot } from '../sim/machine.ts';

const { values } = parseArgs({
  options: {
    machines: { type: 'string', default: '2000' },
    packages: { type: 'string', default: '1500' },
    json: { type: 'string' },
  },
});
const MACHINES = Number(values.machines);
const PACKAGES = Number(values.packages);
const SEED = 7;
const START_MS = Date.UTC(2026, 0, 5, 8);

interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

async function cost(work: () => Promise<void>): Promise<Cost> {
  const [from, cpuFrom] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpuFrom);
  return { wallMs: performance.now() - from, cpuMs: (user + system) / 1_000 };
}

/** An agent's report; `confirm`: hashes alone, as agents send when nothing has changed. */
function bodyOf(sections: SnapshotInput, atMs: number, confirm = false): InventoryBody {
  const entries = Object.entries(sections).map(([name, data]) => {
    const hash = createHash('sha256').update(JSON.stringify(data)).digest('hex');
    return [name, { hash, complete: true, ...(confirm ? {} : { data }) }];
  });
  return InventoryBody.parse({ atMs, sections: Object.fromEntries(entries) });
}

const folder = mkdtempSync(join(tmpdir(), 'muster-bench-cmdb-'));
try {
  const figures = { ...(await measureMuster()), ...measureRows('rows'), ...measureRows('indexed rows') };
  print(figures);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measureMuster(): Promise<Record<string, number>> {
  const file = join(folder, 'muster.db');
  const sql = await openSqlStore({ file, nowMs: START_MS });
  const cmdb = await createCmdb({ store: createSqlCmdbStore(sql), newId, recordAudit: async () => {} });
  const ciIds: string[] = [];
  let nowMs = START_MS;

  async function each(body: (sections: SnapshotInput) => InventoryBody): Promise<Cost> {
    const total = { wallMs: 0, cpuMs: 0 };
    for (let index = 0; index < MACHINES; index++) {
      const machine = simMachine(SEED, index);
      const made = body(snapshot(SEED, machine, PACKAGES));
      nowMs += 1_000;
      // Making the report is not the server's work.
      const spent = await cost(async () => {
        const { ciId } = await cmdb.applyInventory({
          reporter: { source: 'agent', id: `a${index}` },
          hostname: machine.hostname,
          scope: { class: null, site: null, tags: [] },
          reporterCiId: ciIds[index] ?? null,
          body: made,
          nowMs,
        });
        ciIds[index] = ciId;
      });
      total.wallMs += spent.wallMs;
      total.cpuMs += spent.cpuMs;
    }
    return total;
  }

  const first = await each((sections) => bodyOf(sections, nowMs));
  const firstBytes = statSync(file).size;
  const confirmed = await each((sections) => bodyOf(sections, nowMs, true));
  const again = await each((sections) => bodyOf(sections, nowMs));
  const sameBytes = statSync(file).size;
  const updated = await each((sections) => {
    const [package_, ...rest] = sections.software?.packages ?? [];
    const packages = package_ ? [{ ...package_, version: '9.9.9' }, ...rest] : rest;
    return bodyOf({ ...sections, software: { packages } }, nowMs);
  });
  const updatedBytes = statSync(file).size;
  await sql.close();
  return {
    'first wall ms': first.wallMs / MACHINES,
    'first cpu ms': first.cpuMs / MACHINES,
    'first MiB': firstBytes / 2 ** 20,
    'unchanged wall ms': confirmed.wallMs / MACHINES,
    'unchanged cpu ms': confirmed.cpuMs / MACHINES,
    'delivered again cpu ms': again.cpuMs / MACHINES,
    'growth by unchanged MiB': (sameBytes - firstBytes) / 2 ** 20,
    'one update cpu ms': updated.cpuMs / MACHINES,
    'growth by one update each MiB': (updatedBytes - sameBytes) / 2 ** 20,
  };
}

/** The plain way: all rows of the machine go, all rows of the report come. No history, no identification. */
function measureRows(kind: 'rows' | 'indexed rows'): Record<string, number> {
  const file = join(folder, `${kind}.db`);
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(`create table software (machine text not null, name text not null, version text not null,
    architecture text, publisher text, source text, size integer, primary key (machine, source, name, architecture))`);
  if (kind === 'indexed rows') db.exec('create index software_name on software (name)');
  const remove = db.prepare('delete from software where machine = ?');
  const insert = db.prepare('insert into software values (?, ?, ?, ?, ?, ?, ?)');
  const write = db.transaction(
    (machine: string, packages: NonNullable<SnapshotInput['software']>['packages']) => {
      remove.run(machine);
      for (const one of packages)
        insert.run(
          machine,
          one.name,
          one.version,
          one.architecture,
          one.publisher,
          one.source,
          one.sizeBytes,
        );
    },
  );
  const round = (): Cost => {
    const total = { wallMs: 0, cpuMs: 0 };
    for (let index = 0; index < MACHINES; index++) {
      const packages = snapshot(SEED, simMachine(SEED, index), PACKAGES).software?.packages ?? [];
      const [from, cpuFrom] = [performance.now(), process.cpuUsage()];
      write(`ci_${index}`, packages);
      const { user, system } = process.cpuUsage(cpuFrom);
      total.wallMs += performance.now() - from;
      total.cpuMs += (user + system) / 1_000;
    }
    return total;
  };
  const first = round();
  const bytes = statSync(file).size;
  const again = round();
  db.close();
  return {
    [`${kind} first cpu ms`]: first.cpuMs / MACHINES,
    [`${kind} first wall ms`]: first.wallMs / MACHINES,
    [`${kind} first MiB`]: bytes / 2 ** 20,
    [`${kind} unchanged cpu ms`]: again.cpuMs / MACHINES,
    [`${kind} unchanged wall ms`]: again.wallMs / MACHINES,
  };
}

function print(figures: Record<string, number>): void {
  const of = (name: string): number => figures[name] ?? Number.NaN;
  console.log(`${MACHINES} machines, ${PACKAGES} packages each; per machine unless MiB`);
  for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(32)} ${value.toFixed(3)}`);
  const ratios = {
    'first inventory, cpu': of('first cpu ms') / of('rows first cpu ms'),
    'first inventory, cpu, indexed': of('first cpu ms') / of('indexed rows first cpu ms'),
    'unchanged, cpu': of('rows unchanged cpu ms') / of('unchanged cpu ms'),
    'delivered again, cpu': of('rows unchanged cpu ms') / of('delivered again cpu ms'),
    'file size': of('first MiB') / of('rows first MiB'),
    'file size, indexed': of('first MiB') / of('indexed rows first MiB'),
  };
  console.log(
    '\nratio to one row for each package, written anew (the first: ours/plain; of unchanged: plain/ours; size: ours/plain)',
  );
  for (const [name, value] of Object.entries(ratios)) console.log(`${name.padEnd(32)} ${value.toFixed(2)}`);
}
