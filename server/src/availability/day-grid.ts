/** Cuts a period into the calendar days of a zone. Pure. */
import type { Millis } from '@muster/shared/time.ts';
import type { Span } from './spans.ts';

/** The days of [fromMs, toMs), the first and the last cut to the period. `zone`: an IANA name the runtime knows. */
export function dayCells(fromMs: Millis, toMs: Millis, zone: string): Span[] {
  const cells: Span[] = [];
  let day = Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(zone).toPlainDate();
  for (let atMs = fromMs; atMs < toMs; ) {
    day = day.add({ days: 1 });
    const nextMs = day.toZonedDateTime({ timeZone: zone }).epochMilliseconds;
    // A day that a change of the clocks made vanish has no cell.
    if (nextMs <= atMs) continue;
    cells.push({ fromMs: atMs, toMs: Math.min(nextMs, toMs) });
    atMs = nextMs;
  }
  return cells;
}
