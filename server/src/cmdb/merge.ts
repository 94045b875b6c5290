/** Two CIs become one, and two again. Pure. */
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import { joined, sourceValues, standing, withSeen } from './held-values.ts';
import type { MergeRecord, SectionHead, SectionHeads } from './identity-record.ts';
import { SOURCES, type Attributes, type Ci, type HeldAttribute, type SourceValue } from './store.ts';

/** Fields that the one that stays takes over where it has none. */
const TAKEN_FIELDS = ['subclass', 'assetNumber', 'owner', 'supportGroup', 'serviceHours', 'site'] as const;
/** Fields in which its own value stays. */
const KEPT_FIELDS = ['name', 'class', 'lifecycle', 'criticality'] as const;

export interface Conflict {
  readonly kind: 'field' | 'attribute' | 'lock';
  readonly name: string;
  readonly keep: unknown;
  readonly other: unknown;
}

/** Sections that the other tells better: the one that stays has none, or a weaker or older one. */
export function sectionsTaken(keep: SectionHeads, other: SectionHeads): InventorySection[] {
  return (Object.keys(other) as InventorySection[]).filter((section) => {
    const [held, offered] = [keep[section], other[section]];
    if (!offered) return false;
    if (!held) return true;
    const rank = SOURCES.indexOf(offered.source) - SOURCES.indexOf(held.source);
    return rank < 0 || (rank === 0 && offered.confirmedAtMs > held.confirmedAtMs);
  });
}

export function merged(keep: Ci, other: Ci, sections: readonly InventorySection[]): { keep: Ci; other: Ci } {
  const fields = Object.fromEntries(TAKEN_FIELDS.map((field) => [field, keep[field] ?? other[field]]));
  const attributes: Record<string, HeldAttribute> = { ...keep.attributes };
  for (const [name, offered] of Object.entries(other.attributes)) {
    const held = attributes[name];
    const isTaken = offered.section !== null && sections.includes(offered.section);
    attributes[name] = held ? joined(held, offered, isTaken) : offered;
  }
  return {
    keep: {
      ...keep,
      ...fields,
      tags: [...new Set([...keep.tags, ...other.tags])],
      agentId: sections.length > 0 ? (other.agentId ?? keep.agentId) : (keep.agentId ?? other.agentId),
      placeholder: keep.placeholder && other.placeholder,
      attributes,
    },
    // The number goes with the thing; two things in the books cannot have it.
    other: {
      ...other,
      mergedInto: keep.id,
      assetNumber: keep.assetNumber === null ? null : other.assetNumber,
    },
  };
}

/** What people entered on both sides and differently; what reports say is sorted out by the next report. */
export function conflictsOf(keep: Ci, other: Ci): Conflict[] {
  const conflicts: Conflict[] = [];
  for (const name of [...KEPT_FIELDS, ...TAKEN_FIELDS]) {
    const [mine, theirs] = [keep[name], other[name]];
    if (mine !== null && theirs !== null && mine !== theirs)
      conflicts.push({ kind: 'field', name, keep: mine, other: theirs });
  }
  for (const [name, theirs] of Object.entries(other.attributes)) {
    const mine = keep.attributes[name];
    if (!mine || same(mine.value, theirs.value) || theirs.value === null || mine.value === null) continue;
    const locked = mine.lockedBy !== null || theirs.lockedBy !== null;
    const entered = isEntered(mine) && isEntered(theirs);
    if (locked || entered)
      conflicts.push({
        kind: locked ? 'lock' : 'attribute',
        name,
        keep: mine.value,
        other: theirs.value,
      });
  }
  return conflicts;
}

function isEntered(held: HeldAttribute): boolean {
  return sourceValues(held).some(({ source }) => source === 'human' || source === 'import');
}

/** What the one that stays gets from the other. */
export function takenOf(before: Ci, after: Ci): { name: string; value: unknown }[] {
  const fields = TAKEN_FIELDS.filter((field) => !same(before[field], after[field])).map((name) => ({
    name,
    value: after[name] as unknown,
  }));
  const tags = same(before.tags, after.tags) ? [] : [{ name: 'tags', value: after.tags as unknown }];
  const attributes = Object.entries(after.attributes)
    .filter(([name, { value }]) => value !== null && !same(before.attributes[name]?.value ?? null, value))
    .map(([name, { value }]) => ({ name, value }));
  return [...fields, ...tags, ...attributes];
}

/** Sections when a merge is undone. */
export interface Sides {
  /** What the other's reporters tell now: these go with them. */
  readonly back: readonly InventorySection[];
  /** What the other was left with, or would get, although somebody has told it newer since. */
  readonly overtaken: readonly InventorySection[];
}

/** `side`: whose a reporter's word is now; null: neither's that is known. */
export function sidesOf(
  { sections, heads: before }: Pick<MergeRecord, 'sections' | 'heads'>,
  now: SectionHeads,
  side: (teller: Pick<SectionHead, 'source' | 'reporter'>) => 'keep' | 'other' | null,
): Sides {
  const back: InventorySection[] = [];
  const overtaken: InventorySection[] = [];
  for (const section of new Set([...sections, ...(Object.keys(now) as InventorySection[])])) {
    const [head, was] = [now[section], before?.[section]];
    const wasTaken = sections.includes(section);
    const isRetold =
      head !== undefined &&
      before !== undefined &&
      (was === undefined || was.hash !== head.hash || was.reporter !== head.reporter);
    const teller = isRetold ? side(head) : null;
    const goesBack = teller === null ? wasTaken : teller === 'other';
    if (goesBack) back.push(section);
    if (goesBack !== wasTaken) overtaken.push(section);
  }
  return { back, overtaken };
}

/**
 * Both as they were; what has become different since stays with the one that stayed, but for what `goes`: what reporters of the other told.
 */
export function unmerged(
  record: MergeRecord,
  now: { readonly keep: Ci; readonly other: Ci },
  goes: (value: SourceValue) => boolean,
): { keep: Ci; other: Ci } {
  const { before, after } = record;
  const was = before.keep as unknown as Record<string, unknown>;
  const became = after.keep as unknown as Record<string, unknown>;
  const keep: Record<string, unknown> = { ...now.keep };
  for (const name of Object.keys(keep)) {
    // Name and class that followed the other's reports go back with them.
    const follows = (name === 'name' && !now.keep.nameLocked) || (name === 'class' && !now.keep.classLocked);
    if (name !== 'attributes' && (follows || same(keep[name], became[name]))) keep[name] = was[name];
  }
  // The agent that reports goes with what it reports.
  const agentGoes = record.reporters.some(({ source, id }) => source === 'agent' && id === now.keep.agentId);
  if (agentGoes) keep['agentId'] = before.keep.agentId;
  const mine = attributesBack(record, now.keep.attributes, goes);
  const theirs: Record<string, HeldAttribute> = { ...before.other.attributes };
  for (const [name, held] of Object.entries(now.keep.attributes)) {
    const then = sourceValues(after.keep.attributes[name]);
    for (const value of sourceValues(held)) {
      const isNew = !then.some((each) => same(each, value));
      if (isNew && goes(value)) theirs[name] = withSeen(theirs[name], value);
    }
  }
  const number =
    now.keep.assetNumber === after.keep.assetNumber ? before.other.assetNumber : now.other.assetNumber;
  return {
    keep: { ...(keep as unknown as Ci), attributes: mine },
    other: { ...before.other, mergedInto: null, assetNumber: number, attributes: theirs },
  };
}

function attributesBack(
  { before, after }: MergeRecord,
  now: Attributes,
  goes: (value: SourceValue) => boolean,
): Attributes {
  const back: Record<string, HeldAttribute> = {};
  for (const name of new Set([...Object.keys(now), ...Object.keys(before.keep.attributes)])) {
    const [held, was, became] = [now[name], before.keep.attributes[name], after.keep.attributes[name]];
    const isUntouched = held === undefined || same(held, became);
    const value = isUntouched ? was : attributeBack(held, was, became, goes);
    if (value !== undefined) back[name] = value;
  }
  return back;
}

/** Of each source what it told since the merge, else what it told before; a lock that was set since stays. */
function attributeBack(
  held: HeldAttribute,
  was: HeldAttribute | undefined,
  became: HeldAttribute | undefined,
  goes: (value: SourceValue) => boolean,
): HeldAttribute | undefined {
  const [then, before] = [sourceValues(became), sourceValues(was)];
  const values = sourceValues(held).flatMap((value) => {
    const isNew = !then.some((each) => same(each, value)) && !goes(value);
    return isNew ? [value] : before.filter(({ source }) => source === value.source);
  });
  const isLockNew =
    held.lockedBy !== null && (held.lockedBy !== became?.lockedBy || !same(held.value, became.value));
  const lock = isLockNew ? held : held.lockedBy !== null ? was : undefined;
  if (values.length === 0 && (lock === undefined || lock.lockedBy === null)) return was;
  return standing(values, lock, was?.section ?? held.section);
}

/** As JSON with its keys in any order. */
function same(a: unknown, b: unknown): boolean {
  return a === b || ordered(a) === ordered(b);
}

function ordered(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
