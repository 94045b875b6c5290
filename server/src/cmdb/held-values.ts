/** One attribute said by several sources: which value stands, and what the others say. Pure. */
import type { Millis } from '@muster/shared/time.ts';
import type { AttributeValue } from './picture.ts';
import { SOURCES, type HeldAttribute, type Source, type SourceValue } from './store.ts';

/** What every source said last, the stronger first; what nobody told is not there. */
export function sourceValues(held: HeldAttribute | undefined): SourceValue[] {
  if (!held) return [];
  const others = held.others ?? [];
  if (held.lockedBy === null) {
    const { value, source, observedAtMs, section } = held;
    return value === null ? [...others] : [{ value, source, observedAtMs, section }, ...others];
  }
  return [...others];
}

/**
 * After `seen` is heard: the strongest source stands unless a person has locked another value. Of one source the newest counts;
 * a value that is not told any more keeps what was known. `outdated` takes away what stronger sources said of this section
 * when nobody has confirmed it for long. Answers `held` itself when nothing changes.
 */
export function withSeen(
  held: HeldAttribute | undefined,
  seen: SourceValue,
  outdated = false,
): HeldAttribute {
  if (seen.value === null) return held ?? { ...seen, lockedBy: null };
  const known = sourceValues(held);
  const before = known.find(({ source }) => source === seen.source);
  const isOutdated = (value: SourceValue) =>
    outdated && isStronger(value.source, seen.source) && value.section === seen.section;
  if (held && before && equal(before.value, seen.value) && !known.some(isOutdated)) return held;
  const kept = before && equal(before.value, seen.value) ? before : seen;
  const rest = known.filter((value) => value.source !== seen.source && !isOutdated(value));
  return standing([...rest, kept], held, seen.section);
}

/** After somebody has written it: null takes away what people and imports said, and what reports say stands again. */
export function withSaid(held: HeldAttribute | undefined, said: SourceValue): HeldAttribute {
  if (said.value !== null) return withSeen(held, said);
  const reported = sourceValues(held).filter(({ source }) => source !== 'human' && source !== 'import');
  if (reported.length === 0) return { ...said, lockedBy: null };
  return standing(reported, held, said.section);
}

/** The same without these; null where nothing is left. */
export function withoutValues(held: HeldAttribute, gone: readonly SourceValue[]): HeldAttribute | null {
  const rest = sourceValues(held).filter(({ source }) => !gone.some((value) => value.source === source));
  return rest.length === 0 && held.lockedBy === null ? null : standing(rest, held, held.section);
}

/** Both sides' values; of one source the first side's, or the second's. The first side's lock goes before. */
export function joined(first: HeldAttribute, second: HeldAttribute, prefersSecond: boolean): HeldAttribute {
  const [weak, strong] = prefersSecond ? [first, second] : [second, first];
  const values = new Map<Source, SourceValue>();
  for (const value of [...sourceValues(weak), ...sourceValues(strong)]) values.set(value.source, value);
  if (values.size === 0 && first.lockedBy === null && second.lockedBy === null) return first;
  const lock = first.lockedBy !== null ? first : second.lockedBy !== null ? second : undefined;
  return standing([...values.values()], lock, first.section ?? second.section);
}

export function lockedWith(
  held: HeldAttribute | undefined,
  value: AttributeValue,
  lockedBy: string,
  nowMs: Millis,
): HeldAttribute {
  const lock: HeldAttribute = {
    value,
    source: 'human',
    observedAtMs: nowMs,
    section: held?.section ?? null,
    lockedBy,
  };
  return standing(sourceValues(held), lock, lock.section);
}

/** The strongest of what was heard stands again; null where nobody ever told it. */
export function unlocked(held: HeldAttribute): HeldAttribute {
  const known = sourceValues(held);
  if (known.length === 0) return { ...bare(held), value: null, lockedBy: null };
  return standing(known, undefined, held.section);
}

/** The strongest of the values stands, unless `held` is locked. */
export function standing(
  values: readonly SourceValue[],
  held: HeldAttribute | undefined,
  section: HeldAttribute['section'],
): HeldAttribute {
  const sorted = values.toSorted((a, b) => SOURCES.indexOf(a.source) - SOURCES.indexOf(b.source));
  const [strongest, ...weaker] = sorted;
  if (held && held.lockedBy !== null) {
    return {
      ...bare(held),
      section: held.section ?? section,
      ...(strongest && !equal(strongest.value, held.value) ? { observedValue: strongest.value } : {}),
      ...(sorted.length > 0 ? { others: sorted } : {}),
    };
  }
  if (!strongest) {
    return { value: null, source: 'human', observedAtMs: held?.observedAtMs ?? 0, section, lockedBy: null };
  }
  return { ...strongest, lockedBy: null, ...(weaker.length > 0 ? { others: weaker } : {}) };
}

function bare({ value, source, observedAtMs, section, lockedBy }: HeldAttribute): HeldAttribute {
  return { value, source, observedAtMs, section, lockedBy };
}

function isStronger(a: Source, b: Source): boolean {
  return SOURCES.indexOf(a) < SOURCES.indexOf(b);
}

export function equal(a: AttributeValue, b: AttributeValue): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  return a.length === b.length && a.every((item, i) => item === b[i]);
}
