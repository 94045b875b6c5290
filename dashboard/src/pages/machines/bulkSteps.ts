/** A change of many machines: from what a person typed to portions that are sent. Pure. */
import { type BulkChange, type BulkStep, LIFECYCLES } from '@muster/shared/api/cmdb.ts';
import { NEEDS_REASON } from '@muster/shared/cmdb/lifecycle.ts';

/** What can be changed of many machines at once. */
export const BULK_KINDS = [
  'addTags',
  'removeTags',
  'site',
  'owner',
  'supportGroup',
  'criticality',
  'lifecycle',
] as const;
export type BulkKind = (typeof BULK_KINDS)[number];

/** null: nothing is to be done yet. */
export function changeOf(
  kind: BulkKind,
  { text, tags, choice }: { text: string; tags: readonly string[]; choice: string },
): BulkChange | null {
  const words = [...new Set(text.split(/[,，;；]/).map((word) => word.trim()))].filter(Boolean);
  switch (kind) {
    case 'addTags':
      return words.length === 0 ? null : { addTags: words };
    case 'removeTags':
      return tags.length === 0 ? null : { removeTags: [...tags] };
    case 'criticality':
      return { criticality: Number(choice) };
    case 'lifecycle': {
      const lifecycle = LIFECYCLES.find((each) => each === choice);
      if (lifecycle === undefined) return null;
      const reason = text.trim();
      if (reason === '') return NEEDS_REASON.includes(lifecycle) ? null : { lifecycle };
      return { lifecycle, reason };
    }
    case 'site':
    case 'owner':
    case 'supportGroup':
      return { [kind]: text.trim() === '' ? null : text.trim() };
  }
}

/** Steps in portions of at most `idsMax` machines, in order. */
export function portions(steps: readonly BulkStep[], idsMax: number): BulkStep[][] {
  const all: BulkStep[][] = [];
  let room = 0;
  for (const { ids, change } of steps) {
    for (let from = 0; from < ids.length; ) {
      if (room === 0) {
        all.push([]);
        room = idsMax;
      }
      const some = ids.slice(from, from + room);
      all.at(-1)?.push({ ids: some, change });
      from += some.length;
      room -= some.length;
    }
  }
  return all;
}
