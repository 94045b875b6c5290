/** The CMDB at work: takes reports, decides whose they are, reconciles, keeps the directory of machines current. */
import {
  attributeDefinition,
  type AttributeDefinition,
  isMachineClass,
  type MachineClass,
} from '@muster/shared/cmdb/classes.ts';
import { LISTED_ATTRIBUTES } from '@muster/shared/api/machines.ts';
import { SECTION_SCHEMAS, type Snapshot } from '@muster/shared/inventory/sections.ts';
import type { Millis } from '@muster/shared/time.ts';
import { INVENTORY_SECTIONS, type InventorySection } from '@muster/shared/wire/control.ts';
import type { InventoryBody } from '@muster/shared/wire/frames.ts';
import type { RecordAudit } from '../access/audit.ts';
import { z } from 'zod';
import { AppError, type ErrorCode } from '../errors.ts';
import type { MachineFacts } from '../inventory/facts.ts';
import { normalise } from '../inventory/normalise.ts';
import { pause } from '../pause.ts';
import { diffParts, diffSoftware, reconcileAttributes, type Report } from './diff.ts';
import type { CiDirectory, CiEntry } from './directory.ts';
import { identify, type Candidate, type Decision } from './identify.ts';
import { pictureOf, type AttributeValue } from './picture.ts';
import type {
  ChangeSet,
  CmdbStore,
  HistoryRow,
  IdentityKey,
  Machine,
  Part,
  SectionState,
  SectionStates,
  TraceRow,
} from './store.ts';

/** What an enrolment token says about the machines it lets in. */
export interface EnrolmentScope {
  readonly class: MachineClass | null;
  readonly site: string | null;
  readonly tags: readonly string[];
}

export interface InventoryReport {
  readonly agentId: string;
  readonly hostname: string;
  readonly scope: EnrolmentScope;
  /** CI of this agent's earlier reports. */
  readonly agentCiId: string | null;
  readonly body: InventoryBody;
  readonly nowMs: Millis;
}

/** What people may set; undefined = leave. */
export interface MachineEdit {
  readonly name?: string | undefined;
  readonly class?: MachineClass | undefined;
  readonly lifecycle?: Machine['lifecycle'] | undefined;
  readonly criticality?: number | undefined;
  readonly assetNumber?: string | null | undefined;
  readonly owner?: string | null | undefined;
  readonly supportGroup?: string | null | undefined;
  readonly site?: string | null | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly lock?: Readonly<Record<string, unknown>> | undefined;
}

export interface Cmdb {
  readonly directory: CiDirectory;
  /** Called with what was changed, after it is stored, in order; an edit changes no parts. */
  onApplied(listener: (change: Pick<ChangeSet, 'machine' | 'parts'>) => void): void;
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
  edit(id: string, edit: MachineEdit, actor: string, nowMs: Millis): Promise<Machine>;
  /** The same over many machines, some hundred in one go; a machine that cannot be changed is named in `failed`. */
  editMany(steps: readonly EditStep[], actor: string, nowMs: Millis): Promise<EditedMany>;
  /** Every machine that lists show, with its listed attributes; held in memory and always current. */
  listed(): Iterable<ListedMachine>;
}

/** `editOf` may throw AppError: this machine is then left as it is. */
export interface EditStep {
  readonly ids: readonly string[];
  readonly editOf: (machine: Machine) => MachineEdit;
}

export interface EditedMany {
  /** Before and after, in the order of the steps; those for which nothing changed too. */
  readonly edited: readonly { readonly before: Machine; readonly after: Machine }[];
  readonly failed: readonly { readonly id: string; readonly code: ErrorCode; readonly detail: string }[];
}

export type ListedMachine = Omit<Machine, 'attributes'> & {
  readonly attributes: Readonly<Record<string, AttributeValue>>;
};

/** Machines of one transaction: some ten milliseconds in which nobody else is served. */
const EDITS_PER_TRANSACTION = 100;

interface CmdbOptions {
  readonly store: CmdbStore;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  readonly recordAudit: RecordAudit;
}

const NO_KEYS: Decision = {
  decision: 'created',
  rule: 'new',
  ciId: null,
  reason: 'the agent sent samples before any inventory',
  keys: [],
  rejected: [],
};

export async function createCmdb({ store, newId, recordAudit }: CmdbOptions): Promise<Cmdb> {
  const directory = new MachineDirectory(await store.machines());
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
    directory.put(set.machine);
    for (const listener of listeners) listener(set);
  }

  async function applyInventory(report: InventoryReport): ReturnType<Cmdb['applyInventory']> {
    const { reported, states, refused } = readSections(report.body);
    const own = report.agentCiId ? await store.machine(report.agentCiId) : null;
    const known = own ? await store.sections(own.id) : {};
    const facts = normalise({ ...snapshotOf(known), ...reported });
    const confirmsOnly = Object.keys(reported).length === 0;
    const decision =
      own && confirmsOnly ? keep(own) : identifyAmong(facts, report.agentCiId, await candidates(facts, own));
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
        actor: `agent:${report.agentId}`,
        action: decision.decision === 'ambiguous' ? 'ci.identity-ambiguous' : 'ci.identity-contradicted',
        subject: machine.id,
        detail: { reason: decision.reason, candidates: decision.rejected.map(({ ciId }) => ciId) },
      });
    }
    return { ciId: machine.id, decision, refused };
  }

  /** A stand-in whose machine turned out to be known already: nobody is to wait for it, and its record stays. */
  function retired(placeholder: Machine, { agentId, nowMs }: InventoryReport): ChangeSet {
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
          actor: `agent:${agentId}`,
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

  async function requireMachine(id: string): Promise<Machine> {
    const machine = await store.machine(id);
    if (!machine) throw new AppError('not-found', `There is no configuration item ${id}.`);
    return machine;
  }

  function newMachine(
    facts: MachineFacts,
    report: { agentId: string; hostname: string; scope: EnrolmentScope; nowMs: Millis },
  ): Machine {
    return {
      id: newId('ci', report.nowMs),
      class: report.scope.class ?? facts.proposedClass,
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
      agentId: report.agentId,
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
      source: 'agent',
      actor: `agent:${report.agentId}`,
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
        source: 'agent',
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
        agentId: report.agentId,
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
        source: 'agent',
        actor: by.actor,
      });
    }
    return {
      machine,
      keys: identityKeys(facts, false),
      parts,
      installations: { put: software.put, removed: software.removed },
      sections: confirmed(held, input.states, report),
      history,
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
    const done: { before: Machine; after: Machine; history: readonly HistoryRow[] }[] = [];
    const failed: { id: string; code: ErrorCode; detail: string }[] = [];
    // A machine that two steps name is edited from what the first made of it.
    const made = new Map<string, Machine>();
    for (const { id, editOf } of wanted) {
      try {
        const before = made.get(id) ?? (await requireMachine(id));
        const { machine, history } = edited(before, editOf(before), actor, nowMs, newId);
        made.set(id, machine);
        done.push({ before, after: machine, history });
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        failed.push({ id, code: error.code, detail: error.message });
      }
    }
    const changed = done.filter(({ history }) => history.length > 0);
    if (changed.length > 0)
      await store.applyEdits(changed.map(({ after: machine, history }) => ({ machine, history })));
    for (const { after } of changed) {
      directory.put(after);
      for (const listener of listeners) listener({ machine: after, parts: [] });
    }
    return { edited: done, failed };
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
        const machine = newMachine(facts, { ...agent, nowMs });
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
    edit: (id, edit, actor, nowMs) =>
      inOrder(async () => {
        const before = await requireMachine(id);
        const { machine, history } = edited(before, edit, actor, nowMs, newId);
        const facts = normalise(snapshotOf(await store.sections(id)));
        await save({
          machine,
          keys: identityKeys(facts, false),
          parts: [],
          installations: { put: [], removed: [] },
          sections: {},
          history,
          traces: [],
        });
        return machine;
      }),
  };
}

/** Directory of machines in memory, filled at start and after each change. */
class MachineDirectory implements CiDirectory {
  readonly #entries = new Map<string, CiEntry>();
  readonly #listed = new Map<string, ListedMachine>();
  readonly #listeners: ((entry: CiEntry) => void)[] = [];

  constructor(machines: readonly Machine[]) {
    for (const machine of machines) this.#take(machine);
  }

  get(id: string): CiEntry | undefined {
    return this.#entries.get(id);
  }

  all(): Iterable<CiEntry> {
    return this.#entries.values();
  }

  onChange(listener: (entry: CiEntry) => void): void {
    this.#listeners.push(listener);
  }

  /** All but stand-ins whose machine turned out to be another CI. */
  listed(): Iterable<ListedMachine> {
    return this.#listed.values();
  }

  put(machine: Machine): void {
    const entry = this.#take(machine);
    for (const listener of this.#listeners) listener(entry);
  }

  #take(machine: Machine): CiEntry {
    const entry = entryOf(machine);
    this.#entries.set(machine.id, entry);
    if (machine.placeholder && machine.lifecycle === 'retired') this.#listed.delete(machine.id);
    else this.#listed.set(machine.id, listedOf(machine));
    return entry;
  }
}

function listedOf(machine: Machine): ListedMachine {
  const attributes: Record<string, AttributeValue> = {};
  for (const name of LISTED_ATTRIBUTES) {
    const value = machine.attributes[name]?.value;
    if (value !== undefined && value !== null) attributes[name] = value;
  }
  return { ...machine, attributes };
}

function entryOf(machine: Machine): CiEntry {
  const timeZone = machine.attributes.timeZone?.value;
  return {
    id: machine.id,
    class: machine.class,
    name: machine.name,
    lifecycle: machine.lifecycle,
    criticality: machine.criticality,
    tags: machine.tags,
    site: machine.site,
    owner: machine.owner,
    agentId: machine.agentId,
    timeZone: typeof timeZone === 'string' ? timeZone : null,
    createdAtMs: machine.createdAtMs,
  };
}

/** Sections of the report that have the form of their schema; a section without data confirms the held one. */
function readSections(body: InventoryBody): {
  reported: Snapshot;
  states: SectionStates;
  refused: InventorySection[];
} {
  const reported: Record<string, unknown> = {};
  const states: SectionStates = {};
  const refused: InventorySection[] = [];
  for (const section of INVENTORY_SECTIONS) {
    const sent = body.sections[section];
    if (!sent) continue;
    const parsed = sent.data === undefined ? undefined : SECTION_SCHEMAS[section].safeParse(sent.data);
    if (parsed && !parsed.success) {
      refused.push(section);
      continue;
    }
    if (parsed) reported[section] = parsed.data;
    states[section] = {
      hash: sent.hash,
      complete: sent.complete,
      reportedAtMs: body.atMs,
      confirmedAtMs: body.atMs,
      data: parsed?.data,
    };
  }
  return { reported, states, refused };
}

/**
 * Contents that the agent confirms as complete without sending them: one more report of the same, so that what the one
 * before lacked is now missed for the second time. Agents send a section only when it has changed.
 */
function saidAgain(held: SectionStates, sent: SectionStates): Snapshot {
  const same = INVENTORY_SECTIONS.filter((section) => {
    const [now, before] = [sent[section], held[section]];
    return now?.data === undefined && now?.complete === true && now.hash === before?.hash;
  });
  return Object.fromEntries(same.map((section) => [section, held[section]?.data]));
}

function isMissed(part: Part, section: string): boolean {
  return part.section === section && part.absentReports > 0 && part.removedAtMs === null;
}

/** What to keep of the sections: new ones whole, confirmed ones with their new date. */
function confirmed(held: SectionStates, sent: SectionStates, report: InventoryReport): SectionStates {
  const result: SectionStates = {};
  for (const section of INVENTORY_SECTIONS) {
    const state = sent[section];
    if (!state) continue;
    const before = held[section];
    if (state.data !== undefined) result[section] = state;
    else if (before && before.hash === state.hash)
      result[section] = { ...before, confirmedAtMs: report.nowMs } satisfies SectionState;
  }
  return result;
}

function snapshotOf(sections: SectionStates): Snapshot {
  return Object.fromEntries(Object.entries(sections).map(([name, state]) => [name, state.data]));
}

function identityKeys(facts: MachineFacts, forSearch: boolean): IdentityKey[] {
  const keys: IdentityKey[] = [];
  if (facts.serial) keys.push({ kind: 'serial', value: facts.serial });
  if (facts.uuid) keys.push({ kind: 'uuid', value: facts.uuid });
  if (forSearch && facts.uuidSwapped && facts.uuidSwapped !== facts.uuid)
    keys.push({ kind: 'uuid', value: facts.uuidSwapped });
  if (facts.boardSerial) keys.push({ kind: 'board-serial', value: facts.boardSerial });
  if (facts.machineId) keys.push({ kind: 'machine-id', value: facts.machineId });
  for (const mac of facts.permanentMacs) keys.push({ kind: 'mac', value: mac });
  if (facts.hostname) keys.push({ kind: 'hostname', value: facts.hostname });
  if (!forSearch) for (const address of facts.ipAddresses) keys.push({ kind: 'address', value: address });
  return keys;
}

function candidateOf(machine: Machine): Candidate {
  // A lock changes what people read, not what the machine is: identity compares what was observed.
  const seen = (name: string): AttributeValue => {
    const held = machine.attributes[name];
    return held?.observedValue ?? held?.value ?? null;
  };
  const text = (name: string): string | null => {
    const value = seen(name);
    return typeof value === 'string' ? value : null;
  };
  const macs = seen('macAddresses');
  return {
    ciId: machine.id,
    ciName: machine.name,
    serial: text('serial'),
    uuid: text('uuid'),
    boardSerial: text('boardSerial'),
    machineId: text('machineId'),
    hostname: text('hostname')?.split('.')[0]?.toLowerCase() ?? null,
    domain: text('domain'),
    manufacturer: text('manufacturer'),
    model: text('model'),
    macs: Array.isArray(macs) ? macs : [],
    placeholder: machine.placeholder,
  };
}

/** A UUID that several machines with serials of their own hold (one batch of boards) identifies none of them. */
function identifyAmong(
  facts: MachineFacts,
  agentCiId: string | null,
  candidates: readonly Candidate[],
): Decision {
  const holders = candidates.filter(
    ({ uuid }) => uuid !== null && (uuid === facts.uuid || uuid === facts.uuidSwapped),
  );
  const serials = new Set(
    [facts.serial, ...holders.map(({ serial }) => serial)].filter((serial) => serial !== null),
  );
  const shared = facts.uuid !== null && serials.size > 1 ? [facts.uuid] : [];
  return identify(facts, agentCiId, candidates, new Set(shared));
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
      agentId: report.agentId,
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

const EDITABLE = [
  'name',
  'class',
  'lifecycle',
  'criticality',
  'assetNumber',
  'owner',
  'supportGroup',
  'site',
  'tags',
] as const;

function edited(
  before: Machine,
  edit: MachineEdit,
  actor: string,
  nowMs: Millis,
  newId: (prefix: string, nowMs: Millis) => string,
): { machine: Machine; history: HistoryRow[] } {
  const history: HistoryRow[] = [];
  const subject = { ciId: before.id, machineId: before.id, ciName: before.name, ciClass: before.class };
  const note = (attribute: string, from: AttributeValue, to: AttributeValue) =>
    history.push({
      id: newId('hist', nowMs),
      atMs: nowMs,
      ...subject,
      kind: 'changed',
      attribute,
      before: from,
      after: to,
      source: 'human',
      actor,
    });
  const changes: Record<string, unknown> = {};
  for (const field of EDITABLE) {
    const value = edit[field];
    if (value === undefined || JSON.stringify(value) === JSON.stringify(before[field])) continue;
    changes[field] = value;
    note(field, before[field], value);
  }
  if ('name' in changes) changes.nameLocked = true;
  if ('class' in changes) changes.classLocked = true;

  const attributes = { ...before.attributes };
  for (const [name, value] of Object.entries(edit.lock ?? {})) {
    const held = attributes[name];
    if (value === null) {
      if (!held?.lockedBy) continue;
      const { observedValue, ...rest } = held;
      const restored = observedValue === undefined ? held.value : observedValue;
      attributes[name] = { ...rest, value: restored, source: 'agent', lockedBy: null };
      note(name, held.value, restored);
    } else {
      const locked = lockableValue(before.class, name, value);
      const observed = held?.lockedBy ? held.observedValue : held?.value;
      attributes[name] = {
        value: locked,
        source: 'human',
        observedAtMs: nowMs,
        section: held?.section ?? null,
        lockedBy: actor,
        ...(observed !== undefined && JSON.stringify(observed) !== JSON.stringify(locked)
          ? { observedValue: observed }
          : {}),
      };
      note(name, held?.value ?? null, locked);
    }
  }
  return { machine: { ...before, ...changes, attributes }, history };
}

/** A person says how it is; the value must have the form in which the attribute is read. */
function lockableValue(ciClass: MachineClass, name: string, value: unknown): AttributeValue {
  const definition = attributeDefinition(ciClass, name);
  if (!definition) throw new AppError('input-invalid', `A ${ciClass} has no attribute ${name}.`);
  const parsed = LOCKABLE[definition.form].safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError('input-invalid', `The value for ${name} must be ${FORM_WORDS[definition.form]}.`);
}

const LOCKED_TEXT_LENGTH_MAX = 1_000;
const LOCKED_LIST_LENGTH_MAX = 256;
const text = z.string().max(LOCKED_TEXT_LENGTH_MAX);
const LOCKABLE = {
  text,
  time: text,
  number: z.number(),
  bytes: z.number(),
  hertz: z.number(),
  'bits-per-second': z.number(),
  list: z.array(text).max(LOCKED_LIST_LENGTH_MAX),
  'yes-no': z.boolean(),
} as const satisfies Record<AttributeDefinition['form'], z.ZodType<AttributeValue>>;
const TEXT_WORDS = `text of at most ${LOCKED_TEXT_LENGTH_MAX} characters`;
const FORM_WORDS: Record<AttributeDefinition['form'], string> = {
  text: TEXT_WORDS,
  time: TEXT_WORDS,
  number: 'a number',
  bytes: 'a number of bytes',
  hertz: 'a number of hertz',
  'bits-per-second': 'a number of bits per second',
  list: `a list of at most ${LOCKED_LIST_LENGTH_MAX} texts`,
  'yes-no': 'true or false',
};

export function machineClassOf(name: string | null): MachineClass | null {
  return name !== null && isMachineClass(name) ? name : null;
}
