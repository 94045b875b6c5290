/** A maintenance window and its versions: when it is in force, exactly, also when it was changed while it ran. Pure. */
import { DAY_MS, type Millis } from '@muster/shared/time.ts';
import { intersect, type Span, union } from '../availability/spans.ts';
import { localName, type LocalTime, startsOf } from './recurrence.ts';
import { wallOf } from './wall-clock.ts';

export type Schedule =
  | { readonly kind: 'once'; readonly fromMs: Millis; readonly toMs: Millis }
  | {
      readonly kind: 'recurring';
      /** Local begin of the first occurrence, in the zone of the version. */
      readonly start: LocalTime;
      /** RFC 5545, canonical. */
      readonly rule: string;
      readonly durationMs: Millis;
      /** Occurrences that were cancelled or ended early. */
      readonly except: readonly LocalTime[];
      /** Occurrences that were prolonged while they ran. */
      readonly prolonged: readonly { readonly name: LocalTime; readonly toMs: Millis }[];
    };

/** Inside each occurrence the window begins with the first trouble and lasts this long. */
export interface Flexible {
  readonly durationMs: Millis;
  /** 'ci': each CI has its own begin. 'window': the first trouble of any begins it for all. */
  readonly per: 'ci' | 'window';
}

/** What was agreed from `agreedAtMs` until the next version; null: no more (ended, cancelled). */
export interface WindowVersion {
  readonly agreedAtMs: Millis;
  readonly by: string;
  readonly schedule: Schedule | null;
  readonly timeZone: string;
  readonly flexible: Flexible | null;
}

export interface WindowTargets {
  readonly ciIds: readonly string[];
  readonly services: readonly string[];
  readonly locations: readonly string[];
  readonly classes: readonly string[];
  readonly tags: readonly string[];
}

export interface WindowRecord {
  readonly id: string;
  readonly title: string;
  readonly reason: string;
  /** Who said yes to it, as entered. */
  readonly agreedBy: string;
  readonly targets: WindowTargets;
  /** 'all': with what hangs on the targets. 'none': the targets alone. */
  readonly children: 'none' | 'all';
  readonly createdBy: string;
  readonly createdAtMs: Millis;
  readonly changedAtMs: Millis;
  /** Ascending, at least one; the first was agreed at `createdAtMs`. */
  readonly versions: readonly WindowVersion[];
}

/** The trouble that a flexible window began with; `ciId` null: for all of the window. */
export interface Trigger {
  readonly windowId: string;
  readonly ciId: string | null;
  readonly atMs: Millis;
}

/** One time at which a window takes place, of a flexible one the time inside which it may begin. */
export interface Occurrence extends Span {
  readonly name: LocalTime;
}

/** Of one occurrence of a recurring window, and of a flexible duration. */
export const OCCURRENCE_MS_MAX = 7 * DAY_MS;
/** Of a window that takes place once. */
export const ONCE_MS_MAX = 92 * DAY_MS;
/** Nothing is agreed further ahead. */
export const AHEAD_MS_MAX = 2 * 366 * DAY_MS;
/** Kept of one window: what was agreed when. */
export const VERSIONS_MAX = 200;

export function latest(window: Pick<WindowRecord, 'versions'>): WindowVersion {
  return window.versions.at(-1) as WindowVersion;
}

/** Occurrences of one version that touch [fromMs, toMs), whole, ascending. */
export function occurrencesOf(
  version: Pick<WindowVersion, 'schedule' | 'timeZone'>,
  fromMs: Millis,
  toMs: Millis,
): Occurrence[] {
  const { schedule, timeZone } = version;
  if (schedule === null || fromMs >= toMs) return [];
  if (schedule.kind === 'once') {
    if (schedule.toMs <= fromMs || schedule.fromMs >= toMs) return [];
    return [
      { name: localName(wallOf(schedule.fromMs, timeZone)), fromMs: schedule.fromMs, toMs: schedule.toMs },
    ];
  }
  const { durationMs } = schedule;
  // A prolonged occurrence reaches further than its duration.
  const longestMs = schedule.prolonged.length === 0 ? durationMs : durationMs + OCCURRENCE_MS_MAX;
  return startsOf(
    { start: schedule.start, rule: schedule.rule, except: schedule.except },
    timeZone,
    fromMs - longestMs,
    toMs,
  )
    .map(({ name, atMs }) => ({
      name,
      fromMs: atMs,
      toMs: Math.max(atMs + durationMs, prolongedTo(version, name)),
    }))
    .filter((one) => one.toMs > fromMs);
}

/** The part of time in which each version is the one that is agreed. */
export function reigns(window: Pick<WindowRecord, 'versions'>): { version: WindowVersion; span: Span }[] {
  return window.versions.map((version, i) => ({
    version,
    span: { fromMs: version.agreedAtMs, toMs: window.versions[i + 1]?.agreedAtMs ?? Infinity },
  }));
}

/** Begins of a flexible window, ascending: those of the CI that is asked about, and those for all of the window. */
export interface Begins {
  readonly own: readonly Millis[];
  readonly all: readonly Millis[];
}

export const NO_BEGINS: Begins = { own: [], all: [] };

/**
 * When the window is in force inside [fromMs, toMs): each moment is judged by the version that was agreed at that moment, so
 * nothing before the window was set, prolonged or moved is ever in it. A flexible version counts from the first begin in
 * each of its occurrences on.
 */
export function inForce(
  window: Pick<WindowRecord, 'versions'>,
  begins: Begins,
  fromMs: Millis,
  toMs: Millis,
): Span[] {
  const spans: Span[] = [];
  for (const { version, span } of reigns(window)) {
    const cut = { fromMs: Math.max(span.fromMs, fromMs), toMs: Math.min(span.toMs, toMs) };
    if (cut.fromMs >= cut.toMs) continue;
    spans.push(...intersect(union(wanted(version, begins, cut)), [cut]));
  }
  return union(spans);
}

function wanted(version: WindowVersion, begins: Begins, cut: Span): Span[] {
  const { flexible } = version;
  const lookBackMs = flexible === null ? 0 : flexible.durationMs + OCCURRENCE_MS_MAX;
  const occurrences = occurrencesOf(version, cut.fromMs - lookBackMs, cut.toMs);
  if (flexible === null) return occurrences;
  const counted = flexible.per === 'ci' ? begins.own : begins.all;
  return occurrences.flatMap((occurrence) => {
    const begunMs = counted.find((atMs) => occurrence.fromMs <= atMs && atMs < occurrence.toMs);
    if (begunMs === undefined) return [];
    const toMs = Math.max(begunMs + flexible.durationMs, prolongedTo(version, occurrence.name));
    return [{ fromMs: begunMs, toMs }];
  });
}

function prolongedTo({ schedule }: Pick<WindowVersion, 'schedule'>, name: LocalTime): Millis {
  if (schedule?.kind !== 'recurring') return 0;
  return schedule.prolonged.find((one) => one.name === name)?.toMs ?? 0;
}

/** The occurrence of the version agreed now that holds the moment. */
export function occurrenceAt(window: Pick<WindowRecord, 'versions'>, nowMs: Millis): Occurrence | null {
  return occurrencesOf(latest(window), nowMs, nowMs + 1)[0] ?? null;
}

/** Coming occurrences of what is agreed now, the running one first. */
export function coming(
  version: Pick<WindowVersion, 'schedule' | 'timeZone'>,
  nowMs: Millis,
  count: number,
): Occurrence[] {
  const { schedule } = version;
  if (schedule === null) return [];
  if (schedule.kind === 'once') return schedule.toMs > nowMs ? occurrencesOf(version, nowMs, Infinity) : [];
  // Looked for further and further ahead, so that a weekly rule does not cost five years.
  for (const days of [40, 400, 5 * 366]) {
    const found = occurrencesOf(version, nowMs, nowMs + days * DAY_MS);
    if (found.length >= count || days > 400) return found.slice(0, count);
  }
  return [];
}
