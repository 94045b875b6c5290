/** The CMDB at work: takes reports, decides whose they are, reconciles, keeps the directory of machines current. */
import {
  isMachineClass,
  type IndependentClass,
  type MachineClass,
  RECORD_CLASSES,
} from '@muster/shared/cmdb/classes.ts';
import { lifecycleStep } from '@muster/shared/cmdb/lifecycle.ts';
import type { AttributeDefinition } from '@muster/shared/cmdb/classes.ts';
import type { Snapshot } from '@muster/shared/inventory/sections.ts';
import { HOUR_MS, type Millis } from '@muster/shared/time.ts';
import type { InventorySection } from '@muster/shared/wire/control.ts';
import type { InventoryBody } from '@muster/shared/wire/frames.ts';
import type { RecordAudit } from '../access/audit.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import { AssetNumbers, type NumberHolder } from './asset-numbers.ts';
import type { MachineFacts } from '../inventory/facts.ts';
import { normalise } from '../inventory/normalise.ts';
import { pause } from '../pause.ts';
import { diffParts, diffSoftware, reconcileAttributes, type Report } from './diff.ts';
import type { CiDirectory } from './directory.ts';
import { type CiEdit, edited, type Editor } from './edit.ts';
import { confirmed, isMissed, readSections, saidAgain, snapshotOf } from './held-sections.ts';
import type { Candidate, Decision } from './identify.ts';
import { candidateOf, identifyAmong, identityKeys, recordKeys } from './identity-keys.ts';
import { isMachine, type ListedMachine, MachineDirectory } from './machine-directory.ts';
import { pictureOf } from './picture.ts';
import type {
  ChangeSet,
  Ci,
  CiEdits,
  CmdbStore,
  HistoryRow,
  Machine,
  Part,
  SectionStates,
  TraceRow,
} from './store.ts';

/** What an enrolment token says about the machines it lets in. */
export interface EnrolmentScope {
  readonly class: MachineClass | null;
  readonly site: string | null;
  readonly tags: readonly string[];
}

/** Who reports: our own agent by its id, or another's (GLPI, FusionInventory, OCS) by the id that the intake knows it by. */
export interface Reporter {
  readonly source: 'agent' | 'third-party';
  readonly id: string;
}

/** As in the audit log and in history. */
export function actorOf({ source, id }: Reporter): string {
  return `${source === 'agent' ? 'agent' : 'other-agent'}:${id}`;
}

export interface InventoryReport {
  readonly reporter: Reporter;
  readonly hostname: string;
  readonly scope: EnrolmentScope;
  /** CI of this reporter's earlier reports; null too where what it is known by is no evidence. */
  readonly reporterCiId: string | null;
  readonly body: InventoryBody;
  readonly nowMs: Millis;
}

export interface Cmdb {
  readonly directory: CiDirectory;
  /** Called with each CI that was changed, after it is stored, in order; an edit changes no parts. */
  onApplied(listener: (change: AppliedChange) => void): void;
  /**
   * Applies the sections of one report; the same report again changes nothing. Sections of an unknown form are left out and named
   * in `refused`. @throws AppError
   */
  applyInventory(
    report: InventoryReport,
  ): Promise<{ ciId: string; decision: Decision; refused: readonly InventorySection[] }>;
  /** CI for an agent that sends samples before any inventory. */
  placeholder(
    agent: { agentId: string; hostname: string; scope: EnrolmentScope; agentCiId: string | null },
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
}

export interface AppliedChange {
  readonly ci: Ci;
  readonly parts: readonly Part[];
}

export interface NewCi {
  readonly class: IndependentClass;
  readonly subclass?: string | null | undefined;
  readonly name: string;
  readonly edit?: Omit<CiEdit, 'class' | 'subclass' | 'name' | 'lock'>;
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
  /** The definition of an attribute that the administrator added to a class. */
  readonly ownDefinition?: (
    ci: Pick<Ci, 'class' | 'subclass'>,
    name: string,
  ) => AttributeDefinition | undefined;
}

/** A step of the lifecycle is taken back by whoever sees at once that it was wrong. */
const TAKEN_BACK_WITHIN_MS = HOUR_MS;
const TAKEN_BACK_ROWS_MAX = 100;

const NO_KEYS: Decision = {
  decision: 'created',
  rule: 'new',
  ciId: null,
  reason: 'the agent sent samples before any inventory',
  keys: [],
  rejected: [],
};

export async function createCmdb({ store, newId, recordAudit, ownDefinition }: CmdbOptions): Promise<Cmdb> {
  const machinesAtStart = await store.machines();
  const directory = new MachineDirectory(machinesAtStart);
  const numbers = new AssetNumbers();
  for (const machine of machinesAtStart) numbers.put(machine);
  for (const recordClass of RECORD_CLASSES)
    for (const record of await store.records(recordClass)) numbers.put(record);
  // Two reports at once could both find no CI and make two of one machine: reports are applied one after another.
  let queue: Promise<unknown> = Promise.resolve();
  function inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = queue.then(work, work);
    queue = done.catch(() => undefined);
    return done;
  }

  const listeners: Parameters<Cmdb['onApplied']>[0][] = [];
  async function save(set: ChangeSet): Promise<void> {
    await store.apply(set);
    tell({ ci: set.machine, parts: set.parts });
  }

  function tell(change: AppliedChange): void {
    if (isMachine(change.ci)) directory.put(change.ci);
    numbers.put(change.ci);
    for (const listener of listeners) listener(change);
  }

  async function saveEdits(edits: CiEdits): Promise<void> {
    if (edits.cis.length + edits.keys.size + edits.relations.length + edits.history.length === 0) return;
    numbers.requireUnique(edits.cis);
    await store.applyEdits(edits);
    for (const ci of edits.cis) tell({ ci, parts: [] });
  }

  function editor(
    of: Pick<Ci, 'class' | 'subclass'>,
    actor: string,
    nowMs: Millis,
    source: Editor['source'] = 'human',
  ): Editor {
    return {
      actor,
      source,
      nowMs,
      newId,
      ownDefinition: ownDefinition && ((name) => ownDefinition(of, name)),
    };
  }

  async function applyInventory(report: InventoryReport): ReturnType<Cmdb['applyInventory']> {
    const { reported, states, refused } = readSections(report.body);
    const own = report.reporterCiId ? await store.machine(report.reporterCiId) : null;
    const known = own ? await store.sections(own.id) : {};
    const facts = normalise({ ...snapshotOf(known), ...reported });
    const confirmsOnly = Object.keys(reported).length === 0;
    const decision =
      own && confirmsOnly
        ? keep(own)
        : identifyAmong(facts, report.reporterCiId, await candidates(facts, own));
    const machine = decision.ciId ? await requireMachine(decision.ciId) : newMachine(facts, report);
    const held = await store.sections(machine.id);
    const set = await changeSet({
      machine,
      isNew: decision.ciId === null,
      held,
      facts,
      reported,
      states,
      decision,
      report,
    });
    await save(set);
    if (own?.placeholder && own.id !== machine.id) await save(retired(own, report));
    if (decision.decision === 'ambiguous' || decision.decision === 'contradicted') {
      await recordAudit({
        actor: actorOf(report.reporter),
        action: decision.decision === 'ambiguous' ? 'ci.identity-ambiguous' : 'ci.identity-contradicted',
        subject: machine.id,
        detail: { reason: decision.reason, candidates: decision.rejected.map(({ ciId }) => ciId) },
      });
    }
    return { ciId: machine.id, decision, refused };
  }

  /** A stand-in whose machine turned out to be known already: nobody is to wait for it, and its record stays. */
  function retired(placeholder: Machine, { reporter, nowMs }: InventoryReport): ChangeSet {
    const { id, name, lifecycle } = placeholder;
    return {
      machine: { ...placeholder, lifecycle: 'retired', agentId: null },
      keys: [],
      parts: [],
      installations: { put: [], removed: [] },
      sections: {},
      history: [
        {
          id: newId('hist', nowMs),
          atMs: nowMs,
          ciId: id,
          machineId: id,
          ciName: name,
          ciClass: placeholder.class,
          kind: 'changed',
          attribute: 'lifecycle',
          before: lifecycle,
          after: 'retired',
          source: 'system',
          actor: actorOf(reporter),
        },
      ],
      traces: [],
    };
  }

  async function candidates(facts: MachineFacts, own: Machine | null): Promise<Candidate[]> {
    const found = await store.machinesByKeys(identityKeys(facts, true));
    const all = own && !found.some(({ id }) => id === own.id) ? [...found, own] : found;
    return all.map(candidateOf);
  }

  async function requireCi(id: string): Promise<Ci> {
    const ci = await store.ci(id);
    if (!ci) throw new AppError('not-found', `There is no configuration item ${id}.`);
    return ci;
  }

  async function requireMachine(id: string): Promise<Machine> {
    const machine = await store.machine(id);
    if (!machine) throw new AppError('not-found', `There is no configuration item ${id}.`);
    return machine;
  }

  function newMachine(
    facts: MachineFacts,
    report: Pick<InventoryReport, 'reporter' | 'hostname' | 'scope' | 'nowMs'>,
  ): Machine {
    return {
      id: newId('ci', report.nowMs),
      class: report.scope.class ?? facts.proposedClass,
      subclass: null,
      classLocked: report.scope.class !== null,
      name: facts.hostname ?? (report.hostname || facts.displayName),
      nameLocked: false,
      lifecycle: 'in_use',
      criticality: 3,
      assetNumber: null,
      owner: null,
      supportGroup: null,
      serviceHours: null,
      site: report.scope.site,
      tags: report.scope.tags,
      agentId: agentIdOf(report.reporter),
      placeholder: true,
      createdAtMs: report.nowMs,
      attributes: {},
    };
  }

  async function changeSet(input: {
    machine: Machine;
    isNew: boolean;
    held: SectionStates;
    facts: MachineFacts;
    reported: Snapshot;
    states: SectionStates;
    decision: Decision;
    report: InventoryReport;
  }): Promise<ChangeSet> {
    const { machine: before, held, facts, reported, decision, report } = input;
    const by: Report = {
      source: report.reporter.source,
      actor: actorOf(report.reporter),
      atMs: report.nowMs,
      newId: (prefix) => newId(prefix, report.nowMs),
    };
    const subject = { ciId: before.id, machineId: before.id, ciName: before.name, ciClass: before.class };
    const history: HistoryRow[] = [];
    if (input.isNew) {
      history.push({
        id: newId('hist', report.nowMs),
        atMs: report.nowMs,
        ...subject,
        kind: 'created',
        attribute: null,
        before: null,
        after: before.name,
        source: by.source,
        actor: by.actor,
      });
    }

    let attributes = before.attributes;
    const parts: Part[] = [];
    const heldParts = await store.parts(before.id, true);
    const again = saidAgain(held, input.states);
    const missed = Object.fromEntries(
      Object.entries(again).filter(([section]) => heldParts.some((part) => isMissed(part, section))),
    );
    for (const picture of pictureOf({ ...missed, ...reported }, facts)) {
      const reconciled = reconcileAttributes(attributes, picture.attributes, picture.section, subject, by);
      attributes = reconciled.attributes;
      const diffed = diffParts(
        heldParts,
        picture,
        input.states[picture.section]?.complete ?? false,
        held[picture.section] === undefined,
        before,
        by,
      );
      parts.push(...diffed.parts);
      history.push(...reconciled.history, ...diffed.history);
    }
    const packages = reported.software ?? again.software;
    const software = packages
      ? diffSoftware(
          await store.installations(before.id),
          packages,
          input.states.software?.complete ?? false,
          held.software === undefined,
          before,
          by,
        )
      : { put: [], removed: [], history: [] };
    history.push(...software.history);

    const machine = retitled(
      {
        ...before,
        attributes,
        agentId: agentIdOf(report.reporter) ?? before.agentId,
        placeholder: before.placeholder && Object.keys(reported).length === 0,
      },
      facts,
    );
    // Before the hardware was ever told, the class was a guess and its correction is no change.
    if (machine.class !== before.class && held.hardware !== undefined) {
      history.push({
        id: newId('hist', report.nowMs),
        atMs: report.nowMs,
        ...subject,
        kind: 'changed',
        attribute: 'class',
        before: before.class,
        after: machine.class,
        source: by.source,
        actor: by.actor,
      });
    }
    return {
      machine,
      keys: identityKeys(facts, false),
      parts,
      installations: { put: software.put, removed: software.removed },
      sections: confirmed(held, input.states, report.nowMs),
      history,
      atMs: report.nowMs,
      traces: newsOf(decision, before, report, newId),
    };
  }

  /** Class and name follow the facts until a person has chosen them. A renamed host keeps its CI. */
  function retitled(machine: Machine, facts: MachineFacts): Machine {
    return {
      ...machine,
      class: machine.classLocked ? machine.class : facts.proposedClass,
      name: machine.nameLocked ? machine.name : (facts.hostname ?? machine.name),
    };
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
          ...editor(before, actor, nowMs),
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

  function createdCi(wanted: NewCi, actor: string, nowMs: Millis): { ci: Ci; history: HistoryRow[] } {
    const blank: Ci = {
      id: newId('ci', nowMs),
      class: wanted.class,
      subclass: wanted.subclass ?? null,
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
      createdAtMs: nowMs,
      attributes: {},
    };
    // What it is made with is its first state and no change.
    const { ci } = edited(blank, wanted.edit ?? {}, { ...editor(blank, actor, nowMs), isNew: true });
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
      source: 'human',
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
    applyInventory: (report) => inOrder(() => applyInventory(report)),
    placeholder: (agent, nowMs) =>
      inOrder(async () => {
        if (agent.agentCiId && (await store.machine(agent.agentCiId))) return agent.agentCiId;
        const facts = normalise({});
        const reporter = { source: 'agent', id: agent.agentId } as const;
        const machine = newMachine(facts, { ...agent, reporter, nowMs });
        const subject = {
          ciId: machine.id,
          machineId: machine.id,
          ciName: machine.name,
          ciClass: machine.class,
        };
        await save({
          machine,
          keys: [],
          parts: [],
          installations: { put: [], removed: [] },
          sections: {},
          history: [
            {
              id: newId('hist', nowMs),
              atMs: nowMs,
              ...subject,
              kind: 'created',
              attribute: null,
              before: null,
              after: machine.name,
              source: 'agent',
              actor: `agent:${agent.agentId}`,
            },
          ],
          traces: [
            {
              id: newId('trace', nowMs),
              atMs: nowMs,
              ciId: machine.id,
              agentId: agent.agentId,
              ...traceOf(NO_KEYS),
            },
          ],
        });
        return machine.id;
      }),
    create: (wanted, actor, nowMs) =>
      inOrder(async () => {
        const { ci, history } = createdCi(wanted, actor, nowMs);
        await saveEdits({ cis: [ci], keys: new Map([[ci.id, recordKeys(ci)]]), relations: [], history });
        return ci;
      }),
    holderOf: (number) => numbers.holderOf(number),
    edit: (id, edit, actor, nowMs, may = {}) =>
      inOrder(async () => {
        const before = await requireCi(id);
        const { ci, history } = edited(before, edit, {
          ...editor(before, actor, nowMs),
          ...may,
          lifecycleBefore: await stateBefore(before, edit, nowMs),
        });
        const keys = isMachine(ci)
          ? identityKeys(normalise(snapshotOf(await store.sections(id))), false)
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

function agentIdOf({ source, id }: Reporter): string | null {
  return source === 'agent' ? id : null;
}

function keep(machine: Machine): Decision {
  return {
    decision: 'matched',
    rule: 'agent',
    ciId: machine.id,
    reason: 'confirmed unchanged',
    keys: [],
    rejected: [],
  };
}

/** One trace row per decision that says something new: the daily "same agent, same machine" is not kept. */
function newsOf(
  decision: Decision,
  machine: Machine,
  report: InventoryReport,
  newId: (prefix: string, nowMs: Millis) => string,
): TraceRow[] {
  const routine = decision.rule === 'agent' && decision.decision === 'matched' && !machine.placeholder;
  if (routine) return [];
  return [
    {
      id: newId('trace', report.nowMs),
      atMs: report.nowMs,
      ciId: machine.id,
      agentId: report.reporter.id,
      ...traceOf(decision),
    },
  ];
}

function traceOf(decision: Decision): Pick<TraceRow, 'decision' | 'rule' | 'reason' | 'keys' | 'rejected'> {
  return {
    decision: decision.decision,
    rule: decision.rule,
    reason: decision.reason,
    keys: [...decision.keys],
    rejected: [...decision.rejected],
  };
}

export function machineClassOf(name: string | null): MachineClass | null {
  return name !== null && isMachineClass(name) ? name : null;
}
