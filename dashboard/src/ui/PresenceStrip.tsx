/** Presence over time, to scale; what is not up is never thinner than 2 px, once for each word within such a width. */
import { useState } from 'react';
import type { Millis } from '@muster/shared/time.ts';
import { useLanguage, useT } from '../i18n/i18n.ts';
import { recordTime, spanText } from '../util/time.ts';
import { cx } from './cx.ts';
import { PRESENCE_FILLS, PRESENCE_LOOKS, type ShownPresence } from './states.ts';

export interface StripSegment {
  readonly fromMs: Millis;
  readonly toMs: Millis;
  /** null: outside the known, e.g. before the machine existed. */
  readonly presence: ShownPresence | null;
  /** Cause in words. */
  readonly cause?: string | undefined;
}

export interface PresenceStripProps {
  readonly segments: readonly StripSegment[];
  readonly fromMs: Millis;
  readonly toMs: Millis;
  readonly size?: 'small' | 'normal';
  /** Arrow keys and pointer read the segments; off within rows of a table. */
  readonly readable?: boolean;
}

/** 2 px of the narrowest strip. */
const NARROW_PARTS = 150;

export function PresenceStrip({
  segments,
  fromMs,
  toMs,
  size = 'normal',
  readable = false,
}: PresenceStripProps) {
  const t = useT();
  const language = useLanguage();
  const [chosen, setChosen] = useState<number | null>(null);
  const parts = clipSegments(segments, fromMs, toMs);
  const wide = widened(parts, (toMs - fromMs) / NARROW_PARTS);
  const sentence = summary(parts)
    .map(({ presence, ms }) => `${t(PRESENCE_LOOKS[presence].word)} ${spanText(ms, t)}`)
    .join(t('ui.listSeparator'));
  const read = chosen === null ? undefined : parts[chosen];
  const bar = (
    <div
      role="img"
      aria-label={sentence === '' ? t('ui.noData') : sentence}
      className={cx('flex overflow-hidden rounded-sm bg-sunken', size === 'small' ? 'h-2.5' : 'h-4')}
    >
      {parts.map((part, index) => (
        <span
          key={part.fromMs}
          style={{ flexGrow: part.toMs - part.fromMs }}
          onPointerEnter={readable ? () => setChosen(index) : undefined}
          className={cx(
            'h-full basis-0',
            part.presence === null ? 'fill-none' : PRESENCE_FILLS[part.presence],
            wide.has(index) && 'min-w-0.5',
            index === chosen && 'outline-2 -outline-offset-2 outline-focus',
          )}
        />
      ))}
    </div>
  );
  if (!readable) return bar;
  const move = (event: React.KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    setChosen((index) =>
      Math.min(parts.length - 1, Math.max(0, (index ?? (step > 0 ? -1 : parts.length)) + step)),
    );
  };
  return (
    <div
      tabIndex={0}
      role="group"
      aria-label={t('ui.stripHelp')}
      onKeyDown={move}
      onPointerLeave={() => setChosen(null)}
      onBlur={() => setChosen(null)}
      className="rounded-sm"
    >
      {bar}
      <p aria-live="polite" className="mt-1 flex min-h-4 justify-between gap-2 text-11 leading-4 text-text-3">
        {read ? (
          <span>
            {t('ui.stripReading', {
              state: read.presence === null ? t('ui.noData') : t(PRESENCE_LOOKS[read.presence].word),
              from: recordTime(read.fromMs, toMs, language),
              to: recordTime(read.toMs, toMs, language),
            })}
            {read.cause && <span className="ml-1.5">{read.cause}</span>}
          </span>
        ) : (
          <>
            <span>{recordTime(fromMs, toMs, language)}</span>
            <span>{t('time.stillSo')}</span>
          </>
        )}
      </p>
    </div>
  );
}

/**
 * Which parts are drawn at least 2 px wide: of several short ones of the same word that begin within `narrowMs` only the first, or six
 * restarts within a minute would look like hours.
 */
export function widened(parts: readonly StripSegment[], narrowMs: number): ReadonlySet<number> {
  const wide = new Set<number>();
  const lastMs = new Map<ShownPresence, Millis>();
  parts.forEach(({ presence, fromMs }, index) => {
    if (presence === null || presence === 'up') return;
    if (fromMs - (lastMs.get(presence) ?? Number.NEGATIVE_INFINITY) < narrowMs) return;
    lastMs.set(presence, fromMs);
    wide.add(index);
  });
  return wide;
}

/** Segments inside [from, to), in order, with the unknown before and between them as `null`. */
export function clipSegments(
  segments: readonly StripSegment[],
  fromMs: Millis,
  toMs: Millis,
): StripSegment[] {
  const parts: StripSegment[] = [];
  let atMs = fromMs;
  for (const segment of [...segments].sort((a, b) => a.fromMs - b.fromMs)) {
    const start = Math.max(atMs, segment.fromMs);
    const end = Math.min(toMs, segment.toMs);
    if (end <= start) continue;
    if (start > atMs) parts.push({ fromMs: atMs, toMs: start, presence: null });
    parts.push({ ...segment, fromMs: start, toMs: end });
    atMs = end;
  }
  if (atMs < toMs) parts.push({ fromMs: atMs, toMs, presence: null });
  return parts;
}

function summary(parts: readonly StripSegment[]): { presence: ShownPresence; ms: number }[] {
  const totals = new Map<ShownPresence, number>();
  for (const { presence, fromMs, toMs } of parts) {
    if (presence !== null) totals.set(presence, (totals.get(presence) ?? 0) + toMs - fromMs);
  }
  return [...totals].map(([presence, ms]) => ({ presence, ms })).sort((a, b) => b.ms - a.ms);
}
