/** A spreadsheet becomes CIs: tried without effect, then applied in portions behind the requests, and taken back whole. */
import type { ImportMapping, ImportRow, RowOutcome } from '@muster/shared/api/imports.ts';
import type { ClassRegistry } from '@muster/shared/cmdb/class-registry.ts';
import { assetNumberKey } from '@muster/shared/cmdb/asset-number.ts';
import { isAssetClass, isMachineClass, type IndependentClass } from '@muster/shared/cmdb/classes.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Assets } from '../assets/assets.ts';
import type { AssetNumberer } from '../assets/numbers.ts';
import type { Cmdb } from '../cmdb/cmdb.ts';
import { edited, type Editor } from '../cmdb/edit.ts';
import { recordKeys } from '../cmdb/identity-keys.ts';
import type { Ci, CiEdits, CmdbStore, HistoryRow, IdentityKey } from '../cmdb/store.ts';
import { AppError } from '../errors.ts';
import type { RelationGraph } from '../relations/graph.ts';
import type { Cell } from './cells.ts';
import { type PlannedRow, planRow, type RowProblem, serialKey } from './plan.ts';
import type { Table } from './read-table.ts';
import type { ImportRecord, ImportStore, RowRecord } from './store.ts';

interface ImportOptions {
  readonly cmdb: Cmdb;
  readonly cmdbStore: CmdbStore;
  readonly graph: RelationGraph;
  readonly store: ImportStore;
  readonly assets: Pick<Assets, 'personNamed'>;
  readonly numberer: AssetNumberer;
  readonly registry: () => ClassRegistry;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  /** Gives way between two portions. */
  readonly pause: () => Promise<void>;
}

export interface Imports {
  upload(name: string, table: Table, actor: string, nowMs: Millis): Promise<ImportRecord>;
  check(id: string, mapping: ImportMapping, actor: string, nowMs: Millis): Promise<ImportRecord>;
  /** The state is set before the answer; the work is done by `settle`. @throws AppError conflict */
  begin(id: string, what: 'applying' | 'undoing'): Promise<ImportRecord>;
  /** Does what was begun; resolves when it ended, well or not. */
  settle(id: string, actor: string, nowMs: () => Millis): Promise<void>;
  /** After a restart in the middle: what was begun says so and can be begun again. */
  recover(): Promise<void>;
}

/** A CI that was taken back: in no list, found by nothing; its history stays. */
export const ARCHIVED = 'archived';
const ROWS_PER_PORTION = 100;
const FIRST_LINE = 2;
const HISTORY_ROWS_MAX = 500;
/** Record fields of which history says whether a person wrote them. */
const FIELDS = ['name', 'lifecycle', 'criticality', 'owner', 'supportGroup', 'site', 'tags'] as const;

/** What rows are found by. */
interface Lookup {
  readonly bySerial: Map<string, Ci>;
  readonly byName: Map<string, Ci | 'several'>;
  readonly seen: Map<string, number>;
}

interface Judged {
  readonly row: RowRecord;
  readonly plan: PlannedRow;
  readonly after: Ci | null;
  readonly history: readonly HistoryRow[];
}

export function createImports(options: ImportOptions): Imports {
  const { cmdb, cmdbStore, graph, store, assets, numberer, registry, newId, pause } = options;

  async function requireImport(id: string): Promise<ImportRecord> {
    const found = await store.import(id);
    if (!found) throw new AppError('not-found', `There is no import ${id}.`);
    return found;
  }

  async function requireTable(id: string): Promise<Table> {
    const table = await store.table(id);
    if (!table) throw new AppError('not-found', `There is no import ${id}.`);
    return table;
  }

  /** The CIs of all classes that the rows name, read once. */
  async function lookupFor(plans: readonly PlannedRow[]): Promise<Lookup> {
    const lookup: Lookup = { bySerial: new Map(), byName: new Map(), seen: new Map() };
    const classes = new Set(plans.map((plan) => plan.class));
    const machines = [...classes].some(isMachineClass) ? await cmdbStore.machines() : [];
    const records: Ci[] = [];
    for (const ofClass of classes)
      if (!isMachineClass(ofClass)) records.push(...(await cmdbStore.records(ofClass)));
    for (const ci of [...machines, ...records]) if (ci.mergedInto === null) take(lookup, ci);
    return lookup;
  }

  function take(lookup: Lookup, ci: Ci): void {
    const { serial } = { serial: ci.attributes['serial']?.value };
    if (typeof serial === 'string' && serial !== '') lookup.bySerial.set(serialKey(serial), ci);
    const name = nameKey(ci.class, ci.name);
    const held = lookup.byName.get(name);
    lookup.byName.set(name, held && held !== 'several' && held.id !== ci.id ? 'several' : ci);
  }

  async function found(
    plan: PlannedRow,
    { keys }: ImportMapping,
    lookup: Lookup,
    problems: RowProblem[],
  ): Promise<{ ci: Ci; by: ImportMapping['keys'][number] } | null> {
    for (const key of keys) {
      if (key === 'assetNumber' && plan.edit.assetNumber) {
        const holder = cmdb.holderOf(plan.edit.assetNumber);
        const ci = holder ? await cmdbStore.ci(holder.id) : null;
        if (ci) return { ci, by: key };
      }
      if (key === 'serial' && plan.serial !== null) {
        const ci = lookup.bySerial.get(serialKey(plan.serial));
        if (ci) return { ci, by: key };
      }
      if (key === 'name' && plan.name !== null) {
        const ci = lookup.byName.get(nameKey(plan.class, plan.name));
        if (ci === 'several')
          problems.push({ column: null, message: `Several are called ${plan.name}; give number or serial.` });
        // A name is weak: what has another serial is another thing.
        else if (ci && !contradicts(ci, plan)) return { ci, by: key };
      }
    }
    return null;
  }

  async function judge(
    cells: readonly Cell[],
    line: number,
    mapping: ImportMapping,
    lookup: Lookup,
    by: { readonly actor: string; readonly nowMs: Millis; readonly importName: string },
  ): Promise<Judged> {
    const plan = planRow(cells, mapping, registry());
    const problems = [...plan.problems];
    const match = problems.length === 0 ? await found(plan, mapping, lookup, problems) : null;
    const row = (more: Partial<RowRecord> & { readonly outcome: RowOutcome }): RowRecord => ({
      line,
      name: plan.name ?? match?.ci.name ?? plan.edit.assetNumber ?? plan.serial ?? '',
      ci: match ? { id: match.ci.id, name: match.ci.name } : null,
      matchedBy: match?.by ?? null,
      changes: [],
      kept: [],
      problems,
      undo: null,
      created: match === null,
      relationIds: [],
      ...more,
    });
    const refused = (): Judged => ({
      row: row({ outcome: 'error', created: false }),
      plan,
      after: null,
      history: [],
    });
    for (const [key, what] of sameness(plan, match?.ci ?? null)) {
      const before = lookup.seen.get(key);
      if (before === undefined) lookup.seen.set(key, line);
      else if (before !== line)
        problems.push({ column: null, message: `Line ${before} has the same ${what}.` });
    }
    if (match && match.ci.class !== plan.class)
      problems.push({ column: null, message: `${match.ci.name} is a ${match.ci.class}.` });
    const name = plan.name ?? match?.ci.name ?? plan.edit.assetNumber ?? plan.serial;
    if (name === undefined || name === null || name === '')
      problems.push({ column: null, message: 'It has neither name nor asset number nor serial number.' });
    if (problems.length > 0) return refused();
    try {
      return match ? await changed(match.ci) : created(name ?? '');
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      problems.push({ column: null, message: error.message });
      return refused();
    }

    function editor(more: Partial<Editor>): Editor {
      return { actor: by.actor, source: 'import', nowMs: by.nowMs, newId, registry: registry(), ...more };
    }

    function created(of: string): Judged {
      const blank = blankCi(newId('ci', by.nowMs), plan.class, of, by.nowMs);
      const lifecycle = plan.edit.lifecycle ?? mapping.lifecycle;
      const edit = { ...plan.edit, subclass: plan.subclass, lifecycle };
      const made = edited(blank, edit, editor({ isNew: true }));
      const note: HistoryRow = {
        id: newId('hist', by.nowMs),
        atMs: by.nowMs,
        ciId: blank.id,
        machineId: blank.id,
        ciName: of,
        ciClass: blank.class,
        kind: 'created',
        attribute: null,
        before: null,
        after: of,
        source: 'import',
        actor: by.actor,
      };
      const changes = made.history.map(changeOf);
      return {
        row: row({ outcome: 'new', changes: [...changes, ...linkChanges(null)] }),
        plan,
        after: made.ci,
        history: [note],
      };
    }

    async function changed(before: Ci): Promise<Judged> {
      const wanted = {
        ...plan.edit,
        ...(plan.name === null || plan.name === before.name ? {} : { name: plan.name }),
        ...(plan.subclass === null ? {} : { subclass: plan.subclass }),
        reason: `import ${by.importName}`,
      };
      const humanFields = await writtenByHand(before, wanted);
      const made = edited(before, wanted, editor({ humanFields }));
      const ci = { ...made.ci, nameLocked: before.nameLocked, classLocked: before.classLocked };
      const changes = [
        ...made.history.filter(({ attribute }) => attribute !== 'reason').map(changeOf),
        ...linkChanges(before),
      ];
      const kept = keptOf(before, wanted, made.ci, humanFields);
      const outcome = changes.length === 0 ? 'unchanged' : 'changed';
      return { row: row({ outcome, changes, kept }), plan, after: ci, history: made.history };
    }

    function linkChanges(before: Ci | null): ImportRow['changes'] {
      if (!isAssetClass(plan.class)) return [];
      return (['user', 'location'] as const).flatMap((field) => {
        const wantedName = field === 'user' ? plan.user : (plan.location?.at(-1) ?? null);
        if (wantedName === null) return [];
        const type = field === 'user' ? ('assignedTo' as const) : ('locatedAt' as const);
        const edge = before === null ? undefined : graph.from(before.id, type)[0];
        const held = edge === undefined ? null : (linkNames.get(edge.toId) ?? null);
        if (held?.toLowerCase() === wantedName.toLowerCase()) return [];
        return [{ field, before: held, after: wantedName }];
      });
    }
  }

  const linkNames = new Map<string, string>();
  cmdb.onApplied(({ ci }) => {
    if (ci.class === 'Person' || ci.class === 'Location') linkNames.set(ci.id, ci.name);
  });
  async function readLinkNames(): Promise<void> {
    for (const ofClass of ['Person', 'Location'] as const)
      for (const { id, name } of await cmdbStore.records(ofClass)) linkNames.set(id, name);
  }

  async function writtenByHand(before: Ci, wanted: object): Promise<Set<string>> {
    const asked = FIELDS.filter((field) => {
      const value = (wanted as Record<string, unknown>)[field];
      return value !== undefined && JSON.stringify(value) !== JSON.stringify(before[field]);
    });
    if (asked.length === 0) return new Set();
    const { items } = await cmdbStore.history({
      machineId: before.id,
      ciId: before.id,
      limit: HISTORY_ROWS_MAX,
    });
    const by = (field: string) => items.find(({ attribute }) => attribute === field)?.source;
    return new Set(asked.filter((field) => by(field) === 'human' || (field === 'name' && before.nameLocked)));
  }

  async function evaluate(
    record: ImportRecord,
    mapping: ImportMapping,
    actor: string,
    nowMs: Millis,
  ): Promise<RowRecord[]> {
    const table = await requireTable(record.id);
    await readLinkNames();
    const plans = table.rows.map((cells) => planRow(cells, mapping, registry()));
    const lookup = await lookupFor(plans);
    const rows: RowRecord[] = [];
    for (const [i, cells] of table.rows.entries()) {
      const by = { actor, nowMs, importName: record.name };
      rows.push((await judge(cells, i + FIRST_LINE, mapping, lookup, by)).row);
      if (i % ROWS_PER_PORTION === ROWS_PER_PORTION - 1) await pause();
    }
    return rows;
  }

  async function apply(record: ImportRecord, actor: string, nowMs: () => Millis): Promise<void> {
    const { mapping } = record;
    if (mapping === null) throw new AppError('conflict', 'The import was not checked yet.');
    const table = await requireTable(record.id);
    await readLinkNames();
    const lookup = await lookupFor(table.rows.map((cells) => planRow(cells, mapping, registry())));
    const all: RowRecord[] = [];
    for (let from = 0; from < table.rows.length; from += ROWS_PER_PORTION) {
      const portion = table.rows.slice(from, from + ROWS_PER_PORTION);
      const judged = await cmdb.change(async () => {
        const done: Judged[] = [];
        for (const [i, cells] of portion.entries()) {
          const by = { actor, nowMs: nowMs(), importName: record.name };
          const one = await judge(cells, from + i + FIRST_LINE, mapping, lookup, by);
          done.push(await numbered(one, mapping, nowMs()));
        }
        for (const { after } of done) if (after) take(lookup, after);
        return { edits: editsOf(done), result: done };
      });
      const rows: RowRecord[] = [];
      for (const each of judged) rows.push(await linked(each, actor, nowMs()));
      all.push(...rows);
      await store.putRows(record.id, rows);
      await store.putImport({ ...record, counts: countsOf(all), done: from + portion.length });
      await pause();
    }
    await store.putImport({
      ...record,
      state: 'applied',
      counts: countsOf(all),
      done: table.rows.length,
      appliedAtMs: nowMs(),
    });
  }

  /** A new one without a number gets the next of its class. */
  async function numbered(one: Judged, { numbers }: ImportMapping, nowMs: Millis): Promise<Judged> {
    const { after, row } = one;
    if (!numbers || !row.created || after === null || after.assetNumber !== null) return one;
    const number = await numberer.next(after, (each) => cmdb.holderOf(each) !== undefined, nowMs);
    if (number === null) return one;
    const changes = [...row.changes, { field: 'assetNumber', before: null, after: number }];
    return { ...one, after: { ...after, assetNumber: number }, row: { ...row, changes } };
  }

  function editsOf(judged: readonly Judged[]): CiEdits {
    const changed = judged.filter(({ row }) => row.outcome === 'new' || row.outcome === 'changed');
    const cis = changed.flatMap(({ after }) => (after === null ? [] : [after]));
    const keys = new Map<string, readonly IdentityKey[]>();
    // What an agent reported keeps its keys: a spreadsheet does not say what a machine is known by.
    for (const ci of cis) if (ci.agentId === null) keys.set(ci.id, recordKeys(ci));
    return { cis, keys, relations: [], history: changed.flatMap(({ history }) => history) };
  }

  async function linked({ row, plan, after }: Judged, actor: string, nowMs: Millis): Promise<RowRecord> {
    if (after === null) return row;
    const done = { ...row, ci: { id: after.id, name: after.name } };
    const by = { actor, source: 'import' as const, nowMs };
    const relationIds: string[] = [];
    for (const { field } of row.changes) {
      if (field === 'user' && plan.user !== null) {
        const person = await assets.personNamed(plan.user, by);
        const wish = { type: 'assignedTo' as const, fromId: after.id, toId: person.id };
        relationIds.push(...(await graph.relate([wish], by)).map(({ id }) => id));
      }
      if (field === 'location' && plan.location !== null) {
        const toId = await locationOf(plan.location, by);
        const wish = { type: 'locatedAt' as const, fromId: after.id, toId };
        relationIds.push(...(await graph.relate([wish], by)).map(({ id }) => id));
      }
    }
    return { ...done, relationIds };
  }

  /** By name below its parent; what is not there is added. */
  async function locationOf(
    path: readonly string[],
    by: { readonly actor: string; readonly source: 'import'; readonly nowMs: Millis },
  ): Promise<string> {
    const all = await cmdbStore.records('Location');
    let parent: string | null = null;
    let at = '';
    for (const [depth, name] of path.entries()) {
      const known: Ci | undefined = all.find((each) => {
        const up = graph.from(each.id, 'locatedAt')[0]?.toId ?? null;
        const fits = each.name.toLowerCase() === name.toLowerCase();
        // One name alone may stand anywhere in the tree.
        return fits && (up === parent || (depth === 0 && path.length === 1));
      });
      const place: Ci = known ?? (await cmdb.create({ class: 'Location', name }, by.actor, by.nowMs));
      if (!known) {
        all.push(place);
        if (parent !== null) await graph.relate([{ type: 'locatedAt', fromId: place.id, toId: parent }], by);
      }
      parent = place.id;
      at = place.id;
    }
    return at;
  }

  async function undo(record: ImportRecord, actor: string, nowMs: () => Millis): Promise<void> {
    let kept = 0;
    let done = 0;
    let afterLine = 0;
    for (;;) {
      const rows = await store.rows(record.id, { afterLine, limit: ROWS_PER_PORTION });
      const last = rows.at(-1);
      if (!last) break;
      afterLine = last.line;
      const undone = await cmdb.change(async () => {
        const results: { row: RowRecord; ci: Ci | null; history: HistoryRow[] }[] = [];
        for (const row of rows) results.push(await undoneRow(row, record, actor, nowMs()));
        const cis = results.flatMap(({ ci }) => (ci === null ? [] : [ci]));
        const gone = cis.filter((ci) => ci.mergedInto === ARCHIVED);
        return {
          edits: {
            cis,
            keys: new Map(gone.map((ci) => [ci.id, []])),
            relations: [],
            history: results.flatMap(({ history }) => history),
          },
          result: results,
        };
      });
      for (const { row } of undone) {
        const live = row.relationIds.filter((id) => graph.get(id) !== undefined);
        if (live.length > 0 && row.undo !== null)
          await graph.end(live, { actor, source: 'human', nowMs: nowMs() });
      }
      kept += undone.filter(({ row }) => row.undo !== null && row.undo !== 'undone').length;
      done += rows.length;
      await store.putRows(
        record.id,
        undone.map(({ row }) => row),
      );
      await store.putImport({ ...record, done, kept });
      await pause();
    }
    await store.putImport({ ...record, state: 'undone', done, kept, undoneAtMs: nowMs() });
  }

  async function undoneRow(
    row: RowRecord,
    record: ImportRecord,
    actor: string,
    nowMs: Millis,
  ): Promise<{ row: RowRecord; ci: Ci | null; history: HistoryRow[] }> {
    const left = (why: string | null) => ({ row: { ...row, undo: why }, ci: null, history: [] });
    if ((row.outcome !== 'new' && row.outcome !== 'changed') || row.ci === null) return left(null);
    const ci = await cmdbStore.ci(row.ci.id);
    if (!ci || ci.mergedInto !== null) return left('it is no more');
    const note = (attribute: string | null, before: unknown, after: unknown): HistoryRow => ({
      id: newId('hist', nowMs),
      atMs: nowMs,
      ciId: ci.id,
      machineId: ci.id,
      ciName: ci.name,
      ciClass: ci.class,
      kind: attribute === null ? 'removed' : 'changed',
      attribute,
      before: before as HistoryRow['before'],
      after: after as HistoryRow['after'],
      source: 'human',
      actor,
    });
    if (row.created) {
      if (ci.agentId !== null) return left('an agent reports it since');
      const { items } = await cmdbStore.history({
        machineId: ci.id,
        ciId: ci.id,
        limit: HISTORY_ROWS_MAX,
      });
      const later = items.find(({ source }) => source !== 'import');
      if (later) return left(`${later.attribute ?? 'it'} was changed by ${later.actor} since`);
      const gone: Ci = { ...ci, mergedInto: ARCHIVED, assetNumber: null, lifecycle: 'disposed' };
      return { row: { ...row, undo: 'undone' }, ci: gone, history: [note(null, ci.name, null)] };
    }
    const back: Record<string, unknown> = {};
    const attributes = { ...ci.attributes };
    const history: HistoryRow[] = [];
    const changedSince: string[] = [];
    for (const { field, before, after } of row.changes) {
      if (field === 'user' || field === 'location') continue;
      const isField = field in ci && field !== 'attributes';
      const now: unknown = isField ? ci[field as keyof Ci] : (ci.attributes[field]?.value ?? null);
      if (JSON.stringify(now) !== JSON.stringify(after)) {
        changedSince.push(field);
        continue;
      }
      if (isField) back[field] = before;
      else {
        const held = ci.attributes[field];
        if (held)
          attributes[field] = {
            ...held,
            value: (before ?? null) as (typeof held)['value'],
            observedAtMs: nowMs,
          };
      }
      history.push(note(field, after, before));
    }
    const why = changedSince.length === 0 ? 'undone' : `changed since: ${changedSince.join(', ')}`;
    return { row: { ...row, undo: why }, ci: { ...ci, ...back, attributes }, history };
  }

  return {
    async upload(name, table, actor, nowMs) {
      const record: ImportRecord = {
        id: newId('imp', nowMs),
        name,
        state: 'uploaded',
        createdAtMs: nowMs,
        actor,
        rows: table.rows.length,
        mapping: null,
        counts: null,
        done: 0,
        appliedAtMs: null,
        undoneAtMs: null,
        kept: 0,
        fault: null,
      };
      await store.addImport(record, table);
      return record;
    },
    async check(id, mapping, actor, nowMs) {
      const record = await requireImport(id);
      if (record.state !== 'uploaded' && record.state !== 'checked')
        throw new AppError('conflict', `The import ${record.name} is ${record.state} already.`);
      const rows = await evaluate(record, mapping, actor, nowMs);
      await store.dropRows(id);
      await store.putRows(id, rows);
      const checked: ImportRecord = { ...record, state: 'checked', mapping, counts: countsOf(rows) };
      await store.putImport(checked);
      return checked;
    },
    async begin(id, what) {
      const record = await requireImport(id);
      const from = what === 'applying' ? 'checked' : 'applied';
      if (record.state !== from)
        throw new AppError('conflict', `The import ${record.name} is ${record.state}, not ${from}.`);
      const begun: ImportRecord = { ...record, state: what, done: 0 };
      await store.putImport(begun);
      return begun;
    },
    async settle(id, actor, nowMs) {
      const record = await requireImport(id);
      try {
        if (record.state === 'applying') await apply(record, actor, nowMs);
        if (record.state === 'undoing') await undo(record, actor, nowMs);
      } catch (error) {
        const now = await requireImport(id);
        const fault = error instanceof Error ? error.message : String(error);
        await store.putImport({ ...now, state: 'failed', fault });
        throw error;
      }
    },
    async recover() {
      for (const record of await store.imports())
        if (record.state === 'applying' || record.state === 'undoing')
          // Rows that were done are found again as unchanged, and undone rows as undone.
          await store.putImport({ ...record, state: record.state === 'applying' ? 'checked' : 'applied' });
    },
  };
}

function nameKey(ofClass: IndependentClass, name: string): string {
  return `${isMachineClass(ofClass) ? 'machine' : ofClass}\n${name.trim().toLowerCase()}`;
}

function contradicts(ci: Ci, plan: PlannedRow): boolean {
  const serial = ci.attributes['serial']?.value;
  const bothSerials = typeof serial === 'string' && serial !== '' && plan.serial !== null;
  const number = plan.edit.assetNumber;
  const bothNumbers = ci.assetNumber !== null && number !== undefined && number !== null;
  return (
    (bothSerials && serialKey(serial) !== serialKey(plan.serial ?? '')) ||
    (bothNumbers && assetNumberKey(ci.assetNumber ?? '') !== assetNumberKey(number))
  );
}

/** What no second row of the file may have. */
function sameness(plan: PlannedRow, match: Ci | null): [string, string][] {
  const number = plan.edit.assetNumber;
  return [
    ...(number ? [[`number ${assetNumberKey(number)}`, `asset number ${number}`] as [string, string]] : []),
    ...(plan.serial
      ? [[`serial ${serialKey(plan.serial)}`, `serial ${plan.serial}`] as [string, string]]
      : []),
    ...(match ? [[`ci ${match.id}`, `configuration item ${match.name}`] as [string, string]] : []),
  ];
}

function changeOf({ attribute, before, after }: HistoryRow): ImportRow['changes'][number] {
  return { field: attribute ?? '', before, after };
}

function keptOf(
  before: Ci,
  wanted: PlannedRow['edit'],
  after: Ci,
  humanFields: ReadonlySet<string>,
): string[] {
  const attributes = Object.entries(wanted.set ?? {}).filter(([name, value]) => {
    const now = after.attributes[name]?.value ?? null;
    const byHand = before.attributes[name]?.source === 'human' || before.attributes[name]?.lockedBy != null;
    return byHand && JSON.stringify(now) !== JSON.stringify(value);
  });
  const fields = [...humanFields].filter(
    (field) => JSON.stringify(after[field as keyof Ci]) === JSON.stringify(before[field as keyof Ci]),
  );
  return [...fields, ...attributes.map(([name]) => name)];
}

export function countsOf(rows: readonly RowRecord[]): NonNullable<ImportRecord['counts']> {
  const counts = { new: 0, changed: 0, unchanged: 0, error: 0 };
  for (const { outcome } of rows) counts[outcome] += 1;
  return counts;
}

function blankCi(id: string, ofClass: IndependentClass, name: string, nowMs: Millis): Ci {
  return {
    id,
    class: ofClass,
    subclass: null,
    classLocked: true,
    name,
    nameLocked: false,
    lifecycle: 'in_use',
    criticality: 3,
    assetNumber: null,
    owner: null,
    supportGroup: null,
    serviceHours: null,
    site: null,
    tags: [],
    agentId: null,
    placeholder: false,
    mergedInto: null,
    createdAtMs: nowMs,
    attributes: {},
  };
}
