/** Shares of all machines as one bar; the counts stand in words beneath it. */
import type { Translate } from '../i18n/catalogue.ts';
import { useT } from '../i18n/i18n.ts';
import { cx } from './cx.ts';
import { PRESENCE_FILLS, PRESENCE_LOOKS, SHOWN_PRESENCES, type ShownPresence } from './states.ts';

export function FleetBar({
  counts,
  size = 'normal',
}: {
  counts: Readonly<Record<ShownPresence, number>>;
  size?: 'normal' | 'wall';
}) {
  const t = useT();
  const shown = SHOWN_PRESENCES.filter((presence) => counts[presence] > 0);
  return (
    <div
      role="img"
      aria-label={countsSentence(counts, t)}
      className={cx(
        'flex gap-0.5 overflow-hidden rounded-[5px] bg-sunken',
        size === 'wall' ? 'h-6' : 'h-3.5',
      )}
    >
      {shown.map((presence) => (
        <span
          key={presence}
          style={{ flexGrow: counts[presence] }}
          className={cx('min-w-1 basis-0', PRESENCE_FILLS[presence])}
        />
      ))}
    </div>
  );
}

/** `Up: 1102, Asleep: 71`; what is none is left out. */
export function countsSentence(counts: Readonly<Record<ShownPresence, number>>, t: Translate): string {
  return SHOWN_PRESENCES.filter((presence) => counts[presence] > 0)
    .map((presence) => t('ui.countOf', { word: t(PRESENCE_LOOKS[presence].word), count: counts[presence] }))
    .join(t('ui.listSeparator'));
}
