/** What was different at a moment in the past: all changes since then, each thing's first and last word compared. Pure. */
import type { HistoryEntry } from '@muster/shared/api/cmdb.ts';

export interface Difference {
  readonly id: string;
  /** The entry that tells of it, for its words: class, name, attribute. */
  readonly entry: HistoryEntry;
  readonly kind: 'value' | 'came' | 'went';
  readonly before: unknown;
  readonly after: unknown;
}

/** `entries`: every change since the moment, newest first. What changed and changed back is no difference. */
export function differencesSince(entries: readonly HistoryEntry[]): Difference[] {
  const things = new Map<string, HistoryEntry[]>();
  for (const entry of entries.toReversed()) {
    // Packages are recorded with their machine.
    const thing = entry.ciClass === 'Software' ? `${entry.ciId} ${entry.ciName}` : entry.ciId;
    const held = things.get(thing);
    if (held) held.push(entry);
    else things.set(thing, [entry]);
  }
  return [...things.values()]
    .flatMap(differencesOf)
    .sort(
      (a, b) =>
        a.entry.ciClass.localeCompare(b.entry.ciClass) ||
        a.entry.ciName.localeCompare(b.entry.ciName, undefined, { numeric: true }) ||
        (a.entry.attribute ?? '').localeCompare(b.entry.attribute ?? ''),
    );
}

/** Of one thing, its changes in order of time. */
function differencesOf(entries: readonly HistoryEntry[]): Difference[] {
  const life = entries.filter(({ kind }) => kind === 'created' || kind === 'removed' || kind === 'returned');
  const [first] = life;
  const last = life.at(-1);
  const wasThere = first === undefined || first.kind === 'removed';
  const isThere = last === undefined || last.kind !== 'removed';
  if (!wasThere && !isThere) return [];
  if (!wasThere && last) return [whole(last, 'came')];
  if (!isThere && last) return [whole(last, 'went')];
  const attributes = new Map<string, HistoryEntry[]>();
  for (const entry of entries) {
    if (entry.kind !== 'changed') continue;
    const name = entry.attribute ?? '';
    attributes.set(name, [...(attributes.get(name) ?? []), entry]);
  }
  return [...attributes.values()].flatMap((changes) => {
    const newest = changes.at(-1);
    const before = changes[0]?.before;
    if (newest === undefined || JSON.stringify(before) === JSON.stringify(newest.after)) return [];
    return [{ id: newest.id, entry: newest, kind: 'value', before, after: newest.after }];
  });
}

function whole(entry: HistoryEntry, kind: 'came' | 'went'): Difference {
  return { id: entry.id, entry, kind, before: entry.before, after: entry.after };
}
