/** What of a former state a person may bring back: only what people entered. Pure. */
import type { AttributeValue } from '../cmdb/picture.ts';
import type { CiEdit } from '../cmdb/edit.ts';
import type { Ci, HeldAttribute } from '../cmdb/store.ts';
import { sameJson } from './past.ts';

export interface Restoration {
  readonly edit: CiEdit;
  readonly changes: readonly { attribute: string; before: AttributeValue; after: AttributeValue }[];
  readonly skipped: readonly { attribute: string; reason: 'lifecycle' | 'reported' }[];
}

/** Fields that people keep; the asset number is never given twice, and the lifecycle goes its own way. */
const FIELDS = ['subclass', 'criticality', 'owner', 'supportGroup', 'site', 'tags'] as const;

/** `only`: these attributes, where it is given. */
export function restoration(now: Ci, then: Ci, only?: readonly string[]): Restoration {
  const edit: Record<string, unknown> = {};
  const set: Record<string, AttributeValue> = {};
  const lock: Record<string, AttributeValue> = {};
  const changes: { attribute: string; before: AttributeValue; after: AttributeValue }[] = [];
  const skipped: { attribute: string; reason: 'lifecycle' | 'reported' }[] = [];
  const wanted = (attribute: string) => only === undefined || only.includes(attribute);

  const field = (name: (typeof FIELDS)[number] | 'name') => {
    if (!wanted(name) || sameJson(now[name], then[name])) return;
    edit[name] = then[name];
    changes.push({ attribute: name, before: now[name], after: then[name] });
  };
  for (const name of FIELDS) field(name);
  if (then.nameLocked) field('name');
  else if (wanted('name') && now.name !== then.name) skipped.push({ attribute: 'name', reason: 'reported' });
  if (wanted('lifecycle') && now.lifecycle !== then.lifecycle)
    skipped.push({ attribute: 'lifecycle', reason: 'lifecycle' });

  for (const name of new Set([...Object.keys(now.attributes), ...Object.keys(then.attributes)])) {
    if (!wanted(name)) continue;
    const [is, was] = [now.attributes[name], then.attributes[name]];
    const isLocked = is?.lockedBy != null;
    const wasLocked = was?.lockedBy != null;
    if (sameJson(is?.value, was?.value) && isLocked === wasLocked) continue;
    if (wasLocked) lock[name] = was?.value ?? null;
    else if (isLocked) lock[name] = null;
    else if (isEntered(is) || isEntered(was)) set[name] = isEntered(was) ? (was?.value ?? null) : null;
    else {
      skipped.push({ attribute: name, reason: 'reported' });
      continue;
    }
    changes.push({
      attribute: name,
      before: is?.value ?? null,
      after: wasLocked
        ? (was?.value ?? null)
        : isLocked
          ? (is?.observedValue ?? is?.value ?? null)
          : (set[name] ?? null),
    });
  }
  return {
    edit: {
      ...edit,
      ...(Object.keys(set).length === 0 ? {} : { set }),
      ...(Object.keys(lock).length === 0 ? {} : { lock }),
    },
    changes,
    skipped,
  };
}

/** A person or an import said it, and no report does. */
function isEntered(held: HeldAttribute | undefined): boolean {
  return held !== undefined && held.section === null && (held.source === 'human' || held.source === 'import');
}
