/** Which time the charts show, with what they are compared, and how fine the samples are. */
import { useState } from 'react';
import { useNavigate } from '@tanstack/react-router';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { useLiveState } from '../../app/live.ts';
import { stepBy } from '../../charts/zoom.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { AgeLabel } from '../../ui/AgeLabel.tsx';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { nowMs, useNow } from '../../util/clock.ts';
import { clockTime, dateTimeText, recordTime, sameDay, spanText, zoneText } from '../../util/time.ts';
import { CompareMenu } from './CompareMenu.tsx';
import type { LiveView } from './liveSeries.ts';
import { PeriodDialog } from './PeriodDialog.tsx';
import { type LiveSearch, type RangeName, RANGES } from './search.ts';
import { fixedSearch, RANGE_DEFAULT, showsPercentiles, type TimeWindow } from './timeWindow.ts';

export interface LiveToolbarProps {
  readonly ci: CiDetail;
  readonly window: TimeWindow;
  readonly search: LiveSearch;
  readonly view: LiveView;
  readonly heard: boolean;
  /** undefined: not known yet; null: there never was one. */
  readonly lastSignMs: number | null | undefined;
  /** Since when there is data, where the machine became known within the range. */
  readonly sinceMs: number | null;
  /** The charts are those of an agent's machine; what senders tell is compared with nothing. */
  readonly asOfAgent: boolean;
  /** How fine what is shown is; undefined: nothing was read. */
  readonly sampling: { readonly stepMs: number; readonly tier: string } | undefined;
  readonly paused: boolean;
  /** At the regular interval; seconds are missed sooner. */
  readonly staleAfterMs: number;
  readonly onPause: (paused: boolean) => void;
}

export function LiveToolbar(props: LiveToolbarProps) {
  const { ci, window, search, view, heard, paused, onPause } = props;
  const { range, fixed } = window;
  const t = useT();
  const navigate = useNavigate({ from: '/machines/$id/live' });
  const [picking, setPicking] = useState(false);
  const choose = (next: RangeName | 'custom') => {
    if (next === 'custom') {
      setPicking(true);
      return;
    }
    const chosen = next === RANGE_DEFAULT ? undefined : next;
    void navigate({ search: (before) => ({ ...before, range: chosen, from: undefined, to: undefined }) });
  };
  const step = (direction: -1 | 1) => {
    const next = stepBy(view, direction, nowMs());
    void navigate({ search: (before) => ({ ...before, ...fixedSearch(next) }) });
  };
  return (
    <div className="no-print grid grid-cols-[minmax(0,1fr)] gap-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <div className="scrollbar-none -mx-1 max-w-full overflow-x-auto px-1 py-1">
          <Segmented
            label={t('machines.range')}
            value={fixed === null ? range : 'custom'}
            options={[
              ...RANGES.map((value) => ({ value, label: t(`machines.ranges.${value}`) })),
              { value: 'custom', label: t('machines.period.custom') },
            ]}
            onChange={choose}
          />
        </div>
        <span className="flex items-center gap-1">
          <IconButton icon="back" label={t('machines.period.earlier')} onClick={() => step(-1)} />
          <IconButton
            icon="back"
            label={t('machines.period.later')}
            disabled={fixed === null}
            onClick={() => step(1)}
            className="rotate-180 disabled:opacity-40"
          />
        </span>
        {props.asOfAgent && <CompareMenu ci={ci} search={search} />}
        {showsPercentiles(window) && props.asOfAgent && (
          <Button
            aria-pressed={search.figures === 'percentiles'}
            title={t('machines.quantiles.about')}
            onClick={() =>
              void navigate({
                search: (before) => ({
                  ...before,
                  figures: before.figures === undefined ? 'percentiles' : undefined,
                }),
                replace: true,
                resetScroll: false,
              })
            }
          >
            {t('machines.quantiles.title')}
          </Button>
        )}
        {range === RANGE_DEFAULT && fixed === null && heard && (
          <Button icon={paused ? 'play' : 'pause'} onClick={() => onPause(!paused)}>
            {t(paused ? 'machines.goOn' : 'machines.pause')}
          </Button>
        )}
      </div>
      <div className="flex min-h-(--control) flex-wrap items-center gap-x-4 gap-y-1 text-12 text-text-2 tablet:min-h-6">
        {fixed !== null && <FixedLine window={window} />}
        <SamplingLine {...props} />
        {props.sinceMs !== null && <SinceLine sinceMs={props.sinceMs} />}
      </div>
      {picking && <PeriodDialog span={view} onClose={() => setPicking(false)} />}
    </div>
  );
}

/** The fixed range in words, with the way back. */
function FixedLine({ window }: { window: TimeWindow }) {
  const t = useT();
  const language = useLanguage();
  const navigate = useNavigate({ from: '/machines/$id/live' });
  const { range, fixed } = window;
  if (fixed === null) return null;
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span className="text-13 font-medium text-text">
        {t('time.fromTo', {
          from: dateTimeText(fixed.fromMs, language),
          to: sameDay(fixed.fromMs, fixed.toMs)
            ? clockTime(fixed.toMs, true)
            : dateTimeText(fixed.toMs, language),
        })}
      </span>
      <span className="text-text-3">{spanText(fixed.toMs - fixed.fromMs, t, true)}</span>
      <Button
        size="small"
        icon="close"
        onClick={() => void navigate({ search: (before) => ({ ...before, from: undefined, to: undefined }) })}
      >
        {t('machines.period.backTo', { range: t(`machines.ranges.${range}`) })}
      </Button>
    </span>
  );
}

function SinceLine({ sinceMs }: { sinceMs: number }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(MINUTE_MS);
  return (
    <span className="font-medium">
      {t('machines.dataSince', { time: recordTime(sinceMs, now, language) })}
    </span>
  );
}

/** How fine the samples are, and that watching makes them so. */
function SamplingLine({ window, view, sampling, heard, paused, lastSignMs, staleAfterMs }: LiveToolbarProps) {
  const t = useT();
  const language = useLanguage();
  const connection = useLiveState();
  const now = useNow();
  const zone = t('machines.timesIn', { zone: zoneText(now) });
  const lastKnown =
    lastSignMs === undefined
      ? null
      : lastSignMs === null
        ? t('time.never')
        : t('time.lastKnown', { span: spanText(now - lastSignMs, t) });
  if (window.range !== RANGE_DEFAULT || window.fixed !== null) {
    return (
      <span className="flex flex-wrap gap-x-3">
        {sampling !== undefined && (
          <span>
            {t('machines.sampling.history', {
              step: spanText(sampling.stepMs, t).replace('.0', ''),
              tier: t(`machines.tier.${sampling.tier}` as 'machines.tier.raw'),
            })}
          </span>
        )}
        {!heard && window.fixed === null && lastKnown && <span>{lastKnown}</span>}
        <span className="text-text-3">{zone}</span>
      </span>
    );
  }
  if (!heard)
    return (
      <span className="flex flex-wrap gap-x-3">
        {lastKnown && <span>{lastKnown}</span>}
        <span className="text-text-3">{zone}</span>
      </span>
    );
  if (paused) return t('machines.sampling.pausedAt', { time: recordTime(view.toMs, now, language) });
  if (connection.state === 'lost') return t('shell.notLive');
  if (view.live === null) return t('machines.sampling.asking');
  const isLive = view.live.interval === 'live';
  const stale = now - view.live.atMs > (isLive ? 5 * SECOND_MS : staleAfterMs);
  return (
    <span className="flex flex-wrap items-center gap-x-2">
      <span
        aria-hidden="true"
        className={
          stale ? 'size-2 rounded-full bg-idle-solid' : 'size-2 rounded-full bg-up-solid ring-3 ring-up-weak'
        }
      />
      {t(isLive ? 'machines.sampling.live' : 'machines.sampling.regular')}
      {stale && <AgeLabel atMs={view.live.atMs} staleAfterMs={isLive ? MINUTE_MS / 2 : staleAfterMs} />}
      {isLive && <span className="text-text-3">{t('machines.sampling.ends')}</span>}
      <span className="text-text-3">{zone}</span>
    </span>
  );
}
