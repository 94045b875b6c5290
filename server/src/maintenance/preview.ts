/** What a window would mean before it is set: its next times with what the clocks do to them, who is in it, what it meets. */
import type { ClockRemark, WindowOccurrence, WindowPreview } from '@muster/shared/api/maintenance.ts';
import { PREVIEW_OCCURRENCES, WINDOW_CIS_SHOWN_MAX } from '@muster/shared/api/maintenance.ts';
import { type Millis, toIso } from '@muster/shared/time.ts';
import { intersect, type Span } from '../availability/spans.ts';
import type { Covered } from './coverage.ts';
import { problemOf, type WindowFields } from './edit.ts';
import type { Maintenance } from './maintenance.ts';
import { localName, wallMsOf } from './recurrence.ts';
import { instantOf, wallOf } from './wall-clock.ts';
import { coming, latest, type Occurrence, occurrencesOf, type WindowRecord } from './window.ts';

export interface PreviewSource {
  readonly maintenance: Pick<Maintenance, 'all' | 'coverage' | 'coveredBy'>;
  readonly nameOf: (ciId: string) => { name: string; class: string } | undefined;
  /** Expected hours of a machine inside the span; null: no machine. */
  readonly hoursOf: (ciId: string, span: Span) => 'always' | readonly Span[] | null;
}

export type PreviewFields = Pick<
  WindowFields,
  'targets' | 'children' | 'schedule' | 'timeZone' | 'flexible'
> & { readonly windowId: string | null };

/** Other windows shown that meet it. */
const CONFLICTS_MAX = 20;

export function previewOf(fields: PreviewFields, source: PreviewSource, nowMs: Millis): WindowPreview {
  const problem = problemOf(fields, nowMs);
  const occurrences = problem === null ? coming(fields, nowMs, PREVIEW_OCCURRENCES) : [];
  const { covered, spared } = source.maintenance.coverage(fields);
  const nameOf = (id: string) => namedCi(id, source.nameOf);
  return {
    problem: problem?.words ?? null,
    occurrences: occurrences.map((one) => shownOccurrence(one, fields.timeZone)),
    covered: { total: covered.length, items: shownCis(covered, source.nameOf) },
    spared: spared.map(({ ciId, serviceId }) => ({
      id: ciId,
      name: nameOf(ciId).name,
      service: nameOf(serviceId),
    })),
    conflicts: conflictsOf(fields.windowId, occurrences, covered, source, nowMs),
    serviceHours: hoursHit(occurrences, covered, source),
  };
}

/** A CI that is not known any more is called by its id. */
export function namedCi(id: string, nameOf: PreviewSource['nameOf']) {
  const known = nameOf(id);
  return { id, name: known?.name ?? id, class: known?.class ?? '' };
}

/** As the wall clock shows it, with what a change of the clocks does to it. */
export function shownOccurrence({ name, fromMs, toMs }: Occurrence, timeZone: string): WindowOccurrence {
  return {
    from: toIso(fromMs),
    to: toIso(toMs),
    localFrom: localName(wallOf(fromMs, timeZone)),
    localTo: localName(wallOf(toMs, timeZone)),
    remark: clockRemark(name, { fromMs, toMs }, timeZone),
  };
}

export function clockRemark(name: string, { fromMs, toMs }: Span, timeZone: string): ClockRemark | null {
  const { fit } = instantOf(wallMsOf(name), timeZone);
  if (fit === 'gap') return 'start-skipped';
  if (fit === 'twice') return 'start-twice';
  const onTheClockMs = wallOf(toMs, timeZone) - wallOf(fromMs, timeZone);
  if (onTheClockMs === toMs - fromMs) return null;
  return onTheClockMs > toMs - fromMs ? 'longer-on-the-clock' : 'shorter-on-the-clock';
}

export function shownCis(covered: readonly Covered[], nameOf: PreviewSource['nameOf']) {
  return covered
    .map(({ ciId, via }) => ({ ...namedCi(ciId, nameOf), via }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .slice(0, WINDOW_CIS_SHOWN_MAX);
}

function conflictsOf(
  windowId: string | null,
  occurrences: readonly Occurrence[],
  covered: readonly Covered[],
  { maintenance }: PreviewSource,
  nowMs: Millis,
): WindowPreview['conflicts'] {
  const lastMs = occurrences.at(-1)?.toMs;
  if (lastMs === undefined) return [];
  const mine = new Set(covered.map(({ ciId }) => ciId));
  const met = (window: WindowRecord) => {
    if (window.id === windowId) return [];
    const [first] = intersect(occurrences, occurrencesOf(latest(window), nowMs, lastMs));
    if (first === undefined) return [];
    const cis = maintenance.coveredBy(window.id).filter((ciId) => mine.has(ciId)).length;
    const { id, title } = window;
    return cis === 0 ? [] : [{ id, title, from: toIso(first.fromMs), to: toIso(first.toMs), cis }];
  };
  return [...maintenance.all()]
    .flatMap(met)
    .sort((a, b) => (a.from < b.from ? -1 : 1))
    .slice(0, CONFLICTS_MAX);
}

function hoursHit(
  occurrences: readonly Occurrence[],
  covered: readonly Covered[],
  { hoursOf, nameOf }: PreviewSource,
): WindowPreview['serviceHours'] {
  const [first, last] = [occurrences[0], occurrences.at(-1)];
  let [always, hit, free] = [0, 0, 0];
  let firstHit: { name: string; atMs: Millis } | null = null;
  if (first === undefined || last === undefined) return { always, hit, free, firstHit };
  for (const { ciId } of covered) {
    const hours = hoursOf(ciId, { fromMs: first.fromMs, toMs: last.toMs });
    if (hours === null) continue;
    if (hours === 'always') {
      always += 1;
      continue;
    }
    const [meets] = intersect(occurrences, hours);
    if (meets === undefined) free += 1;
    else {
      hit += 1;
      if (firstHit === null || meets.fromMs < firstHit.atMs)
        firstHit = { name: nameOf(ciId)?.name ?? ciId, atMs: meets.fromMs };
    }
  }
  return { always, hit, free, firstHit: firstHit && { name: firstHit.name, at: toIso(firstHit.atMs) } };
}
