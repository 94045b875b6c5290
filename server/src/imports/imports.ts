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
  /** After a restart in the middle: what was begun has failed, and can go on from there or be taken back. */
  recover(): Promise<void>;
}

/** A CI that was taken back: in no list, found by nothing; its history stays. */
export const ARCHIVED = 'archived';
const ROWS_PER_PORTION = 100;
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
          problems.push(
            problem(
              'name-ambiguous',
              { name: plan.name },
              `Several are called ${plan.name}; give number or serial.`,
            ),
          );
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
      left: null,
      created: match === null,
      relationIds: [],
      endedEdges: [],
      ...more,
    });
    const refused = (): Judged => ({
      row: row({ outcome: 'error', created: false }),
      plan,
      after: null,
      history: [],
    });
    const weak = weakName(plan, mapping, match?.ci ?? null);
    for (const { key, code, value, what } of [...sameness(plan, match?.ci ?? null), ...weak.compared]) {
      const before = lookup.seen.get(key);
      if (before !== undefined && before !== line) {
        problems.push(
          problem(code, { line: before, value }, `Line ${before} has the same ${what} ${value}.`),
        );
        break;
      }
    }
    for (const key of [...sameness(plan, match?.ci ?? null).map((each) => each.key), ...weak.kept])
      if (!lookup.seen.has(key)) lookup.seen.set(key, line);
    if (match && match.ci.class !== plan.class)
      problems.push(
        problem(
          'other-class',
          { name: match.ci.name, class: match.ci.class },
          `${match.ci.name} is a ${match.ci.class}.`,
        ),
      );
    const name = plan.name ?? match?.ci.name ?? plan.edit.assetNumber ?? plan.serial;
    if (name === undefined || name === null || name === '')
      problems.push(problem('nothing-known', {}, 'It has neither name nor asset number nor serial number.'));
    if (problems.length > 0) return refused();
    try {
      return match ? await changed(match.ci) : created(name ?? '');
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      problems.push(problem('refused', { code: error.code, detail: error.message }, error.message));
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
  /** Persons and places made by an import, until the row they were made for takes note. */
  const madeNow = new Set<string>();
  cmdb.onApplied(({ ci, history }) => {
    if (ci.class !== 'Person' && ci.class !== 'Location') return;
    linkNames.set(ci.id, ci.name);
    if (history.some(({ kind, source }) => kind === 'created' && source === 'import')) madeNow.add(ci.id);
  });
  async function readLinkNames(): Promise<void> {
    for (const ofClass of ['Person', 'Location'] as const)
      for (const { id, name, mergedInto } of await cmdbStore.records(ofClass))
        if (mergedInto === null) linkNames.set(id, name);
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
      rows.push((await judge(cells, table.lines[i] ?? 0, mapping, lookup, by)).row);
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
    const all = await rowsDone(record);
    const earlier = record.fault === null ? new Map<number, RowRecord>() : await rowsByLine(record);
    for (let from = record.done; from < table.rows.length; from += ROWS_PER_PORTION) {
      const portion = table.rows.slice(from, from + ROWS_PER_PORTION);
      const judged = await cmdb.change(async () => {
        const done: Judged[] = [];
        for (const [i, cells] of portion.entries()) {
          const by = { actor, nowMs: nowMs(), importName: record.name };
          const one = await judge(cells, table.lines[from + i] ?? 0, mapping, lookup, by);
          done.push(await numbered(goneBefore(one, earlier), mapping, nowMs()));
        }
        // Written before it is done: if it stops right after, it is known whose doing this was.
        const ahead = done.map(({ row, after }) => ({
          ...row,
          ci: after === null ? row.ci : { id: after.id, name: after.name },
        }));
        await store.putRows(record.id, ahead);
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
      fault: null,
      counts: countsOf(all),
      done: table.rows.length,
      appliedAtMs: nowMs(),
    });
  }

  async function rowsByLine(record: ImportRecord): Promise<Map<number, RowRecord>> {
    const rows = await store.rows(record.id, { afterLine: 0, limit: record.rows });
    return new Map(rows.map((row) => [row.line, row]));
  }

  /** Of what was stopped in the middle only the rows that were done. */
  async function lastLineDone(record: ImportRecord): Promise<number> {
    if (record.appliedAtMs !== null) return Infinity;
    const { lines } = await requireTable(record.id);
    return lines[record.done - 1] ?? 0;
  }

  async function rowsDone(record: ImportRecord): Promise<RowRecord[]> {
    const lastLine = await lastLineDone(record);
    const rows = await store.rows(record.id, { afterLine: 0, limit: record.rows });
    return rows.filter(({ line }) => line <= lastLine);
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
    // Of a row that an earlier try did, what it did then.
    const relationIds = [...row.relationIds];
    const endedEdges = [...row.endedEdges];
    const madeIds = [...(row.madeIds ?? [])];
    const tie = async (type: 'assignedTo' | 'locatedAt', toId: string) => {
      const before = graph.from(after.id, type).filter((edge) => edge.toId !== toId);
      const added = await graph.relate([{ type, fromId: after.id, toId }], by);
      relationIds.push(...added.map(({ id }) => id));
      if (added.length > 0)
        endedEdges.push(
          ...before.map(({ fromId, toId: to, source }) => ({ type, fromId, toId: to, source })),
        );
    };
    for (const { field } of row.changes) {
      if (field === 'user' && plan.user !== null) {
        const person = await assets.personNamed(plan.user, by);
        if (madeNow.delete(person.id)) madeIds.push(person.id);
        await tie('assignedTo', person.id);
      }
      if (field === 'location' && plan.location !== null) {
        await tie('locatedAt', await locationOf(plan.location, by, madeIds));
      }
    }
    return { ...done, relationIds, endedEdges, madeIds };
  }

  /** By name below its parent; what is not there is added, and to `madeIds`. */
  async function locationOf(
    path: readonly string[],
    by: { readonly actor: string; readonly source: 'import'; readonly nowMs: Millis },
    madeIds: string[],
  ): Promise<string> {
    const all = (await cmdbStore.records('Location')).filter(({ mergedInto }) => mergedInto === null);
    let parent: string | null = null;
    let at = '';
    for (const [depth, name] of path.entries()) {
      const known: Ci | undefined = all.find((each) => {
        const up = graph.from(each.id, 'locatedAt')[0]?.toId ?? null;
        const fits = each.name.toLowerCase() === name.toLowerCase();
        // One name alone may stand anywhere in the tree.
        return fits && (up === parent || (depth === 0 && path.length === 1));
      });
      const { source } = by;
      const place: Ci = known ?? (await cmdb.create({ class: 'Location', name, source }, by.actor, by.nowMs));
      if (madeNow.delete(place.id)) madeIds.push(place.id);
      if (!known) {
        all.push(place);
        if (parent !== null) await graph.relate([{ type: 'locatedAt', fromId: place.id, toId: parent }], by);
      }
      parent = place.id;
      at = place.id;
    }
    return at;
  }

  /** Edges whose other end is still there. */
  async function standing(ended: RowRecord['endedEdges']): Promise<RowRecord['endedEdges'][number][]> {
    const ends = new Map((await cmdbStore.cis(ended.map(({ toId }) => toId))).map((ci) => [ci.id, ci]));
    return ended.filter(({ toId }) => ends.get(toId)?.mergedInto === null);
  }

  async function undo(record: ImportRecord, actor: string, nowMs: () => Millis): Promise<void> {
    let kept = 0;
    let done = 0;
    let afterLine = 0;
    const lastLine = await lastLineDone(record);
    for (;;) {
      const read = await store.rows(record.id, { afterLine, limit: ROWS_PER_PORTION });
      const rows = read.filter(({ line }) => line <= lastLine);
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
        if (live.length > 0 && row.undo !== null) {
          const types = new Set(live.map((id) => graph.get(id)?.type));
          const add = row.created ? [] : await standing(row.endedEdges.filter(({ type }) => types.has(type)));
          // What a person had tied is theirs again, so that reports leave it alone.
          const isHuman = add.some(({ source }) => source === undefined || source === 'human');
          const source = isHuman ? 'human' : 'import';
          await graph.exchange({ end: live, add }, { actor, source, nowMs: nowMs() });
        }
      }
      kept += undone.filter(({ row }) => row.undo !== null && row.undo !== 'undone').length;
      done += rows.length;
      await store.putRows(
        record.id,
        undone.map(({ row }) => row),
      );
      // Of what never ended, `done` says how far it came.
      await store.putImport({ ...record, done: record.appliedAtMs === null ? record.done : done, kept });
      await pause();
    }
    kept += await undoMade(record, lastLine, actor, nowMs);
    await store.putImport({ ...record, state: 'undone', fault: null, done, kept, undoneAtMs: nowMs() });
  }

  /**
   * Persons and places that the import made go too, the inner places first, where nothing else has come to use them.
   * @returns of how many rows, undone otherwise, such a record stays
   */
  async function undoMade(
    record: ImportRecord,
    lastLine: number,
    actor: string,
    nowMs: () => Millis,
  ): Promise<number> {
    const all = await store.rows(record.id, { afterLine: 0, limit: record.rows });
    const rows = all.filter(({ line, madeIds = [] }) => line <= lastLine && madeIds.length > 0);
    let kept = 0;
    for (const row of rows.toReversed()) {
      const stays: string[] = [];
      for (const id of row.madeIds?.toReversed() ?? []) {
        const name = await undoOne(id, actor, nowMs());
        if (name !== null) stays.unshift(name);
      }
      if (stays.length === 0 || (row.undo !== null && row.undo !== 'undone')) continue;
      const names = stays.join(', ');
      const left = { code: 'in-use' as const, data: { name: names } };
      await store.putRows(record.id, [{ ...row, undo: `still used or changed since: ${names}`, left }]);
      kept += 1;
      await pause();
    }
    return kept;
  }

  /** @returns the name of what stays; null: it is gone */
  async function undoOne(id: string, actor: string, nowMs: Millis): Promise<string | null> {
    const found = await cmdbStore.ci(id);
    if (!found || found.mergedInto !== null) return null;
    const own = graph.from(id).filter(({ type, source }) => type === 'locatedAt' && source === 'import');
    if (graph.from(id).length > own.length || graph.to(id).length > 0) return found.name;
    const { items } = await cmdbStore.history({ machineId: id, ciId: id, limit: HISTORY_ROWS_MAX });
    // A relation of others that has ended needs it no more.
    if (items.some(({ source, kind }) => source !== 'import' && kind !== 'relation-ended')) return found.name;
    if (own.length > 0)
      await graph.end(
        own.map((edge) => edge.id),
        { actor, source: 'import', nowMs },
      );
    await cmdb.change(async () => {
      const gone: Ci = { ...found, mergedInto: ARCHIVED, assetNumber: null, lifecycle: 'disposed' };
      const history = [endNote(found, actor, nowMs)];
      return { edits: { cis: [gone], keys: new Map([[id, []]]), relations: [], history }, result: null };
    });
    return null;
  }

  function endNote(ci: Ci, actor: string, nowMs: Millis): HistoryRow {
    return {
      id: newId('hist', nowMs),
      atMs: nowMs,
      ciId: ci.id,
      machineId: ci.id,
      ciName: ci.name,
      ciClass: ci.class,
      kind: 'removed',
      attribute: null,
      before: ci.name,
      after: null,
      source: 'import',
      actor,
    };
  }

  async function undoneRow(
    row: RowRecord,
    record: ImportRecord,
    actor: string,
    nowMs: Millis,
  ): Promise<{ row: RowRecord; ci: Ci | null; history: HistoryRow[] }> {
    const left = (why: string | null, because: RowRecord['left'] = null) => ({
      row: { ...row, undo: why, left: because },
      ci: null,
      history: [],
    });
    // Begun once before and stopped: what was taken back is taken back.
    if (row.undo !== null) return left(row.undo, row.left);
    if ((row.outcome !== 'new' && row.outcome !== 'changed') || row.ci === null) return left(null);
    const ci = await cmdbStore.ci(row.ci.id);
    if (!ci || ci.mergedInto !== null) return left('it is no more', { code: 'gone', data: {} });
    const note = (attribute: string, before: unknown, after: unknown): HistoryRow => ({
      ...endNote(ci, actor, nowMs),
      kind: 'changed',
      attribute,
      before: before as HistoryRow['before'],
      after: after as HistoryRow['after'],
    });
    if (row.created) {
      if (ci.agentId !== null) return left('an agent reports it since', { code: 'reported', data: {} });
      const { items } = await cmdbStore.history({
        machineId: ci.id,
        ciId: ci.id,
        limit: HISTORY_ROWS_MAX,
      });
      const later = items.find(({ source }) => source !== 'import');
      if (later)
        return left(`${later.attribute ?? 'it'} was changed by ${later.actor} since`, {
          code: 'changed-by',
          data: { field: later.attribute ?? '', actor: later.actor ?? '' },
        });
      const gone: Ci = { ...ci, mergedInto: ARCHIVED, assetNumber: null, lifecycle: 'disposed' };
      return { row: { ...row, undo: 'undone' }, ci: gone, history: [endNote(ci, actor, nowMs)] };
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
    const fields = changedSince.join(', ');
    const isWhole = changedSince.length === 0;
    const undone: Pick<RowRecord, 'undo' | 'left'> = isWhole
      ? { undo: 'undone', left: null }
      : { undo: `changed since: ${fields}`, left: { code: 'changed-since', data: { fields } } };
    return { row: { ...row, ...undone }, ci: { ...ci, ...back, attributes }, history };
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
      const { state } = record;
      // What failed on its way in can go on or be taken back; what failed on its way out can go on.
      const goesOn = state === 'failed' && (what === 'undoing' || record.appliedAtMs === null);
      const from = what === 'applying' ? 'checked' : 'applied';
      if (state !== from && !goesOn)
        throw new AppError('conflict', `The import ${record.name} is ${state}, not ${from}.`);
      const begun: ImportRecord = { ...record, state: what, done: goesOn ? record.done : 0 };
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
          await store.putImport({
            ...record,
            state: 'failed',
            fault: 'The server was stopped in the middle.',
          });
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

function problem(code: RowProblem['code'], data: RowProblem['data'], message: string): RowProblem {
  return { column: null, code, data, message };
}

interface Sameness {
  readonly key: string;
  readonly code: RowProblem['code'];
  readonly value: string;
  readonly what: string;
}

/** A row that a try before this one did, and that is found unchanged therefore, stays what it was: an undo takes it back. */
function goneBefore(one: Judged, earlier: ReadonlyMap<number, RowRecord>): Judged {
  const before = earlier.get(one.row.line);
  const wasDone =
    before && before.outcome !== 'error' && before.ci !== null && before.ci.id === one.row.ci?.id;
  return one.row.outcome === 'unchanged' && wasDone ? { ...one, row: before, history: [] } : one;
}

/** What no second row of the file may have. */
function sameness(plan: PlannedRow, match: Ci | null): Sameness[] {
  const number = plan.edit.assetNumber;
  const serial = plan.serial;
  const same: Sameness[] = [];
  if (number)
    same.push({
      key: `number ${assetNumberKey(number)}`,
      code: 'same-asset-number',
      value: number,
      what: 'asset number',
    });
  if (serial)
    same.push({ key: `serial ${serialKey(serial)}`, code: 'same-serial', value: serial, what: 'serial' });
  if (match)
    same.push({ key: `ci ${match.id}`, code: 'same-item', value: match.name, what: 'configuration item' });
  return same;
}

/** Of two new rows of one name, one that says neither number nor serial could be the other. */
function weakName(
  { class: ofClass, name, serial, edit }: PlannedRow,
  { keys }: ImportMapping,
  match: Ci | null,
): { compared: Sameness[]; kept: string[] } {
  if (match !== null || name === null || !keys.includes('name')) return { compared: [], kept: [] };
  const isWeak = serial === null && !edit.assetNumber;
  const of = nameKey(ofClass, name);
  const [any, weak] = [`name ${of}`, `weak ${of}`];
  return {
    compared: [{ key: isWeak ? any : weak, code: 'same-name', value: name, what: 'name' }],
    kept: isWeak ? [any, weak] : [any],
  };
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
