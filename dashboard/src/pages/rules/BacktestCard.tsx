/** What the draft would have done in the last 30 days: one sentence, a strip of days, the episodes. */
import { useEffect, useState } from 'react';
import { Link } from '@tanstack/react-router';
import { type Backtest, BACKTEST_MS_MAX, type Episode } from '@muster/shared/api/rules.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { Term } from '../../ui/Term.tsx';
import { SEVERITY_LOOKS, TONE_TEXT } from '../../ui/states.ts';
import { formatNumber } from '../../util/quantity.ts';
import { dateTimeText, dayText, millis, recordTime, spanText, wholeSpanText } from '../../util/time.ts';
import { accountOf, isOutdone, partlyOf, saysLittle } from './backtestAccount.ts';
import { levelText } from './ruleWords.ts';
import type { Tried } from './useBacktest.ts';
import type { LookFn } from './windowFns.ts';

const STRIP_PX = 56;
/** Where no day has any. */
const STRIP_QUIET_PX = 10;
/** Episodes shown before the rest is asked for. */
const EPISODES_FIRST = 8;

export interface BacktestCardProps {
  readonly tried: Tried;
  /** Of the draft; null where it has none. */
  readonly metric: string | null;
  /** How the values of the draft are looked at. */
  readonly look: LookFn;
  /** The draft has a mistake, so that it cannot be tried. */
  readonly stuck: boolean;
  /** What the chart shows; null without a chart. */
  readonly shown: { readonly ciId: string | null; readonly instance: string | null } | null;
  readonly onShow: (episode: Episode) => void;
}

export function BacktestCard({ tried, metric, look, stuck, shown, onShow }: BacktestCardProps) {
  const t = useT();
  const { data, current, running, error } = tried;
  const seconds = useSeconds(running);
  return (
    <Card
      title={<Term id="backTest">{t('rules.past.title')}</Term>}
      note={
        <span aria-live="polite">
          {running
            ? seconds < SLOW_S
              ? t('rules.past.running')
              : t('rules.past.runningFor', { seconds, limit: BACKTEST_MS_MAX / SECOND_MS })
            : stuck
              ? t('rules.past.stuck')
              : data && t(BASIS_WORDS[data.basis])}
        </span>
      }
    >
      {error !== null ? (
        <ErrorPanel error={error} retry={tried.retry} />
      ) : stuck ? (
        <p className="text-text-2">{t('rules.past.stuckFirst')}</p>
      ) : data === undefined ? (
        <div className="grid gap-3" style={{ minHeight: 160 }}>
          <Skeleton className="h-6 w-72" />
          <Skeleton className="h-14 w-full" />
          <Skeleton className="h-4 w-48" />
        </div>
      ) : (
        <div aria-busy={running} className={cx('grid gap-3', !current && 'grayscale **:text-text-3!')}>
          <Account data={data} />
          <DayStrip data={data} />
          <Looked data={data} />
          {data.count > 0 && (
            <Episodes data={data} metric={metric} look={look} shown={shown} onShow={onShow} />
          )}
        </div>
      )}
    </Card>
  );
}

/** From so many seconds on a run is worth a count. */
const SLOW_S = 2;

/** Whole seconds for which something has been running. */
function useSeconds(running: boolean): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    if (!running) return;
    setSeconds(0);
    const timer = window.setInterval(() => setSeconds((before) => before + 1), SECOND_MS);
    return () => window.clearInterval(timer);
  }, [running]);
  return seconds;
}

/** Between two sentences. */
const SENTENCE_GAP = { en: ' ', zh: '' } as const;

const BASIS_WORDS = {
  raw: 'rules.past.basis.raw',
  '1m': 'rules.past.basis.minutes',
  '10m': 'rules.past.basis.tens',
  '1h': 'rules.past.basis.hours',
  presence: 'rules.past.basis.presence',
} as const satisfies Record<Backtest['basis'], string>;

function Account({ data }: { data: Backtest }) {
  const t = useT();
  const language = useLanguage();
  const isEmpty = saysLittle(data);
  const facts = [
    data.longestMs === null || data.longestMs < SECOND_MS
      ? null
      : t('rules.past.longest', { span: spanText(data.longestMs, t) }),
    data.incidents === undefined || data.count === 0
      ? null
      : t('rules.past.incidents', { count: data.incidents }),
    data.critical === 0 ? null : t('rules.past.critical', { count: data.critical }),
  ].filter((each) => each !== null);
  return (
    <div>
      <p className={cx('text-16 leading-6 font-semibold', isEmpty && 'text-warn-fg')}>{accountOf(data, t)}</p>
      {facts.length > 0 && <p className="text-text-2">{facts.join(SENTENCE_GAP[language])}</p>}
      {partlyOf(data, t) !== null && <p className="text-text-2">{partlyOf(data, t)}</p>}
      {data.machines.outdone > 0 && !isOutdone(data) && (
        <p className="text-text-2">{t('rules.past.outdone', { count: data.machines.outdone })}</p>
      )}
    </div>
  );
}

/** One bar for each local day; critical ones stand at the foot. */
function DayStrip({ data }: { data: Backtest }) {
  const t = useT();
  const language = useLanguage();
  const most = data.days.reduce((best, day) => (day.count > best.count ? day : best), {
    from: data.from,
    count: 0,
    critical: 0,
  });
  const day = (iso: string) => dayText(millis(iso), language);
  const summary =
    most.count === 0
      ? t('rules.past.stripNone', { from: day(data.from), to: day(data.to) })
      : t('rules.past.strip', {
          from: day(data.from),
          to: day(data.to),
          day: day(most.from),
          count: most.count,
        });
  const height = (count: number) => (count === 0 ? 2 : Math.max(5, (count / most.count) * STRIP_PX));
  return (
    <div>
      <div
        role="img"
        aria-label={summary}
        className="flex items-end gap-px border-b border-line"
        style={{ height: most.count === 0 ? STRIP_QUIET_PX : STRIP_PX + 2 }}
      >
        {data.days.map(({ from, count, critical }) => (
          <span
            key={from}
            title={t('rules.past.dayTitle', { day: day(from), count })}
            className="flex h-full min-w-0 flex-1 flex-col justify-end"
          >
            <span
              className={cx('block w-full', count === 0 ? 'bg-line' : 'bg-warn-solid')}
              style={{ height: height(count) - (critical === 0 ? 0 : (critical / count) * height(count)) }}
            />
            {critical > 0 && (
              <span
                className="block w-full bg-crit-solid"
                style={{ height: (critical / count) * height(count) }}
              />
            )}
          </span>
        ))}
      </div>
      <p className="flex justify-between pt-0.5 text-11 text-text-3" aria-hidden="true">
        <span>{day(data.from)}</span>
        {most.count > 0 && <span>{t('rules.past.most', { day: day(most.from), count: most.count })}</span>}
        <span>{day(data.to)}</span>
      </p>
    </div>
  );
}

/** How much of the fleet and of the time stands behind the figures. */
function Looked({ data }: { data: Backtest }) {
  const t = useT();
  const language = useLanguage();
  const number = (value: number) => formatNumber(value, 0, language);
  const { matching, looked, withData } = data.machines;
  if (matching === 0) return null;
  const values = { looked: number(looked), matching: number(matching) };
  const sentences = [
    data.limitedBy === 'machines'
      ? t('rules.past.sample', values)
      : data.limitedBy === 'time'
        ? t('rules.past.timeUp', values)
        : t('rules.past.all', { count: matching }),
    withData < looked ? t('rules.past.without', { count: looked - withData }) : null,
    data.coverage !== null && data.coverage < 99.5 && data.basis !== 'presence'
      ? t('rules.past.coverage', { share: Math.floor(data.coverage) })
      : null,
  ];
  return (
    <p className="text-12 text-text-3">
      {sentences.filter((each) => each !== null).join(SENTENCE_GAP[language])}
    </p>
  );
}

function Episodes({
  data,
  metric,
  look,
  shown,
  onShow,
}: {
  data: Backtest;
} & Pick<BacktestCardProps, 'metric' | 'look' | 'shown' | 'onShow'>) {
  const t = useT();
  const language = useLanguage();
  const [all, setAll] = useState(false);
  const episodes = all ? data.episodes : data.episodes.slice(0, EPISODES_FIRST);
  const toMs = millis(data.to);
  const hasMore = !all && data.episodes.length > EPISODES_FIRST;
  const isCut = data.episodes.length < data.count;
  return (
    <div className={hasMore || isCut ? '' : '-mb-3.5'}>
      <ul aria-label={t('rules.past.list')} className="-mx-4 border-t border-line">
        {episodes.map((episode) => {
          const badge = SEVERITY_LOOKS[episode.severity];
          const fromMs = millis(episode.from);
          const length = (millis(episode.to) ?? toMs) - fromMs;
          const isShown = episode.ciId === shown?.ciId && episode.instance === shown.instance;
          return (
            <li
              key={`${episode.ciId} ${episode.instance} ${episode.from}`}
              className="flex min-h-8 flex-wrap items-center gap-x-3 border-b border-line px-4 py-1 text-12"
            >
              <span className={cx('flex-none', TONE_TEXT[badge.tone])}>
                <Glyph name={badge.glyph} />
                <span className="sr-only">{t(badge.word)}</span>
              </span>
              <span className="min-w-32 flex-1 truncate">
                {metric === null ? (
                  <Link to="/machines/$id/availability" params={{ id: episode.ciId }} className="font-medium">
                    {episode.ciName}
                  </Link>
                ) : (
                  <button
                    type="button"
                    aria-pressed={isShown}
                    title={t('rules.past.show')}
                    onClick={() => onShow(episode)}
                    className={cx(
                      'text-accent hover:underline coarse:min-h-11',
                      isShown ? 'font-semibold' : 'font-medium',
                    )}
                  >
                    {episode.ciName}
                  </button>
                )}
                {episode.instance !== '' && <span className="ml-1.5 text-text-2">{episode.instance}</span>}
              </span>
              {episode.incident !== undefined && (
                <span className="flex-none text-text-3">
                  {t('rules.past.incident', { number: episode.incident })}
                </span>
              )}
              {/* On a phone the second line of the row. */}
              <span className="flex flex-none gap-3 text-text-2 max-tablet:order-last max-tablet:w-full max-tablet:pl-7">
                <time dateTime={episode.from} title={dateTimeText(fromMs, language)}>
                  {recordTime(fromMs, toMs, language)}
                </time>
                <span className="tablet:w-24 tablet:text-right">
                  {episode.to === null ? t('rules.past.stillOpen') : wholeSpanText(length, t)}
                </span>
              </span>
              {metric !== null && (
                <span className="w-20 flex-none text-right font-medium">
                  {episode.worst === null ? '' : levelText(metric, episode.worst, { t, language }, look)}
                </span>
              )}
            </li>
          );
        })}
      </ul>
      {(hasMore || isCut) && (
        <div className="flex flex-wrap items-center gap-3 pt-2">
          {hasMore && (
            <Button size="small" onClick={() => setAll(true)}>
              {t('rules.past.showMore', { count: data.episodes.length - EPISODES_FIRST })}
            </Button>
          )}
          {isCut && (
            <span className="text-12 text-text-3">
              {t('rules.past.newest', {
                count: data.episodes.length,
                of: formatNumber(data.count, 0, language),
              })}
            </span>
          )}
        </div>
      )}
    </div>
  );
}
