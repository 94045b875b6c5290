/** Algebra of half-open spans of time. Lists are ascending, without overlap and without touching neighbours. */
import type { Millis } from '@muster/shared/time.ts';

/** [fromMs, toMs); toMs may be Infinity. */
export interface Span {
  readonly fromMs: Millis;
  readonly toMs: Millis;
}

/** Any spans, brought into the form above; empty ones vanish. */
export function union(spans: readonly Span[]): Span[] {
  const sorted = spans.filter((s) => s.fromMs < s.toMs).sort((a, b) => a.fromMs - b.fromMs);
  const result: Span[] = [];
  for (const span of sorted) {
    const last = result.at(-1);
    if (last && span.fromMs <= last.toMs) {
      result[result.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs) };
    } else {
      result.push({ fromMs: span.fromMs, toMs: span.toMs });
    }
  }
  return result;
}

export function intersect(a: readonly Span[], b: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const left = a[i] as Span;
    const right = b[j] as Span;
    const fromMs = Math.max(left.fromMs, right.fromMs);
    const toMs = Math.min(left.toMs, right.toMs);
    if (fromMs < toMs) result.push({ fromMs, toMs });
    if (left.toMs < right.toMs) i++;
    else j++;
  }
  return result;
}

/** What of `a` is not in `b`. */
export function subtract(a: readonly Span[], b: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of a) {
    let fromMs = span.fromMs;
    for (const hole of b) {
      if (hole.toMs <= fromMs) continue;
      if (hole.fromMs >= span.toMs) break;
      if (hole.fromMs > fromMs) result.push({ fromMs, toMs: hole.fromMs });
      fromMs = Math.max(fromMs, hole.toMs);
    }
    if (fromMs < span.toMs) result.push({ fromMs, toMs: span.toMs });
  }
  return result;
}

export function lengthMs(spans: readonly Span[]): Millis {
  return spans.reduce((sum, span) => sum + span.toMs - span.fromMs, 0);
}
