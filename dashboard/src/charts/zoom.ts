/** Moving and narrowing a range of time by pointer, keys and buttons. Pure. */
import { MINUTE_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';

export interface Span {
  readonly fromMs: Millis;
  readonly toMs: Millis;
}

/** Narrower than this a chart shows single samples only. */
export const ZOOM_MS_MIN = 30 * SECOND_MS;
/** Coarse samples go no further back (rollups of an hour are kept for 25 months). */
export const ZOOM_MS_MAX = 761 * 24 * 60 * MINUTE_MS;

/** From a drag over the plot: whole seconds, not below the narrowest, not beyond what is shown. */
export function zoomTo(aMs: Millis, bMs: Millis, shown: Span): Span {
  const fromMs = Math.max(Math.min(aMs, bMs), shown.fromMs);
  const toMs = Math.min(Math.max(aMs, bMs), shown.toMs);
  return bySeconds(widened({ fromMs, toMs }, ZOOM_MS_MIN), shown.toMs);
}

/** `factor` below 1 narrows, above 1 widens, around `atMs`, which keeps its place; never beyond `nowMs`. */
export function zoomBy(span: Span, factor: number, atMs: Millis, nowMs: Millis): Span {
  const lengthMs = span.toMs - span.fromMs;
  const wantedMs = Math.min(ZOOM_MS_MAX, Math.max(ZOOM_MS_MIN, lengthMs * factor));
  const share = (atMs - span.fromMs) / lengthMs;
  const fromMs = atMs - wantedMs * share;
  return bySeconds({ fromMs, toMs: fromMs + wantedMs }, nowMs);
}

/** The span before or after this one, of the same length; the last one ends now. */
export function stepBy(span: Span, direction: -1 | 1, nowMs: Millis): Span {
  const lengthMs = span.toMs - span.fromMs;
  return bySeconds(
    { fromMs: span.fromMs + direction * lengthMs, toMs: span.toMs + direction * lengthMs },
    nowMs,
  );
}

function widened({ fromMs, toMs }: Span, leastMs: number): Span {
  const lackMs = Math.max(0, leastMs - (toMs - fromMs));
  return { fromMs: fromMs - lackMs / 2, toMs: toMs + lackMs / 2 };
}

/** Whole seconds, moved back as a whole where it would end after `latestMs`. */
function bySeconds({ fromMs, toMs }: Span, latestMs: Millis): Span {
  const backMs = Math.max(0, toMs - latestMs);
  const whole = (atMs: number) => Math.round((atMs - backMs) / SECOND_MS) * SECOND_MS;
  return { fromMs: whole(fromMs), toMs: Math.max(whole(toMs), whole(fromMs) + SECOND_MS) };
}
