/** The record of a machine's presence: intervals that leave no hole and never overlap, and how one is corrected. */
import type { Cause, Presence } from '@muster/shared/api/cmdb.ts';
import type { Words } from '@muster/shared/api/incidents.ts';
import { invariant } from '@muster/shared/invariant.ts';
import type { Millis } from '@muster/shared/time.ts';

export interface PresenceInterval {
  readonly fromMs: Millis;
  /** Half-open; null: still so. Only the last interval of a machine is open. */
  readonly toMs: Millis | null;
  readonly presence: Presence;
  readonly cause: Cause | null;
  /** Absence was agreed beforehand: a maintenance window, a life-cycle state outside service. */
  readonly planned: boolean;
  readonly evidence: readonly Words[];
  /** What was recorded at first has been corrected by what became known later. */
  readonly revised: boolean;
  /** When that correction became durable; undefined or null: not noted (yet). */
  readonly revisedAtMs?: Millis | null;
  /** What the record said at first of all of this interval; only where it was corrected. */
  readonly was?: Said;
}

/** What the record says of a time. */
export type Said = Pick<PresenceInterval, 'presence' | 'cause' | 'planned'>;

/** The record as it was before any correction; what was never corrected is the same. */
export function asFirstSaid<T extends Said & { readonly was?: Said }>(intervals: readonly T[]): T[] {
  return intervals.map((one) => (one.was === undefined ? one : { ...one, ...one.was }));
}

/** What is to be true of [fromMs, toMs); null = from then on. */
export interface Revision {
  readonly fromMs: Millis;
  readonly toMs: Millis | null;
  readonly presence: Presence;
  readonly cause: Cause | null;
  /** null: as recorded; false where nothing was. */
  readonly planned: boolean | null;
  readonly evidence: readonly Words[];
  /** true: corrects the record; false: the record as it is first written (which may reach back to the last evidence). */
  readonly corrects: boolean;
}

/** Sentences kept with one interval; the oldest and the newest say most. */
export const EVIDENCE_PER_INTERVAL_MAX = 8;

/**
 * The timeline with the revision in force. `timeline` is ascending and whole (each interval begins where the one
 * before ends); so is the result. Time that the timeline did not reach before the revision is not invented: a
 * revision that begins before the first interval moves the beginning.
 */
export function paint(timeline: readonly PresenceInterval[], revision: Revision): PresenceInterval[] {
  const toMs = revision.toMs ?? Infinity;
  if (revision.fromMs >= toMs) return [...timeline];
  const endMs = timeline.at(-1)?.toMs;
  invariant(
    endMs === undefined || endMs === null || revision.fromMs <= endMs,
    'a revision leaves no hole behind the timeline',
  );
  const painted: PresenceInterval[] = [];
  for (const old of timeline) {
    if (old.fromMs < revision.fromMs) painted.push(cut(old, old.fromMs, revision.fromMs));
  }
  painted.push(...covered(timeline, revision));
  for (const old of timeline) {
    if ((old.toMs ?? Infinity) > toMs) painted.push(cut(old, toMs, Infinity));
  }
  return mergeEqual(painted);
}

/** Several revisions, the later ones over the earlier; what lies before the beginning of the record stays out of it. */
export function applyRevisions(
  timeline: readonly PresenceInterval[],
  revisions: readonly Revision[],
): PresenceInterval[] {
  let result = [...timeline];
  for (const revision of revisions) {
    const beginMs = result[0]?.fromMs ?? revision.fromMs;
    result = paint(result, { ...revision, fromMs: Math.max(revision.fromMs, beginMs) });
  }
  return result;
}

/** The revision over what stood there: parts that already said the same keep their mark and add evidence. */
function covered(timeline: readonly PresenceInterval[], revision: Revision): PresenceInterval[] {
  const toMs = revision.toMs ?? Infinity;
  const parts: PresenceInterval[] = [];
  let fromMs = revision.fromMs;
  const add = (untilMs: Millis, old: PresenceInterval | null): void => {
    if (fromMs >= untilMs) return;
    const { corrects, ...rest } = revision;
    const said = { ...rest, planned: revision.planned ?? old?.planned ?? false };
    const same = old !== null && says(old, said);
    // What is back to what was said at first was not corrected in the end.
    const isBack = old?.was !== undefined && says(old.was, said);
    const revised = !isBack && (same ? old.revised : corrects && old !== null);
    parts.push({
      ...said,
      fromMs,
      toMs: untilMs === Infinity ? null : untilMs,
      evidence: same ? mergeEvidence(old.evidence, revision.evidence) : revision.evidence,
      revised,
      ...(same && old.revisedAtMs !== undefined ? { revisedAtMs: old.revisedAtMs } : {}),
      ...(revised ? firstOf(old, same) : {}),
    });
    fromMs = untilMs;
  };
  for (const old of timeline) {
    if ((old.toMs ?? Infinity) <= fromMs || old.fromMs >= toMs) continue;
    add(Math.min(old.fromMs, toMs), null);
    add(Math.min(old.toMs ?? Infinity, toMs), old);
  }
  add(toMs, null);
  return parts;
}

function cut(interval: PresenceInterval, fromMs: Millis, toMs: Millis): PresenceInterval {
  const endMs = Math.min(interval.toMs ?? Infinity, toMs);
  return {
    ...interval,
    fromMs: Math.max(interval.fromMs, fromMs),
    toMs: endMs === Infinity ? null : endMs,
  };
}

/** What was said at first stays, however often it is corrected. */
function firstOf(old: PresenceInterval | null, same: boolean): { readonly was?: Said } {
  if (old?.was !== undefined) return { was: old.was };
  if (old === null || same) return {};
  return { was: { presence: old.presence, cause: old.cause, planned: old.planned } };
}

function says(a: Said, b: Said): boolean {
  return a.presence === b.presence && a.cause === b.cause && a.planned === b.planned;
}

function mergeEqual(intervals: readonly PresenceInterval[]): PresenceInterval[] {
  const merged: PresenceInterval[] = [];
  for (const next of intervals) {
    const last = merged.at(-1);
    if (last && says(last, next) && last.revised === next.revised && sameFirst(last.was, next.was)) {
      const evidence = mergeEvidence(last.evidence, next.evidence);
      // What is not noted yet is newer than what is: both together are noted with the next writing.
      const { revisedAtMs: _at, ...rest } = last;
      const noted = [last, next].every(({ revisedAtMs }) => revisedAtMs !== undefined);
      const revisedAtMs = Math.max(last.revisedAtMs ?? 0, next.revisedAtMs ?? 0);
      merged[merged.length - 1] = {
        ...rest,
        toMs: next.toMs,
        evidence,
        ...(noted ? { revisedAtMs: revisedAtMs === 0 ? null : revisedAtMs } : {}),
      };
    } else {
      merged.push(next);
    }
  }
  return merged;
}

function sameFirst(a: Said | undefined, b: Said | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && says(a, b));
}

export function mergeEvidence(older: readonly Words[], newer: readonly Words[]): readonly Words[] {
  if (older === newer) return older;
  const all = [...older, ...newer.filter((words) => !older.some((held) => held.en === words.en))];
  if (all.length <= EVIDENCE_PER_INTERVAL_MAX) return all;
  return [...all.slice(0, 1), ...all.slice(1 - EVIDENCE_PER_INTERVAL_MAX)];
}
