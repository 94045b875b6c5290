/** One change of many machines: what it makes of each, and what brings the former values back. Pure. */
import { type BulkChange, type BulkStep, TAGS_MAX } from '@muster/shared/api/cmdb.ts';
import { AppError } from '../errors.ts';
import type { CiEdit } from './edit.ts';
import type { Ci } from './store.ts';

/** @throws AppError input-invalid where the machine would have too many tags */
export function bulkEdit(machine: Ci, { addTags, removeTags, ...fields }: BulkChange): CiEdit {
  if (addTags === undefined && removeTags === undefined) return fields;
  const kept = machine.tags.filter((tag) => !removeTags?.includes(tag));
  const tags = [...kept, ...(addTags ?? []).filter((tag) => !kept.includes(tag))];
  if (tags.length > TAGS_MAX)
    throw new AppError(
      'input-invalid',
      `${machine.name} would have ${tags.length} tags; ${TAGS_MAX} is the most.`,
    );
  return { ...fields, tags };
}

const FIELDS = ['site', 'owner', 'supportGroup', 'criticality', 'lifecycle'] as const;

interface Edited {
  readonly before: Ci;
  readonly after: Ci;
}

/** One for each machine: what the first change found and what the last one left. */
export function joined(edited: readonly Edited[]): Edited[] {
  const machines = new Map<string, Edited>();
  for (const { before, after } of edited)
    machines.set(before.id, { before: machines.get(before.id)?.before ?? before, after });
  return [...machines.values()];
}

export function isChanged({ before, after }: Edited): boolean {
  return Object.keys(backOf({ before, after })).length > 0;
}

/** Machines with the same way back share a step. Tags are taken and given one by one, so that later ones stay. */
export function undoSteps(edited: readonly Edited[]): BulkStep[] {
  const steps = new Map<string, { ids: string[]; change: BulkChange }>();
  for (const each of edited) {
    const change = backOf(each);
    const key = JSON.stringify(change);
    const held = steps.get(key);
    if (held) held.ids.push(each.before.id);
    else if (key !== '{}') steps.set(key, { ids: [each.before.id], change });
  }
  return [...steps.values()];
}

function backOf({ before, after }: Edited): BulkChange {
  const back: Record<string, unknown> = {};
  for (const field of FIELDS) if (before[field] !== after[field]) back[field] = before[field];
  const added = after.tags.filter((tag) => !before.tags.includes(tag));
  const removed = before.tags.filter((tag) => !after.tags.includes(tag));
  if ('lifecycle' in back) back['takesBack'] = true;
  if (added.length > 0) back['removeTags'] = added;
  if (removed.length > 0) back['addTags'] = removed;
  return back;
}
