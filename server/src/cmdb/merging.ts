/** Merging and splitting at work: each is one change that can be taken back, with everything that hangs on the CIs. */
import { isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { RELATION_TYPES, type RelationType } from '@muster/shared/cmdb/relation-types.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import { AppError } from '../errors.ts';
import { normalise } from '../inventory/normalise.ts';
import type { RelationGraph } from '../relations/graph.ts';
import type { Cmdb } from './cmdb.ts';
import { snapshotOf } from './held-sections.ts';
import { sourceValues, withoutValues, withSeen } from './held-values.ts';
import type { IdentityPin, IdentityReview, MergeRecord, SectionHeads } from './identity-record.ts';
import { machineKeys, recordKeys } from './identity-keys.ts';
import { isMachine } from './machine-directory.ts';
import { conflictsOf, type Conflict, merged, sectionsTaken, sidesOf, takenOf, unmerged } from './merge.ts';
import type { Reporter } from './reports.ts';
import type {
  Ci,
  CiEdits,
  CmdbStore,
  HeldAttribute,
  HistoryKind,
  HistoryRow,
  IdentityKey,
  Machine,
  RelationEdge,
  SectionStates,
  SourceValue,
} from './store.ts';

export interface MergePlan {
  readonly keep: Ci;
  readonly others: readonly Ci[];
  readonly conflicts: readonly (Conflict & { readonly otherId: string })[];
  /** Pairs that a person has said are never the same. */
  readonly keptApart: readonly string[];
  readonly taken: readonly { readonly name: string; readonly value: unknown; readonly otherId: string }[];
  readonly sections: readonly { readonly section: InventorySection; readonly otherId: string }[];
  readonly relations: number;
}

export interface Merging {
  /** @throws AppError not-found, input-invalid, transition-not-allowed */
  preview(keepId: string, otherIds: readonly string[]): Promise<MergePlan>;
  /** @throws AppError not-found, input-invalid, transition-not-allowed */
  merge(
    keepId: string,
    otherIds: readonly string[],
    actor: string,
    nowMs: Millis,
    pin?: Reporter,
  ): Promise<MergeRecord[]>;
  /** @throws AppError not-found, transition-not-allowed */
  undo(mergeId: string, actor: string, nowMs: Millis): Promise<MergeRecord>;
  /** What this reporter tells becomes a CI of its own. @throws AppError not-found, input-invalid */
  split(ciId: string, reporter: Reporter, actor: string, nowMs: Millis): Promise<Machine>;
}

interface MergingDeps {
  readonly cmdb: Pick<Cmdb, 'change' | 'identity'>;
  readonly store: CmdbStore;
  readonly graph: Pick<RelationGraph, 'from' | 'to' | 'get' | 'put'>;
  readonly newId: (prefix: string, nowMs: Millis) => string;
}

export function createMerging({ cmdb, store, graph, newId }: MergingDeps): Merging {
  const book = cmdb.identity;

  /** @throws AppError */
  async function standing(id: string): Promise<Ci> {
    const ci = await store.ci(id);
    if (!ci) throw new AppError('not-found', `There is no configuration item ${id}.`);
    if (ci.mergedInto !== null)
      throw new AppError('transition-not-allowed', `${ci.name} (${id}) is part of ${ci.mergedInto} already.`);
    return ci;
  }

  async function pairOf(keepId: string, otherId: string): Promise<{ keep: Ci; other: Ci }> {
    if (keepId === otherId) throw new AppError('input-invalid', 'A configuration item is itself already.');
    const [keep, other] = [await standing(keepId), await standing(otherId)];
    const alike = isMachineClass(keep.class) ? isMachineClass(other.class) : keep.class === other.class;
    if (!alike)
      throw new AppError('input-invalid', `A ${keep.class} and a ${other.class} cannot be one thing.`);
    return { keep, other };
  }

  const headsOf = async (ci: Ci): Promise<SectionHeads> => (isMachine(ci) ? store.sectionHeads(ci.id) : {});

  async function keysWith(ci: Ci, sections: SectionStates): Promise<readonly IdentityKey[]> {
    return isMachine(ci)
      ? machineKeys(ci, normalise(snapshotOf(sections), book.junk), book.junk)
      : recordKeys(ci);
  }

  /** Keys of both after these sections have changed sides. */
  async function keysAfter(
    a: Ci,
    b: Ci,
    sections: readonly InventorySection[],
    overtaken: readonly InventorySection[] = [],
  ) {
    const [ofA, ofB] = [await store.sections(a.id), await store.sections(b.id)];
    for (const section of overtaken) delete ofB[section];
    const swapped = (own: SectionStates, foreign: SectionStates): SectionStates => {
      const result = { ...own };
      for (const section of sections) {
        const state = foreign[section];
        if (state) result[section] = state;
        else delete result[section];
      }
      return result;
    };
    return [await keysWith(a, swapped(ofA, ofB)), await keysWith(b, swapped(ofB, ofA))] as const;
  }

  function row(
    ci: Ci,
    kind: HistoryKind,
    other: Pick<Ci, 'name'> | null,
    actor: string,
    nowMs: Millis,
  ): HistoryRow {
    return {
      id: newId('hist', nowMs),
      atMs: nowMs,
      ciId: ci.id,
      machineId: ci.id,
      ciName: ci.name,
      ciClass: ci.class,
      kind,
      attribute: null,
      before: null,
      after: other?.name ?? ci.name,
      source: 'human',
      actor,
    };
  }

  /** Edges of the other, at the one that stays; what it has already, or may have only once, is not made again. */
  function edgesMoved(keepId: string, otherId: string, nowMs: Millis) {
    const moved: { was: RelationEdge; now: RelationEdge | null }[] = [];
    for (const was of [...graph.from(otherId), ...graph.to(otherId)]) {
      const [fromId, toId] = [was.fromId, was.toId].map((id) => (id === otherId ? keepId : id)) as [
        string,
        string,
      ];
      const type: RelationType = RELATION_TYPES[was.type];
      const held = [...graph.from(fromId, was.type), ...moved.flatMap(({ now }) => now ?? [])];
      const known = held.some(
        (edge) =>
          edge.type === was.type && edge.fromId === fromId && edge.toId === toId && edge.group === was.group,
      );
      const full =
        (type.fromMax === 1 && fromId === keepId && graph.from(fromId, was.type).length > 0) ||
        (type.toMax === 1 && toId === keepId && graph.to(toId, was.type).length > 0);
      const now =
        fromId === toId || known || full
          ? null
          : { ...was, id: newId('rel', nowMs), fromId, toId, sinceMs: nowMs };
      moved.push({ was, now });
    }
    return moved;
  }

  async function mergeOne(
    keepId: string,
    otherId: string,
    actor: string,
    nowMs: Millis,
    pin: Reporter | undefined,
  ): Promise<MergeRecord> {
    const { record, edges } = await cmdb.change(async () => {
      const before = await pairOf(keepId, otherId);
      const heads = [await headsOf(before.keep), await headsOf(before.other)] as const;
      const sections = sectionsTaken(...heads);
      const after = merged(before.keep, before.other, sections);
      const moved = edgesMoved(keepId, otherId, nowMs);
      const reporters = book.reportersOf(otherId);
      const apart = book
        .pinsOf(otherId)
        .filter((each) => each.kind === 'never-same' && (each.ciId === keepId || each.otherId === keepId));
      const id = newId('merge', nowMs);
      const answered = [book.openReviewOf(otherId), asking(keepId, otherId)].filter(
        (review) => review !== undefined,
      );
      // By the rules the next report would be of another machine: the person's word is kept with each that reports.
      const believed = (await areApart(keepId, otherId))
        ? [...book.reportersOf(keepId), ...reporters]
        : pin
          ? [pin]
          : [];
      const added: IdentityPin[] = believed
        .filter((each) => pinnedTo(each) !== keepId)
        .map((each) => ({
          id: newId('pin', nowMs),
          kind: 'reporter-is',
          ciId: keepId,
          source: each.source,
          reporterId: each.id,
          atMs: nowMs,
          actor,
        }));
      const merge: MergeRecord = {
        id,
        keepId,
        otherId,
        atMs: nowMs,
        actor,
        undoneAtMs: null,
        undoneBy: null,
        before,
        after: { keep: after.keep },
        sections,
        heads: {
          ...heads[0],
          ...Object.fromEntries(sections.map((section) => [section, heads[1][section]])),
        },
        edges: moved.map(({ was, now }) => ({ was, nowId: now?.id ?? null })),
        reporters: reporters.map(({ source, id: reporterId }) => ({ source, id: reporterId })),
        pins: apart,
        addedPins: added.map((each) => each.id),
        reviews: answered,
      };
      const relations = moved.flatMap(({ was, now }) => [
        { ...was, endedAtMs: nowMs },
        ...(now ? [now] : []),
      ]);
      const [keys] = await keysAfter(after.keep, after.other, sections);
      const edits: CiEdits = {
        atMs: nowMs,
        cis: [after.keep, after.other],
        keys: new Map([
          [keepId, keys],
          [otherId, []],
        ]),
        relations,
        history: [
          row(after.keep, 'merged', before.other, actor, nowMs),
          row(before.other, 'merged', before.keep, actor, nowMs),
        ],
        exchanges: [{ aId: keepId, bId: otherId, sections }],
        identity: {
          reporters: reporters.map((each) => ({ ...each, ciId: keepId })),
          pins: added,
          removedPins: apart.map((each) => each.id),
          merges: [merge],
          reviews: answered.map((review) => ({
            ...review,
            state: 'same',
            decidedCiId: keepId,
            decidedBy: actor,
            decidedAtMs: nowMs,
            mergeId: id,
          })),
        },
      };
      return { edits, result: { record: merge, edges: relations } };
    });
    if (edges.length > 0) graph.put(edges);
    return record;
  }

  function pinnedTo({ source, id }: Reporter): string | null {
    const ciId = book.pinOf(source, id);
    return ciId === null ? null : book.survivorOf(ciId);
  }

  /** Both have a serial number, or both a UUID, and none in common. */
  async function areApart(keepId: string, otherId: string): Promise<boolean> {
    const keys = await store.keysOf([keepId, otherId]);
    return (['serial', 'uuid'] as const).some((kind) => {
      const [mine, theirs] = [keepId, otherId].map((id) =>
        (keys.get(id) ?? []).filter((key) => key.kind === kind).map(({ value }) => value),
      );
      return mine?.length && theirs?.length && !mine.some((value) => theirs.includes(value));
    });
  }

  /** Whether the other's reporters told the value, so that it goes with them when the merge is undone. */
  function goesWith({ keepId, reporters }: MergeRecord, back: readonly InventorySection[]) {
    return ({ source, section }: SourceValue): boolean => {
      const tellers = book.reportersOf(keepId).filter((row) => row.source === source);
      const going = tellers.filter((row) =>
        reporters.some((each) => each.source === source && each.id === row.id),
      );
      if (tellers.length > 0 && going.length === tellers.length) return true;
      if (tellers.length > 0 && going.length === 0) return false;
      return section !== null && back.includes(section);
    };
  }

  /** The open question about the one that stays, where the other is one of its answers. */
  function asking(keepId: string, otherId: string): IdentityReview | undefined {
    const review = book.openReviewOf(keepId);
    return review?.candidates.some(({ ciId }) => ciId === otherId) ? review : undefined;
  }

  async function undo(mergeId: string, actor: string, nowMs: Millis): Promise<MergeRecord> {
    const { record, edges } = await cmdb.change(async () => {
      const merge = await store.merge(mergeId);
      if (!merge) throw new AppError('not-found', `There is no merge ${mergeId}.`);
      await requireUndoable(merge);
      const { keepId, otherId } = merge;
      const [keep, other] = [await store.ci(keepId), await store.ci(otherId)];
      if (!keep || !other) throw new AppError('not-found', `There is no configuration item ${keepId}.`);
      const { back, overtaken } = sidesOf(merge, await headsOf(keep), ({ source, reporter }) => {
        if (source !== 'agent' && source !== 'third-party') return null;
        if (merge.reporters.some((each) => each.source === source && each.id === reporter)) return 'other';
        return book.reporter(source, reporter)?.ciId === keepId ? 'keep' : null;
      });
      const after = unmerged(merge, { keep, other }, goesWith(merge, back));
      const relations = merge.edges.flatMap(({ was, nowId }) => {
        const now = nowId === null ? undefined : graph.get(nowId);
        // What was ended since is not brought back.
        if (nowId !== null && !now) return [];
        return [
          ...(now ? [{ ...now, endedAtMs: nowMs }] : []),
          { ...was, id: newId('rel', nowMs), sinceMs: nowMs },
        ];
      });
      const [ofKeep, ofOther] = await keysAfter(after.keep, after.other, back, overtaken);
      const undone: MergeRecord = { ...merge, undoneAtMs: nowMs, undoneBy: actor };
      const edits: CiEdits = {
        atMs: nowMs,
        cis: [after.keep, after.other],
        keys: new Map([
          [keepId, ofKeep],
          [otherId, ofOther],
        ]),
        relations,
        history: [
          row(after.keep, 'split', after.other, actor, nowMs),
          row(after.other, 'split', after.keep, actor, nowMs),
        ],
        exchanges: [{ aId: keepId, bId: otherId, sections: back, overtaken }],
        identity: {
          reporters: merge.reporters.flatMap(({ source, id }) => {
            const known = book.reporter(source, id);
            return known?.ciId === keepId ? [{ ...known, ciId: otherId }] : [];
          }),
          pins: merge.pins,
          removedPins: merge.addedPins,
          reviews: merge.reviews,
          merges: [undone],
        },
      };
      return { edits, result: { record: undone, edges: relations } };
    });
    if (edges.length > 0) graph.put(edges);
    return record;
  }

  /** What was merged last is undone first: only that gives back what was. */
  async function requireUndoable(merge: MergeRecord): Promise<void> {
    const refuse = (detail: string) => new AppError('transition-not-allowed', detail);
    if (merge.undoneAtMs !== null) throw refuse('This merge is undone already.');
    const later = (await store.mergesOf(merge.keepId)).find(
      (each) => each.undoneAtMs === null && each.id !== merge.id && each.id > merge.id,
    );
    if (later)
      throw refuse(
        `${later.before.keep.name} and ${later.before.other.name} were merged later: undo that first (${later.id}).`,
      );
  }

  async function split(ciId: string, reporter: Reporter, actor: string, nowMs: Millis): Promise<Machine> {
    return cmdb.change(async () => {
      const ci = await standing(ciId);
      const told = book.reporter(reporter.source, reporter.id);
      if (!isMachine(ci) || !told || book.survivorOf(told.ciId) !== ciId)
        throw new AppError('input-invalid', `${reporter.id} reports nothing of ${ci.name}.`);
      const rest = book
        .reportersOf(ciId)
        .filter(({ source, id }) => source !== reporter.source || id !== reporter.id);
      if (rest.length === 0)
        throw new AppError('input-invalid', `Nobody else reports ${ci.name}: there is nothing to split.`);
      const heads = await store.sectionHeads(ciId);
      const sections = (Object.keys(heads) as InventorySection[]).filter(
        (section) => heads[section]?.reporter === reporter.id && heads[section]?.source === reporter.source,
      );
      const alone = rest.every(({ source }) => source !== reporter.source);
      const { mine, theirs } = splitAttributes(
        ci,
        reporter,
        (section) => alone || sections.includes(section),
      );
      const heir = rest
        .filter(({ source }) => source === 'agent')
        .toSorted((a, b) => b.lastAtMs - a.lastAtMs)[0];
      const left: Machine = {
        ...ci,
        attributes: mine,
        agentId: ci.agentId === reporter.id ? (heir?.id ?? null) : ci.agentId,
      };
      const fresh: Machine = {
        ...ci,
        id: newId('ci', nowMs),
        classLocked: false,
        nameLocked: false,
        lifecycle: 'in_use',
        assetNumber: null,
        owner: null,
        agentId: reporter.source === 'agent' ? reporter.id : null,
        placeholder: sections.length === 0,
        createdAtMs: nowMs,
        attributes: theirs,
      };
      const [ofLeft, ofFresh] = await keysAfter(left, fresh, sections);
      const pin = { id: newId('pin', nowMs), atMs: nowMs, actor };
      const edits: CiEdits = {
        atMs: nowMs,
        cis: [left, fresh],
        keys: new Map([
          [ciId, ofLeft],
          [fresh.id, ofFresh],
        ]),
        relations: [],
        history: [
          row(fresh, 'created', null, actor, nowMs),
          row(fresh, 'split', ci, actor, nowMs),
          row(ci, 'split', fresh, actor, nowMs),
        ],
        traces: [
          {
            id: newId('trace', nowMs),
            atMs: nowMs,
            ciId: fresh.id,
            agentId: reporter.id,
            decision: 'created',
            rule: 'person',
            reason: 'a person said that this reporter is of another machine',
            keys: [],
            rejected: [{ ciId, ciName: ci.name, reason: 'kept apart by a person' }],
          },
        ],
        exchanges: [{ aId: ciId, bId: fresh.id, sections }],
        identity: {
          reporters: [{ ...told, ciId: fresh.id, hashes: {} }],
          pins: [
            {
              ...pin,
              kind: 'reporter-is',
              ciId: fresh.id,
              source: reporter.source,
              reporterId: reporter.id,
            },
            { ...pin, id: newId('pin', nowMs), kind: 'never-same', ciId, otherId: fresh.id },
          ],
        },
      };
      return { edits, result: fresh };
    });
  }

  return {
    async preview(keepId, otherIds) {
      let keep = await standing(keepId);
      const first = keep;
      const others: Ci[] = [];
      const conflicts: (Conflict & { otherId: string })[] = [];
      const taken: { name: string; value: unknown; otherId: string }[] = [];
      const moved: { section: InventorySection; otherId: string }[] = [];
      let relations = 0;
      for (const otherId of otherIds) {
        const { other } = await pairOf(keepId, otherId);
        const sections = sectionsTaken(await headsOf(first), await headsOf(other));
        const after = merged(keep, other, sections);
        conflicts.push(...conflictsOf(keep, other).map((conflict) => ({ ...conflict, otherId })));
        taken.push(...takenOf(keep, after.keep).map((each) => ({ ...each, otherId })));
        moved.push(...sections.map((section) => ({ section, otherId })));
        relations += edgesMoved(keepId, otherId, 0).filter(({ now }) => now !== null).length;
        others.push(other);
        keep = after.keep;
      }
      const keptApart = otherIds.filter((id) => book.apartFrom(keepId).has(id));
      return { keep: first, others, conflicts, keptApart, taken, sections: moved, relations };
    },
    async merge(keepId, otherIds, actor, nowMs, pin) {
      const records: MergeRecord[] = [];
      for (const otherId of new Set(otherIds))
        records.push(await mergeOne(keepId, otherId, actor, nowMs, pin));
      return records;
    },
    undo,
    split,
  };
}

/** What the reporter's source says of what it tells goes; what others say stays. */
function splitAttributes(
  ci: Machine,
  { source }: Reporter,
  goes: (section: InventorySection) => boolean,
): { mine: Record<string, HeldAttribute>; theirs: Record<string, HeldAttribute> } {
  const mine: Record<string, HeldAttribute> = {};
  const theirs: Record<string, HeldAttribute> = {};
  for (const [name, held] of Object.entries(ci.attributes)) {
    const moving = sourceValues(held).filter(
      (value) => value.source === source && value.section !== null && goes(value.section),
    );
    for (const value of moving) theirs[name] = withSeen(theirs[name], value);
    const left = moving.length === 0 ? held : withoutValues(held, moving);
    if (left) mine[name] = left;
  }
  return { mine, theirs };
}
