/** Reports at work: whose they are, what they change, and the short way for those that say nothing new. */
import type { MachineClass } from '@muster/shared/cmdb/classes.ts';
import type { Snapshot } from '@muster/shared/inventory/sections.ts';
import type { Millis } from '@muster/shared/time.ts';
import { INVENTORY_SECTIONS, type InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import type { InventoryBody } from '@muster/shared/wire/frame-bodies.ts';
import { blankSection, withoutFields } from '@muster/shared/privacy/fields.ts';
import type { RecordAudit } from '../access/audit.ts';
import { AppError } from '../errors.ts';
import type { MachineFacts } from '../inventory/facts.ts';
import { normalise } from '../inventory/normalise.ts';
import {
  diffParts,
  diffSoftware,
  isOwner,
  reconcileAttributes,
  type Report,
  type Turn,
  turnOf,
} from './diff.ts';
import { hiddenIn, NOTHING_HIDDEN } from './hidden.ts';
import { allItemChanges } from './items.ts';
import {
  again,
  confirmedOf,
  hasMissing,
  headOf,
  missedAgain,
  readSections,
  snapshotOf,
} from './held-sections.ts';
import { equal } from './held-values.ts';
import type { Candidate, Decision } from './identify.ts';
import {
  COLLECTION_PREFIX,
  configurationActor,
  type LeftOut,
  leftOutNow,
  leftOutOfSection,
  switched,
} from './left-out.ts';
import type { IdentityBook } from './identity-book.ts';
import type { IdentityReview, ReporterRow, ReportingSource, SectionHeads } from './identity-record.ts';
import { candidateOf, identifyAmong, machineKeys, searchKeys } from './identity-keys.ts';
import type { MachineDirectory } from './machine-directory.ts';
import { pictureOf } from './picture.ts';
import type { ChangeSet, CmdbStore, HistoryRow, Machine, Part, SectionStates, TraceRow } from './store.ts';

/** What an enrolment token says about the machines it lets in. */
export interface EnrolmentScope {
  readonly class: MachineClass | null;
  readonly site: string | null;
  readonly tags: readonly string[];
}

/** Who reports: our own agent by its id, or another's (GLPI, FusionInventory, OCS) by the id that the intake knows it by. */
export interface Reporter {
  readonly source: ReportingSource;
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
  /** What the configuration leaves out of the reporter's inventories; null or absent: not known, or nothing is said by one. */
  readonly leftOut?: LeftOut | null;
  readonly nowMs: Millis;
}

export interface AppliedReport {
  readonly ciId: string;
  readonly decision: Decision;
  /** Sections of an unknown form: left out. */
  readonly refused: readonly InventorySection[];
  /** Sections that were named without contents and are not held like that: to be sent whole. */
  readonly lacking: readonly InventorySection[];
}

/** What became of one report, for those who look after findings. */
export interface ReportNews {
  readonly ci: Pick<Machine, 'id' | 'name' | 'lifecycle'>;
  readonly reporter: Reporter;
  readonly decision: Decision;
  /** The question that this report asks or asked. */
  readonly review: IdentityReview | null;
}

export interface NewcomerReport {
  readonly reporter: Reporter;
  readonly hostname: string;
  readonly scope: EnrolmentScope;
  readonly nowMs: Millis;
}

interface ReportsDeps {
  readonly store: CmdbStore;
  readonly directory: MachineDirectory;
  readonly book: IdentityBook;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  readonly recordAudit: RecordAudit;
  readonly save: (set: ChangeSet) => Promise<void>;
  readonly tell: (news: ReportNews, nowMs: Millis) => void;
}

export interface Reports {
  apply(report: InventoryReport): Promise<AppliedReport>;
  /** CI for an agent that sends samples before any inventory. */
  placeholder(newcomer: NewcomerReport): Promise<string>;
}

const UNINVENTORIED: Decision = {
  decision: 'created',
  rule: 'new',
  ciId: null,
  reason: 'the agent sent samples before any inventory',
  keys: [],
  rejected: [],
};

/** One report after another: two at once could both find no CI and make two of one machine. */
export function createReports(deps: ReportsDeps): Reports {
  const { store, directory, book, newId, recordAudit, save, tell } = deps;

  /** The CI that the reporter's word points at: a person's decision before its own earlier reports. */
  function homeOf({ reporter: { source, id }, reporterCiId }: InventoryReport): string | null {
    const pinned = book.pinOf(source, id);
    if (pinned !== null) return book.survivorOf(pinned);
    if (source === 'third-party' && reporterCiId === null) return null;
    const known = book.reporter(source, id)?.ciId ?? reporterCiId;
    return known === null ? null : book.survivorOf(known);
  }

  /** Nothing new is said, which the hashes tell: only dates move. null: it must be looked at. */
  async function confirmWhole(
    { reporter, body, leftOut, nowMs }: InventoryReport,
    homeId: string | null,
  ): Promise<AppliedReport | null> {
    const row = book.reporter(reporter.source, reporter.id);
    const own = homeId === null ? undefined : directory.one(homeId);
    if (!row || !own || row.ciId !== own.id || own.placeholder || own.mergedInto !== null) return null;
    if (reporter.source === 'agent' && own.agentId !== reporter.id) return null;
    if (row.lastAtMs <= book.junkChangedAtMs) return null;
    for (const section of INVENTORY_SECTIONS) {
      const sent = body.sections[section];
      if (sent && row.hashes[section] !== sent.hash) return null;
    }
    const heads = await store.sectionHeads(own.id);
    const owned: InventorySection[] = [];
    for (const section of INVENTORY_SECTIONS) {
      const sent = body.sections[section];
      if (!sent) continue;
      const head = heads[section];
      const turn = turnOf(head, reporter, true, nowMs);
      if (!head || (turn !== 'again' && isOwner(turn))) return null;
      if (turn !== 'again') continue;
      if (head.hash !== sent.hash || head.missing || head.complete !== sent.complete) return null;
      if (leftOut && !equal(leftOutOfSection(section, leftOut.names), head.leftOut)) return null;
      owned.push(section);
    }
    const heard = { ...row, lastAtMs: nowMs };
    await store.confirmSections(own.id, owned, heard);
    book.put({ reporters: [heard] });
    const decision = keep(own.id);
    tell({ ci: own, reporter, decision, review: book.openReviewOf(own.id) ?? null }, nowMs);
    return { ciId: own.id, decision, refused: [], lacking: [] };
  }

  async function apply(report: InventoryReport): Promise<AppliedReport> {
    const homeId = homeOf(report);
    const unchanged = await confirmWhole(report, homeId);
    if (unchanged) return unchanged;
    const { reporter, nowMs } = report;
    const { reported, states, refused } = readSections(report.body, reporter);
    const own = homeId === null ? null : await store.machine(homeId);
    const ownHeld = own ? await store.sections(own.id) : {};
    const facts = normalise(snapshotOf(ownHeld, reported), book.junk);
    const decision = await decide(report, facts, own, Object.keys(reported).length === 0);
    const meantimeId = decision.ciId ?? (decision.decision === 'ambiguous' ? askedBefore(reporter) : null);
    const machine = meantimeId === null ? newMachine(facts, report) : await requireMachine(meantimeId);
    const held = machine.id === own?.id ? ownHeld : await store.sections(machine.id);
    const review = decision.decision === 'ambiguous' ? reviewOf(decision, machine, report) : null;
    const toldHere = hashesTold(reporter, machine.id);
    const turns = new Map<InventorySection, Turn>();
    for (const section of INVENTORY_SECTIONS) {
      const [before, state] = [held[section], states[section]];
      const turn = turnOf(before, reporter, toldHere[section] !== undefined, nowMs);
      turns.set(section, turn);
      if (state === undefined || !isOwner(turn)) continue;
      // Named without contents that nobody holds: what is left out of it, they will say.
      if (state.data === undefined && before?.hash !== state.hash) continue;
      const data = () => state.data ?? before?.data;
      const known = before?.leftOut ?? [];
      const leftOut = leftOutNow(section, data, known, report.leftOut ?? null, report.body.atMs);
      states[section] = { ...state, leftOut };
      if (turn === 'again' && !equal(leftOut, known)) turns.set(section, 'rescoped');
    }
    const turn = (section: InventorySection): Turn => turns.get(section) ?? 'aside';
    const lacking = INVENTORY_SECTIONS.filter((section) => {
      const state = states[section];
      if (state === undefined || state.data !== undefined) return false;
      return isOwner(turn(section)) ? held[section]?.hash !== state.hash : toldHere[section] !== state.hash;
    });
    const set = await changeSet({
      machine,
      isNew: meantimeId === null,
      held,
      facts,
      reported,
      states,
      decision,
      report,
      review,
      turn,
    });
    const gaveWay = own?.placeholder && own.id !== machine.id ? becomes(own, machine.id, report) : null;
    // First the stand-in, where the machine is stored already: after a crash in between the report comes again and is of the machine.
    if (gaveWay && meantimeId !== null) await save(gaveWay);
    await save(set);
    if (gaveWay && meantimeId === null) await save(gaveWay);
    if (decision.decision === 'ambiguous' || decision.decision === 'contradicted') {
      await recordAudit({
        actor: actorOf(reporter),
        action: decision.decision === 'ambiguous' ? 'ci.identity-ambiguous' : 'ci.identity-contradicted',
        subject: machine.id,
        detail: { reason: decision.reason, candidates: decision.rejected.map(({ ciId }) => ciId) },
      });
    }
    tell(
      { ci: set.machine, reporter, decision, review: review ?? book.openReviewOf(machine.id) ?? null },
      nowMs,
    );
    return { ciId: machine.id, decision, refused, lacking };
  }

  async function decide(
    { reporter, scope }: InventoryReport,
    facts: MachineFacts,
    own: Machine | null,
    confirmsOnly: boolean,
  ): Promise<Decision> {
    const pinned = book.pinOf(reporter.source, reporter.id);
    if (pinned !== null && own) return { ...keep(own.id), rule: 'person', reason: SAID_BY_A_PERSON };
    if (own && confirmsOnly) return keep(own.id);
    return identifyAmong(facts, own?.id ?? null, await candidates(facts, own), {
      zone: scope.site,
      ...(own ? { excluded: book.apartFrom(own.id) } : {}),
    });
  }

  async function candidates(facts: MachineFacts, own: Machine | null): Promise<Candidate[]> {
    const found = await store.machinesByKeys(searchKeys(facts));
    const all = own && !found.some(({ id }) => id === own.id) ? [...found, own] : found;
    const keys = await store.keysOf(all.map(({ id }) => id));
    return all.map((machine) =>
      candidateOf(machine, keys.get(machine.id) ?? [], book.openReviewOf(machine.id) !== undefined),
    );
  }

  /** The CI that this reporter was given when it asked the same before. */
  function askedBefore({ source, id }: Reporter): string | null {
    const ciId = book.reporter(source, id)?.ciId;
    return ciId !== undefined && book.openReviewOf(ciId) ? ciId : null;
  }

  function reviewOf(
    decision: Decision,
    machine: Machine,
    { reporter, nowMs }: InventoryReport,
  ): IdentityReview {
    const known = book.openReviewOf(machine.id);
    return {
      id: known?.id ?? newId('rev', nowMs),
      openedAtMs: known?.openedAtMs ?? nowMs,
      lastAtMs: nowMs,
      ciId: machine.id,
      source: reporter.source,
      reporterId: reporter.id,
      rule: decision.rule,
      reason: decision.reason,
      candidates: (decision.candidates ?? []).filter(({ ciId }) => ciId !== machine.id),
      state: 'open',
      decidedCiId: null,
      decidedBy: null,
      decidedAtMs: null,
      mergeId: null,
    };
  }

  /** A stand-in whose machine was known already: nobody is to wait for it, and what it measured is read with that machine. */
  function becomes(standIn: Machine, ciId: string, { reporter, nowMs }: InventoryReport): ChangeSet {
    return {
      machine: { ...standIn, lifecycle: 'retired', agentId: null, mergedInto: ciId },
      keys: [],
      parts: [],
      installations: { put: [], removed: [] },
      sections: {},
      history: [
        {
          ...rowOf(standIn, nowMs),
          kind: 'changed',
          attribute: 'lifecycle',
          before: standIn.lifecycle,
          after: 'retired',
          source: 'system',
          actor: actorOf(reporter),
        },
      ],
      atMs: nowMs,
      traces: [],
    };
  }

  function rowOf({ id, name, class: ciClass }: Machine, nowMs: Millis) {
    return { id: newId('hist', nowMs), atMs: nowMs, ciId: id, machineId: id, ciName: name, ciClass };
  }

  async function requireMachine(id: string): Promise<Machine> {
    const machine = await store.machine(id);
    if (!machine) throw new AppError('not-found', `There is no configuration item ${id}.`);
    return machine;
  }

  function newMachine(facts: MachineFacts, { reporter, hostname, scope, nowMs }: NewcomerReport): Machine {
    return {
      id: newId('ci', nowMs),
      class: scope.class ?? facts.proposedClass,
      subclass: null,
      classLocked: scope.class !== null,
      name: facts.hostname ?? (hostname || facts.displayName),
      nameLocked: false,
      lifecycle: 'in_use',
      criticality: 3,
      assetNumber: null,
      owner: null,
      supportGroup: null,
      serviceHours: null,
      site: scope.site,
      tags: scope.tags,
      agentId: agentIdOf(reporter),
      placeholder: true,
      mergedInto: null,
      createdAtMs: nowMs,
      attributes: {},
    };
  }

  /** Hashes of what this reporter told of this CI. */
  function hashesTold({ source, id }: Reporter, ciId: string): ReporterRow['hashes'] {
    const known = book.reporter(source, id);
    return known?.ciId === ciId ? known.hashes : {};
  }

  function heardFrom(
    reporter: Reporter,
    ciId: string,
    nowMs: Millis,
    hashes: ReporterRow['hashes'],
  ): ReporterRow {
    const known = book.reporter(reporter.source, reporter.id);
    return {
      source: reporter.source,
      id: reporter.id,
      ciId,
      firstAtMs: known?.firstAtMs ?? nowMs,
      lastAtMs: nowMs,
      hashes: { ...hashesTold(reporter, ciId), ...hashes },
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
    review: IdentityReview | null;
    turn: (section: InventorySection) => Turn;
  }): Promise<ChangeSet> {
    const { machine: before, held, facts, reported, states, decision, report, review, turn } = input;
    const { reporter, nowMs } = report;
    const by: Report = {
      source: reporter.source,
      actor: actorOf(reporter),
      atMs: nowMs,
      newId: (prefix) => newId(prefix, nowMs),
    };
    const subject = { ciId: before.id, machineId: before.id, ciName: before.name, ciClass: before.class };
    const history: HistoryRow[] = [];
    if (input.isNew) history.push(createdRow(before, reporter, nowMs));
    const confirmed = confirmedOf(held, states).filter((section) => isRetold(turn(section)));
    const repeated = Object.fromEntries(
      missedAgain(held, states)
        .filter((section) => turn(section) === 'again')
        .map((section) => [section, held[section]?.data]),
    ) as Snapshot;
    const owned = Object.fromEntries(
      Object.entries(reported).filter(([section]) => isOwner(turn(section as InventorySection))),
    ) as Snapshot;

    const rescoped = INVENTORY_SECTIONS.filter((section) => turn(section) === 'rescoped');
    const switchedOf = (section: InventorySection) =>
      switched(held[section]?.leftOut ?? [], states[section]?.leftOut ?? []);
    const alike = (snapshot: Snapshot) => {
      const stripped: Record<string, unknown> = { ...snapshot };
      for (const section of rescoped)
        if (section in stripped)
          stripped[section] = isSwitched(section, switchedOf(section))
            ? blankSection(section)
            : withoutFields(section, stripped[section], switchedOf(section));
      return stripped as Snapshot;
    };
    const hidden =
      rescoped.length === 0 ? null : hiddenBy(snapshotOf(held, owned), snapshotOf(held, {}), alike);
    /** Where single fields are switched, the rest of the section is told as ever. */
    const diffTurn = (section: InventorySection): Turn =>
      turn(section) === 'rescoped' && !isSwitched(section, switchedOf(section)) ? 'again' : turn(section);
    let attributes = before.attributes;
    const heldParts = input.isNew ? [] : await store.parts(before.id, true);
    const parts: Part[] = [];
    for (const picture of pictureOf({ ...repeated, ...reported }, facts, snapshotOf(held, owned))) {
      const { section } = picture;
      const ofSection = hidden?.get(section) ?? NOTHING_HIDDEN;
      const reconciled = reconcileAttributes(
        attributes,
        picture.attributes,
        section,
        subject,
        by,
        diffTurn(section),
        (name) => ofSection.attributes.has(name),
      );
      attributes = reconciled.attributes;
      history.push(...reconciled.history);
      if (!isOwner(turn(section))) continue;
      const complete = states[section]?.complete ?? false;
      const diffed = diffParts(heldParts, picture, complete, diffTurn(section), before, by, ofSection);
      parts.push(...diffed.parts);
      history.push(...diffed.history);
    }
    const packages = owned.software ?? repeated.software;
    const installed = packages && !input.isNew ? await store.installations(before.id) : [];
    const software = packages
      ? diffSoftware(
          installed,
          packages,
          states.software?.complete ?? false,
          isPackageKeySwitched(switchedOf('software')) ? turn('software') : diffTurn('software'),
          before,
          by,
          switchedOf('software').includes('software.packages.version'),
        )
      : { put: [], removed: [], history: [] };
    history.push(...software.history);
    for (const section of rescoped)
      history.push({
        id: by.newId('hist'),
        atMs: nowMs,
        ...subject,
        kind: 'changed',
        attribute: `${COLLECTION_PREFIX}${section}`,
        before: held[section]?.leftOut ?? [],
        after: states[section]?.leftOut ?? [],
        source: 'system',
        actor: configurationActor(report.leftOut?.version ?? ''),
      });
    // Only what was looked at both times is compared.
    const heldAlike: Record<string, unknown> = {};
    const retold: Record<string, unknown> = {};
    for (const [name, data] of Object.entries(owned)) {
      const section = name as InventorySection;
      if (!isRetold(turn(section))) continue;
      const names = switchedOf(section);
      if (isSwitched(section, names)) continue;
      retold[section] = withoutFields<unknown>(section, data, names);
      if (names.length > 0) heldAlike[section] = withoutFields(section, held[section]?.data, names);
    }
    const whole = (section: InventorySection) =>
      (held[section]?.complete ?? false) && (states[section]?.complete ?? false);
    for (const item of allItemChanges(snapshotOf(held, heldAlike), retold, whole))
      history.push({
        id: by.newId('hist'),
        atMs: nowMs,
        ...subject,
        ...item,
        source: by.source,
        actor: by.actor,
      });

    const allParts = [...new Map([...heldParts, ...parts].map((part) => [part.id, part])).values()];
    const sections: SectionStates = {};
    for (const section of INVENTORY_SECTIONS) {
      const state = states[section];
      if (owned[section] !== undefined && state)
        sections[section] = { ...state, missing: hasMissing(section, allParts, software.put) };
    }
    const heads: SectionHeads = {};
    for (const section of confirmed) {
      const head = held[section];
      const missing = hasMissing(section, allParts, software.put);
      const leftOut = states[section]?.leftOut ?? [];
      if (head) heads[section] = again(headOf(head), nowMs, { missing, leftOut });
    }

    const told = normalise(snapshotOf(held, owned), book.junk);
    const machine = retitled(
      {
        ...before,
        attributes,
        agentId: agentIdOf(reporter) ?? before.agentId,
        placeholder: before.placeholder && Object.keys(reported).length === 0,
      },
      told,
    );
    // Before the hardware was ever told, the class was a guess and its correction is no change.
    if (machine.class !== before.class && held.hardware !== undefined) {
      history.push({
        ...rowOf(before, nowMs),
        kind: 'changed',
        attribute: 'class',
        before: before.class,
        after: machine.class,
        source: by.source,
        actor: by.actor,
      });
    }
    const known = INVENTORY_SECTIONS.filter(
      (section) => reported[section] !== undefined || confirmed.includes(section),
    );
    const hashes = Object.fromEntries(known.map((section) => [section, states[section]?.hash ?? '']));
    return {
      machine,
      keys: machineKeys(machine, told, book.junk),
      parts,
      installations: { put: software.put, removed: software.removed },
      sections,
      heads,
      history,
      atMs: nowMs,
      traces: newsOf(decision, before, report, newId),
      identity: {
        reporters: [heardFrom(reporter, machine.id, nowMs, hashes)],
        ...(review ? { reviews: [review] } : {}),
      },
    };
  }

  /** What was switched, in the picture as it was and as it is. */
  function hiddenBy(now: Snapshot, before: Snapshot, alike: (snapshot: Snapshot) => Snapshot) {
    const pair = (snapshot: Snapshot) => {
      const [told, without] = [snapshot, alike(snapshot)].map((one) =>
        pictureOf(one, normalise(one, book.junk)),
      );
      return { told: told ?? [], alike: without ?? [] };
    };
    return hiddenIn([pair(before), pair(now)]);
  }

  function createdRow(machine: Machine, reporter: Reporter, nowMs: Millis): HistoryRow {
    return {
      ...rowOf(machine, nowMs),
      kind: 'created',
      attribute: null,
      before: null,
      after: machine.name,
      source: reporter.source,
      actor: actorOf(reporter),
    };
  }

  return {
    apply,
    async placeholder(newcomer) {
      const { reporter, nowMs } = newcomer;
      const machine = newMachine(normalise({}), newcomer);
      await save({
        machine,
        keys: [],
        parts: [],
        installations: { put: [], removed: [] },
        sections: {},
        history: [createdRow(machine, reporter, nowMs)],
        atMs: nowMs,
        traces: [
          {
            id: newId('trace', nowMs),
            atMs: nowMs,
            ciId: machine.id,
            agentId: reporter.id,
            ...traceOf(UNINVENTORIED),
          },
        ],
        identity: { reporters: [heardFrom(reporter, machine.id, nowMs, {})] },
      });
      return machine.id;
    },
  };
}

/** The section's owner says what it is, whatever it is asked for. */
function isRetold(turn: Turn): boolean {
  return turn === 'again' || turn === 'rescoped';
}

/** As a whole, and not single fields of it. */
function isSwitched(section: InventorySection, names: readonly string[]): boolean {
  return names.includes(section);
}

/** Without one of these, packages cannot be told one from another, or are not there at all. */
function isPackageKeySwitched(names: readonly string[]): boolean {
  return names.some((name) => name === 'software.packages' || name === 'software.packages.architecture');
}

const SAID_BY_A_PERSON = 'a person said that this reporter is of this configuration item';

/** Class and name follow the facts until a person has chosen them. A renamed host keeps its CI. */
function retitled(machine: Machine, facts: MachineFacts): Machine {
  return {
    ...machine,
    class: machine.classLocked ? machine.class : facts.proposedClass,
    name: machine.nameLocked ? machine.name : (facts.hostname ?? machine.name),
  };
}

function agentIdOf({ source, id }: Reporter): string | null {
  return source === 'agent' ? id : null;
}

function keep(ciId: string): Decision {
  return { decision: 'matched', rule: 'agent', ciId, reason: 'confirmed unchanged', keys: [], rejected: [] };
}

/** One trace row per decision that says something new: the daily "same agent, same machine" is not kept. */
function newsOf(
  decision: Decision,
  machine: Machine,
  report: InventoryReport,
  newId: (prefix: string, nowMs: Millis) => string,
): TraceRow[] {
  const routine = decision.rule === 'agent' || decision.rule === 'person';
  if (routine && decision.decision === 'matched' && !machine.placeholder) return [];
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
