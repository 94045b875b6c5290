/** The next fourteen days: one line for each window that takes place in them. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { DAY_MS } from '@muster/shared/time.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { nowMs, useNow } from '../../util/clock.ts';
import { dayText, millis, startOfDay } from '../../util/time.ts';
import { STRIP_DAYS, stripQuery } from './queries.ts';
import { spanWords } from './words.ts';

/** Lines that are shown; the rest is counted. */
const LINES_MAX = 12;
/** A short window is still seen. */
const WIDTH_MIN = 0.6;

export function Strip() {
  const t = useT();
  const language = useLanguage();
  const [fromMs] = useState(() => startOfDay(nowMs()));
  const now = useNow(60_000);
  const strip = useQuery(stripQuery(fromMs));
  if (strip.data === undefined)
    return (
      <Card className="mt-3">
        {strip.error ? (
          <ErrorPanel error={strip.error} retry={() => void strip.refetch()} />
        ) : (
          <SkeletonRows rows={3} />
        )}
      </Card>
    );
  const lines = new Map<string, typeof strip.data.items>();
  for (const item of strip.data.items) {
    const line = lines.get(item.windowId);
    if (line) line.push(item);
    else lines.set(item.windowId, [item]);
  }
  if (lines.size === 0) return null;
  const share = (atMs: number) => ((atMs - fromMs) / (STRIP_DAYS * DAY_MS)) * 100;
  const days = Array.from({ length: STRIP_DAYS }, (_, i) => startOfDay(fromMs + (i + 0.5) * DAY_MS));
  return (
    <Card className="mt-3" title={t('maintenance.strip.title')} note={t('maintenance.strip.note')}>
      <div className="grid gap-1.5">
        <div aria-hidden="true" className="grid gap-x-3 tablet:grid-cols-[200px_minmax(0,1fr)]">
          <span className="max-tablet:hidden" />
          <span className="grid grid-cols-14 text-11 text-text-3">
            {days.map((dayMs, i) => (
              <span
                key={dayMs}
                className={cx(
                  'whitespace-nowrap',
                  i % 2 === 1 && 'max-desk:invisible',
                  i % 4 === 2 && 'max-tablet:invisible',
                )}
              >
                {dayText(dayMs, language)}
              </span>
            ))}
          </span>
        </div>
        <ul className="grid gap-1.5">
          {[...lines].slice(0, LINES_MAX).map(([id, items]) => (
            <li key={id} className="grid items-center gap-x-3 tablet:grid-cols-[200px_minmax(0,1fr)]">
              <Link
                to="/maintenance/$id"
                params={{ id }}
                className="flex min-w-0 items-center text-12 hover:text-accent coarse:min-h-8"
              >
                <span className="truncate">{items[0]?.title}</span>
              </Link>
              <div className="relative h-4 rounded-sm bg-sunken">
                {days.slice(1).map((dayMs) => (
                  <span
                    key={dayMs}
                    aria-hidden="true"
                    className="absolute inset-y-0 w-px bg-line"
                    style={{ left: `${share(dayMs)}%` }}
                  />
                ))}
                <span
                  aria-hidden="true"
                  className="absolute -inset-y-0.5 w-px bg-accent-solid"
                  style={{ left: `${share(now)}%` }}
                />
                {items.map(({ from, to, flexible }) => {
                  const left = Math.max(0, share(millis(from)));
                  const right = Math.min(100, share(millis(to)));
                  return (
                    <span
                      key={from}
                      title={spanWords(millis(from), millis(to), language)}
                      className={cx(
                        'absolute inset-y-0.5 rounded-[2px]',
                        flexible ? 'border border-planned-solid bg-planned-weak' : 'bg-planned-solid',
                      )}
                      style={{ left: `${left}%`, width: `${Math.max(WIDTH_MIN, right - left)}%` }}
                    >
                      <span className="sr-only">{spanWords(millis(from), millis(to), language)}</span>
                    </span>
                  );
                })}
              </div>
            </li>
          ))}
        </ul>
        {lines.size > LINES_MAX && (
          <p className="text-12 text-text-3">
            {t(strip.data.cut ? 'maintenance.strip.moreThan' : 'maintenance.strip.more', {
              count: lines.size - LINES_MAX,
            })}
          </p>
        )}
      </div>
    </Card>
  );
}
