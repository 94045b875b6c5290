/** Availability day by day: each day a column with its share up, down and unknown; trouble is never thinner than 3 px. */
import { useState } from 'react';
import { SECOND_MS, type Millis } from '@muster/shared/time.ts';
import { useLanguage, useT } from '../i18n/i18n.ts';
import { cx } from '../ui/cx.ts';
import { percentText } from '../util/quantity.ts';
import { dayText, wholeSpanText } from '../util/time.ts';

export interface DaySharesProps {
  readonly days: readonly { readonly from: string; readonly to: string }[];
  /** [agreed, down, unknown] seconds, one for each day. */
  readonly shares: readonly (readonly [number, number, number])[];
  readonly size?: 'row' | 'tall';
  /** Pointer and arrow keys read the days; off within rows of a table. */
  readonly readable?: boolean;
}

interface Day {
  readonly atMs: Millis;
  readonly agreed: number;
  readonly down: number;
  readonly unknown: number;
}

export function DayShares({ days, shares, size = 'row', readable = false }: DaySharesProps) {
  const t = useT();
  const language = useLanguage();
  const [chosen, setChosen] = useState<number | null>(null);
  const list = days.map(({ from }, index): Day => {
    const [agreed = 0, down = 0, unknown = 0] = shares[index] ?? [];
    return { atMs: Date.parse(from), agreed, down, unknown };
  });
  const bars = (
    <div
      role="img"
      aria-label={t('availability.days.summary', {
        count: list.length,
        down: list.filter(({ down }) => down > 0).length,
        unknown: list.filter(({ unknown }) => unknown > 0).length,
      })}
      className={cx('flex gap-px', size === 'row' ? 'h-4' : 'h-16')}
    >
      {list.map((day, index) => (
        <span
          key={day.atMs}
          onPointerEnter={readable ? () => setChosen(index) : undefined}
          className={cx(
            'flex min-w-0 flex-1 flex-col overflow-hidden rounded-[1px]',
            index === chosen && 'outline-2 outline-focus',
          )}
        >
          {day.agreed === 0 ? (
            <span className="fill-none flex-1" />
          ) : (
            <>
              <Part share={1 - (day.down + day.unknown) / day.agreed} className="fill-up" />
              <Part share={day.unknown / day.agreed} className="fill-unknown" min />
              <Part share={day.down / day.agreed} className="fill-silent" min />
            </>
          )}
        </span>
      ))}
    </div>
  );
  if (!readable) return bars;
  const read = chosen === null ? undefined : list[chosen];
  const move = (event: React.KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    setChosen((index) =>
      Math.min(list.length - 1, Math.max(0, (index ?? (step > 0 ? -1 : list.length)) + step)),
    );
  };
  const first = list[0];
  const last = list.at(-1);
  return (
    <div
      tabIndex={0}
      role="group"
      aria-label={t('availability.days.help')}
      onKeyDown={move}
      onPointerLeave={() => setChosen(null)}
      onBlur={() => setChosen(null)}
      className="rounded-sm"
    >
      {bars}
      <p
        aria-live="polite"
        className="mt-1.5 flex min-h-4 justify-between gap-2 text-12 leading-4 text-text-3"
      >
        {read ? (
          <span className="text-text-2">{t('availability.days.reading', readingOf(read))}</span>
        ) : (
          <>
            <span>{first && dayText(first.atMs, language)}</span>
            <span>{last && dayText(last.atMs, language)}</span>
          </>
        )}
      </p>
    </div>
  );

  function readingOf({ atMs, agreed, down, unknown }: Day) {
    const known = agreed - unknown;
    return {
      day: dayText(atMs, language),
      figure:
        known > 0 ? percentText((100 * (known - down)) / known, language) : t('availability.nothingKnown'),
      down: wholeSpanText(down * SECOND_MS, t),
      unknown: wholeSpanText(unknown * SECOND_MS, t),
    };
  }
}

function Part({ share, className, min = false }: { share: number; className: string; min?: boolean }) {
  if (share <= 0) return null;
  return <span style={{ flexGrow: share }} className={cx('basis-0', min && 'min-h-[3px]', className)} />;
}
