/** The CMDB at work: takes reports, decides whose they are, reconciles, keeps the directory of machines current. */
import {
  isMachineClass,
  type IndependentClass,
  type MachineClass,
  RECORD_CLASSES,
} from '@muster/shared/cmdb/classes.ts';
import { isPutAway, lifecycleStep } from '@muster/shared/cmdb/lifecycle.ts';
import type { ClassRegistry } from '@muster/shared/cmdb/class-registry.ts';
import { HOUR_MS, type Millis } from '@muster/shared/time.ts';
import type { RecordAudit } from '../access/audit.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import { normalise } from '../inventory/normalise.ts';
import { pause } from '../pause.ts';
import { AssetNumbers, type NumberHolder } from './asset-numbers.ts';
import type { CiDirectory } from './directory.ts';
import { type CiEdit, edited, type Editor } from './edit.ts';
import { snapshotOf } from './held-sections.ts';
import { IdentityBook } from './identity-book.ts';
import { machineKeys, recordKeys } from './identity-keys.ts';
import { COLLECTION_OF_METRICS, type CollectorSwitch, configurationActor } from './left-out.ts';
import { isMachine, type ListedMachine, MachineDirectory } from './machine-directory.ts';
import {
  type AppliedReport,
  createReports,
  type EnrolmentScope,
  type InventoryReport,
  type ReportNews,
} from './reports.ts';
import type { ChangeSet, Ci, CiEdits, CmdbStore, HistoryRow, Part } from './store.ts';

export interface Cmdb {
  readonly directory: CiDirectory;
  /** Called with each CI that was changed, after it is stored, in order; an edit changes no parts. */
  onApplied(listener: (change: AppliedChange) => void): void;
  /**
   * Applies the sections of one report; the same report again changes nothing. Sections of an unknown form are left out and named
   * in `refused`. @throws AppError
   */
  applyInventory(report: InventoryReport): Promise<AppliedReport>;
  /** History of a machine whose agent measures something no more, or again. */
  collectorsSwitched(ciId: string, change: CollectorSwitch, nowMs: Millis): Promise<void>;
  /** Called with what became of each report, those that changed nothing too. */
  onReport(listener: (news: ReportNews, nowMs: Millis) => void): void;
  /** Reporters, people's decisions, open questions and merges, held in memory and always current. */
  readonly identity: IdentityBook;
  /** The CI that reports of this agent are of now; null: none is known. */
  ciOfAgent(agentId: string): string | null;
  /**
   * Made for such an agent, and no inventory has come since; another agent of this site may go on with it: people have not put it
   * away, and it is of no other site (null: not known).
   */
  isStandIn(ciId: string, site: string | null): boolean;
  /** CI for an agent that sends samples before any inventory: the one that it has, or a new one. */
  placeholder(
    agent: { agentId: string; hostname: string; scope: EnrolmentScope },
    nowMs: Millis,
  ): Promise<string>;
  /** A CI that people keep, or know of before any report comes. @throws AppError */
  create(ci: NewCi, actor: string, nowMs: Millis): Promise<Ci>;
  /** @throws AppError */
  edit(id: string, edit: CiEdit, actor: string, nowMs: Millis, may?: EditRights): Promise<Ci>;
  /** Who has the asset number; case does not matter. */
  holderOf(assetNumber: string): NumberHolder | undefined;
  /**
   * Reads, decides and stores with no other change in between: what `decide` makes of the CIs is applied as one, or not at all where
   * it throws.
   */
  change<T>(decide: () => Promise<{ readonly edits: CiEdits; readonly result: T }>): Promise<T>;
  /** The same over many CIs, some hundred in one go; one that cannot be changed is named in `failed`. */
  editMany(steps: readonly EditStep[], actor: string, nowMs: Millis): Promise<EditedMany>;
  /** Every machine that lists show, with its listed attributes; held in memory and always current. */
  listed(): Iterable<ListedMachine>;
}

export interface EditRights {
  /** May give another asset number to what has one. */
  readonly mayCorrectNumber?: boolean;
  /** Whose word it is; 'human' where it is not given. */
  readonly source?: Editor['source'];
}

export interface AppliedChange {
  readonly ci: Ci;
  readonly parts: readonly Part[];
  /** The rows that say what changed of it and of its parts. */
  readonly history: readonly HistoryRow[];
  /** Packages that are new or different, and the keys of those that went; an edit changes none. */
  readonly installations?: ChangeSet['installations'];
}

export interface NewCi {
  readonly class: IndependentClass;
  readonly subclass?: string | null | undefined;
  readonly name: string;
  readonly edit?: Omit<CiEdit, 'class' | 'subclass' | 'name' | 'lock'>;
  /** Whose word it is; 'human' where it is not given. */
  readonly source?: Editor['source'];
}

/** `editOf` may throw AppError: this CI is then left as it is. */
export interface EditStep {
  readonly ids: readonly string[];
  readonly editOf: (ci: Ci) => CiEdit;
}

export interface EditedMany {
  /** Before and after, in the order of the steps; those for which nothing changed too. */
  readonly edited: readonly { readonly before: Ci; readonly after: Ci }[];
  readonly failed: readonly { readonly id: string; readonly code: ErrorCode; readonly detail: string }[];
}

/** Machines of one transaction: some ten milliseconds in which nobody else is served. */
const EDITS_PER_TRANSACTION = 100;

interface CmdbOptions {
  readonly store: CmdbStore;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  readonly recordAudit: RecordAudit;
  /** What the administrator added to the classes; nothing where it is not given. */
  readonly registry?: () => ClassRegistry;
  /** The next free asset number for a new CI; null: none is given by itself. */
  readonly numberFor?: (
    ci: Pick<Ci, 'class' | 'subclass'>,
    isTaken: (number: string) => boolean,
    nowMs: Millis,
  ) => Promise<string | null>;
}

/** A step of the lifecycle is taken back by whoever sees at once that it was wrong. */
const TAKEN_BACK_WITHIN_MS = HOUR_MS;
const TAKEN_BACK_ROWS_MAX = 100;

export async function createCmdb({
  store,
  newId,
  recordAudit,
  registry,
  numberFor,
}: CmdbOptions): Promise<Cmdb> {
  const machinesAtStart = await store.machines();
  const directory = new MachineDirectory(machinesAtStart);
  const recordsAtStart: Ci[] = [];
  for (const recordClass of RECORD_CLASSES) recordsAtStart.push(...(await store.records(recordClass)));
  const cisAtStart = [...machinesAtStart, ...recordsAtStart];
  const numbers = new AssetNumbers();
  for (const ci of cisAtStart) numbers.put(ci);
  const book = await IdentityBook.read(store, cisAtStart);
  const reportListeners: Parameters<Cmdb['onReport']>[0][] = [];
  // Two reports at once could both find no CI and make two of one machine: reports are applied one after another.
  let queue: Promise<unknown> = Promise.resolve();
  function inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = queue.then(work, work);
    queue = done.catch(() => undefined);
    return done;
  }

  function ciOfAgent(agentId: string): string | null {
    const row = book.reporter('agent', agentId);
    return row ? book.survivorOf(row.ciId) : null;
  }

  const listeners: Parameters<Cmdb['onApplied']>[0][] = [];
  async function save(set: ChangeSet): Promise<void> {
    await store.apply(set);
    book.put(set.identity ?? {});
    tell({ ci: set.machine, parts: set.parts, history: set.history, installations: set.installations });
  }

  function tell(change: AppliedChange): void {
    book.putCi(change.ci);
    if (isMachine(change.ci)) directory.put(change.ci);
    numbers.put(change.ci);
    for (const listener of listeners) listener(change);
  }

  const reports = createReports({
    store,
    directory,
    book,
    newId,
    recordAudit,
    save,
    tell: (news, nowMs) => {
      for (const listener of reportListeners) listener(news, nowMs);
    },
  });

  async function saveEdits(edits: CiEdits): Promise<void> {
    const size = edits.cis.length + edits.keys.size + edits.relations.length + edits.history.length;
    if (size === 0 && edits.identity === undefined) return;
    numbers.requireUnique(edits.cis);
    await store.applyEdits(edits);
    book.put(edits.identity ?? {});
    const exchanged = new Set(edits.exchanges?.flatMap(({ aId, bId }) => [aId, bId]));
    for (const ci of edits.cis) {
      const parts = exchanged.has(ci.id) ? await store.parts(ci.id, true) : [];
      tell({ ci, parts, history: edits.history.filter(({ machineId }) => machineId === ci.id) });
    }
  }

  function editor(actor: string, nowMs: Millis, source: Editor['source'] = 'human'): Editor {
    return {
      actor,
      source,
      nowMs,
      newId,
      registry: registry?.(),
    };
  }

  /** That may be changed: what turned out to be another one is changed there. @throws AppError */
  async function requireCi(id: string): Promise<Ci> {
    const ci = await store.ci(id);
    if (!ci) throw new AppError('not-found', `There is no configuration item ${id}.`);
    if (ci.mergedInto !== null) {
      const survivor = await store.ci(book.survivorOf(id));
      throw new AppError(
        'transition-not-allowed',
        survivor
          ? `${ci.name} (${id}) is part of ${survivor.name} (${survivor.id}) now: change that one.`
          : `${ci.name} (${id}) is no more.`,
      );
    }
    return ci;
  }

  async function editSome(
    wanted: readonly { readonly id: string; readonly editOf: EditStep['editOf'] }[],
    actor: string,
    nowMs: Millis,
  ): Promise<EditedMany> {
    const done: { before: Ci; after: Ci; history: readonly HistoryRow[] }[] = [];
    const failed: { id: string; code: ErrorCode; detail: string }[] = [];
    // A CI that two steps name is edited from what the first made of it.
    const made = new Map<string, Ci>();
    for (const { id, editOf } of wanted) {
      try {
        const before = made.get(id) ?? (await requireCi(id));
        const edit = editOf(before);
        const { ci, history } = edited(before, edit, {
          ...editor(actor, nowMs),
          lifecycleBefore: await stateBefore(before, edit, nowMs),
        });
        made.set(id, ci);
        done.push({ before, after: ci, history });
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        failed.push({ id, code: error.code, detail: error.message });
      }
    }
    const changed = done.filter(({ history }) => history.length > 0);
    await saveEdits({
      cis: [...new Map(changed.map(({ after }) => [after.id, after])).values()],
      keys: new Map(),
      relations: [],
      history: changed.flatMap(({ history }) => history),
    });
    return { edited: done, failed };
  }

  /** The state that a step which is no step by itself may go back to. */
  async function stateBefore(ci: Ci, edit: CiEdit, nowMs: Millis): Promise<Ci['lifecycle'] | null> {
    const { lifecycle: wanted, takesBack } = edit;
    if (!takesBack || wanted === undefined || lifecycleStep(ci.lifecycle, wanted)) return null;
    const { items } = await store.history({
      machineId: ci.id,
      ciId: ci.id,
      fromMs: nowMs - TAKEN_BACK_WITHIN_MS,
      limit: TAKEN_BACK_ROWS_MAX,
    });
    const last = items.find(({ attribute }) => attribute === 'lifecycle');
    return last?.before === wanted && last.after === ci.lifecycle ? wanted : null;
  }

  /** Without a number of its own it gets the next one of its class. */
  async function numbered(wanted: NewCi, nowMs: Millis): Promise<NewCi> {
    if (numberFor === undefined || wanted.edit?.assetNumber !== undefined) return wanted;
    const of = { class: wanted.class, subclass: wanted.subclass ?? null };
    const number = await numberFor(of, (each) => numbers.holderOf(each) !== undefined, nowMs);
    return number === null ? wanted : { ...wanted, edit: { ...wanted.edit, assetNumber: number } };
  }

  function createdCi(wanted: NewCi, actor: string, nowMs: Millis): { ci: Ci; history: HistoryRow[] } {
    const blank: Ci = {
      id: newId('ci', nowMs),
      class: wanted.class,
      subclass: null,
      classLocked: true,
      name: wanted.name,
      nameLocked: true,
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
    // What it is made with is its first state and no change.
    const edit = { ...wanted.edit, subclass: wanted.subclass ?? null };
    const by = editor(actor, nowMs, wanted.source);
    const { ci } = edited(blank, edit, { ...by, isNew: true });
    const history: HistoryRow = {
      id: newId('hist', nowMs),
      atMs: nowMs,
      ciId: ci.id,
      machineId: ci.id,
      ciName: ci.name,
      ciClass: ci.class,
      kind: 'created',
      attribute: null,
      before: null,
      after: ci.name,
      source: by.source,
      actor,
    };
    return { ci, history: [history] };
  }

  return {
    directory,
    listed: () => directory.listed(),
    editMany: async (steps, actor, nowMs) => {
      const wanted = steps.flatMap(({ ids, editOf }) => [...new Set(ids)].map((id) => ({ id, editOf })));
      const done: EditedMany[] = [];
      for (let from = 0; from < wanted.length; from += EDITS_PER_TRANSACTION) {
        const some = wanted.slice(from, from + EDITS_PER_TRANSACTION);
        done.push(await inOrder(() => editSome(some, actor, nowMs)));
        // Others are served between two portions.
        await pause();
      }
      return { edited: done.flatMap((each) => each.edited), failed: done.flatMap((each) => each.failed) };
    },
    onApplied: (listener) => void listeners.push(listener),
    onReport: (listener) => void reportListeners.push(listener),
    identity: book,
    ciOfAgent,
    isStandIn: (ciId, site) => {
      const ci = directory.one(ciId);
      const isWanted = ci?.placeholder === true && ci.mergedInto === null && !isPutAway(ci.lifecycle);
      return isWanted && (ci.site === null || site === null || ci.site === site);
    },
    collectorsSwitched: (ciId, { before, after, version }, nowMs) =>
      inOrder(async () => {
        const { id, name, class: ciClass } = await requireCi(book.survivorOf(ciId));
        const row: HistoryRow = {
          id: newId('hist', nowMs),
          atMs: nowMs,
          ciId: id,
          machineId: id,
          ciName: name,
          ciClass,
          kind: 'changed',
          attribute: COLLECTION_OF_METRICS,
          before,
          after,
          source: 'system',
          actor: configurationActor(version),
        };
        await saveEdits({ cis: [], keys: new Map(), relations: [], history: [row] });
      }),
    applyInventory: (report) => inOrder(() => reports.apply(report)),
    // In no order: it has no keys by which anything else could be it, and of a whole fleet that is new each would wait for the disk.
    placeholder: async ({ agentId, ...agent }, nowMs) =>
      ciOfAgent(agentId) ??
      reports.placeholder({ ...agent, reporter: { source: 'agent', id: agentId }, nowMs }),
    create: (wanted, actor, nowMs) =>
      inOrder(async () => {
        const { ci, history } = createdCi(await numbered(wanted, nowMs), actor, nowMs);
        await saveEdits({ cis: [ci], keys: new Map([[ci.id, recordKeys(ci)]]), relations: [], history });
        return ci;
      }),
    holderOf: (number) => numbers.holderOf(number),
    edit: (id, edit, actor, nowMs, may = {}) =>
      inOrder(async () => {
        const before = await requireCi(id);
        const { ci, history } = edited(before, edit, {
          ...editor(actor, nowMs),
          ...may,
          lifecycleBefore: await stateBefore(before, edit, nowMs),
        });
        const keys = isMachine(ci)
          ? machineKeys(ci, normalise(snapshotOf(await store.sections(id)), book.junk), book.junk)
          : recordKeys(ci);
        await saveEdits({ cis: [ci], keys: new Map([[id, keys]]), relations: [], history });
        return ci;
      }),
    change: (decide) =>
      inOrder(async () => {
        const { edits, result } = await decide();
        await saveEdits(edits);
        return result;
      }),
  };
}

export function machineClassOf(name: string | null): MachineClass | null {
  return name !== null && isMachineClass(name) ? name : null;
}
