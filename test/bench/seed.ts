/**
 * A fleet in a database, as a year of agents and people would have left it, without the year: simulated machines with packages,
 * people, places, services, and relations between them. The same seed makes the same fleet.
 */
import { createCmdb } from '@muster/server/cmdb/cmdb.ts';
import type { Ci, HeldAttribute, RelationEdge } from '@muster/server/cmdb/store.ts';
import { newId } from '@muster/server/ids.ts';
import { createSqlCmdbStore } from '@muster/server/store/sql/cmdb.ts';
import { openSqlStore } from '@muster/server/store/sql/open.ts';
import { InventoryBody } from '@muster/shared/wire/frame-bodies.ts';
import type { Millis } from '@muster/shared/time.ts';
import Database from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { simMachine, snapshot } from '../sim/machine.ts';

export interface FleetSize {
  readonly machines: number;
  /** Installed on each machine. */
  readonly packages: number;
  /** Different packages in the whole fleet. */
  readonly products: number;
  readonly relations: number;
}

const SEED = 7;
const PEOPLE_SHARE = 0.2;
const PLACES_SHARE = 0.03;
const SERVICES_SHARE = 0.05;
/** Half of what a machine has, every machine has. */
const COMMON_SHARE = 0.5;
const EDGES_AT_ONCE = 5_000;
const KINDS = ['lib', 'python3-', 'font-', 'driver-', 'office-', 'tool-', 'java-', 'print-'] as const;

export async function seedFleet(file: string, size: FleetSize, nowMs: Millis): Promise<void> {
  const sql = await openSqlStore({ file, nowMs, synchronous: 'OFF' });
  const store = createSqlCmdbStore(sql);
  const cmdb = await createCmdb({ store, newId, recordAudit: async () => {} });
  const machineIds: string[] = [];
  for (let index = 0; index < size.machines; index++) {
    const machine = simMachine(SEED, index);
    const sections = Object.entries(snapshot(SEED, machine, 0)).map(([name, data]) => [
      name,
      { hash: createHash('sha256').update(JSON.stringify(data)).digest('hex'), complete: true, data },
    ]);
    const { ciId } = await cmdb.applyInventory({
      reporter: { source: 'agent', id: `agt_${String(index).padStart(6, '0')}` },
      hostname: machine.hostname,
      scope: { class: null, site: PLACES[index % PLACES.length] ?? null, tags: [] },
      reporterCiId: null,
      body: InventoryBody.parse({ atMs: nowMs, sections: Object.fromEntries(sections) }),
      nowMs,
    });
    machineIds.push(ciId);
  }
  const records = recordsOf(size.machines, nowMs);
  await store.applyEdits({ atMs: nowMs, cis: records, keys: new Map(), relations: [], history: [] });
  const edges = edgesOf(machineIds, records, size.relations, nowMs);
  for (let at = 0; at < edges.length; at += EDGES_AT_ONCE)
    await store.applyEdits({
      atMs: nowMs,
      cis: [],
      keys: new Map(),
      relations: edges.slice(at, at + EDGES_AT_ONCE),
      history: [],
    });
  await sql.close();
  installAll(file, machineIds, size, nowMs);
}

const PLACES = ['Shanghai', 'Suzhou', 'Hangzhou', 'Nanjing', 'Ningbo', 'Wuxi', 'Hefei', 'Xiamen'];

/** Rows of packages beside the cmdb: through it each machine would take its time. */
function installAll(file: string, machineIds: readonly string[], size: FleetSize, nowMs: Millis): void {
  const db = new Database(file);
  for (const pragma of ['synchronous = OFF', 'journal_mode = WAL', 'foreign_keys = OFF']) db.pragma(pragma);
  const indexes = db
    .prepare<[], { name: string; sql: string }>(
      "select name, sql from sqlite_master where tbl_name = 'software_installations' and type = 'index' and sql is not null",
    )
    .all();
  const product = db.prepare(
    'insert into software_products (id, key, name, architecture, source) values (?, ?, ?, ?, ?)',
  );
  const install = db.prepare(
    `insert into software_installations (machine_id, product_id, version, publisher, installed_at_ms, size_bytes,
      first_seen_at_ms, absent_reports) values (?, ?, ?, ?, ?, ?, ?, 0)`,
  );
  db.transaction(() => {
    for (const { name } of indexes) db.exec(`drop index "${name}"`);
    for (let id = 1; id <= size.products; id++) {
      const name = productName(id);
      product.run(id, `dpkg\0${name}\0amd64`, name, 'amd64', 'dpkg');
    }
    const common = Math.floor(size.packages * COMMON_SHARE);
    for (const [index, machineId] of machineIds.entries()) {
      for (const id of productIds(index, common, size))
        install.run(machineId, id, `1.${(index + id) % 4}.0`, 'Debian', null, id * 1_000, nowMs);
    }
    for (const { sql } of indexes) db.exec(sql);
  })();
  db.exec('analyze');
  db.close();
}

export function productName(id: number): string {
  return `${KINDS[id % KINDS.length] ?? ''}${(id * 7_919).toString(36)}`;
}

function productIds(index: number, common: number, { packages, products }: FleetSize): Set<number> {
  const ids = new Set<number>();
  for (let id = 1; id <= common; id++) ids.add(id);
  let at = (index * 48_271) % 0x7fffffff;
  while (ids.size < packages && ids.size < products) {
    at = (at * 48_271 + 11) % 0x7fffffff;
    ids.add(1 + (at % products));
  }
  return ids;
}

function recordsOf(machines: number, nowMs: Millis): Ci[] {
  const record = (ciClass: Ci['class'], index: number, name: string, attributes: Ci['attributes']): Ci => ({
    id: `ci_${ciClass.toLowerCase()}${String(index).padStart(6, '0')}`,
    class: ciClass,
    subclass: null,
    classLocked: true,
    name,
    nameLocked: true,
    lifecycle: 'in_use',
    criticality: 3,
    assetNumber: null,
    owner: null,
    supportGroup: null,
    serviceHours: null,
    site: PLACES[index % PLACES.length] ?? null,
    tags: [],
    agentId: null,
    placeholder: false,
    mergedInto: null,
    createdAtMs: nowMs,
    attributes,
  });
  const said = (value: string): HeldAttribute => ({
    value,
    source: 'human',
    observedAtMs: nowMs,
    section: null,
    lockedBy: null,
  });
  const many = (share: number, make: (index: number) => Ci) =>
    Array.from({ length: Math.floor(machines * share) }, (_, index) => make(index));
  return [
    ...many(PEOPLE_SHARE, (index) =>
      record('Person', index, `Person ${index}`, {
        login: said(`user${index}`),
        mail: said(`user${index}@example.org`),
        department: said(`Department ${index % 40}`),
      }),
    ),
    ...many(PLACES_SHARE, (index) => record('Location', index, `Room ${index}`, { kind: said('room') })),
    ...many(SERVICES_SHARE, (index) =>
      record('Service', index, `Service ${index}`, { code: said(`SVC-${index}`) }),
    ),
  ];
}

function edgesOf(
  machineIds: readonly string[],
  records: readonly Ci[],
  count: number,
  nowMs: Millis,
): RelationEdge[] {
  const idsOf = (ciClass: Ci['class']) => records.filter((ci) => ci.class === ciClass).map(({ id }) => id);
  const [people, places, services] = [idsOf('Person'), idsOf('Location'), idsOf('Service')];
  const edges = new Map<string, RelationEdge>();
  const put = (type: RelationEdge['type'], fromId = '', toId = '', isGrouped = false) => {
    if (fromId === '' || toId === '' || fromId === toId) return;
    edges.set(`${type} ${fromId} ${toId}`, {
      id: `rel_${String(edges.size).padStart(8, '0')}`,
      type,
      fromId,
      toId,
      source: 'human',
      actor: 'user:admin',
      sinceMs: nowMs,
      endedAtMs: null,
      group: isGrouped ? 'front' : null,
      needed: isGrouped ? 1 : null,
    });
  };
  for (const [index, id] of machineIds.entries()) {
    put('locatedAt', id, places[index % places.length]);
    put('assignedTo', id, people[index % people.length]);
  }
  let at = 7;
  const random = (below: number) => {
    at = (at * 48_271) % 0x7fffffff;
    return at % Math.max(1, below);
  };
  for (let tries = 0; edges.size < count && tries < 4 * count; tries++) {
    const machine = machineIds[random(machineIds.length)];
    if (tries % 3 === 0) put('dependsOn', services[random(services.length)], machine, tries % 2 === 0);
    else put('connectsTo', machine, machineIds[random(machineIds.length)]);
  }
  return [...edges.values()];
}
