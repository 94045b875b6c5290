/** Maintenance windows: what runs, what comes, what recurs and what was, with the next fourteen days. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { MaintenanceWindow } from '@muster/shared/api/maintenance.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useRefusal } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Button, buttonClass, IconButton } from '../../ui/Button.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Menu, MenuItem } from '../../ui/Menu.tsx';
import { MorePages } from '../../ui/MorePages.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { useNow } from '../../util/clock.ts';
import { clockTime, dateTimeText, millis, sameDay, spanText } from '../../util/time.ts';
import { EndDialog, type Ending } from './dialogs.tsx';
import { PROLONG_MINUTES, useProlong, windowsQuery } from './queries.ts';
import { SHOWS } from './search.ts';
import { Strip } from './Strip.tsx';
import { scheduleText, spanWords, WINDOW_LOOKS } from './words.ts';
import { ownZone } from './zone.ts';

export function MaintenancePage() {
  const t = useT();
  usePageTitle(t('shell.nav.maintenance'));
  const { show } = useSearch({ from: '/app/maintenance' });
  const navigate = useNavigate({ from: '/maintenance' });
  const refusal = useRefusal('maintenance.write');
  const windows = useInfiniteQuery(windowsQuery(show));
  const rows = useMemo(() => windows.data?.pages.flatMap(({ items }) => items), [windows.data]);
  const [ending, setEnding] = useState<Ending | null>(null);
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="mr-auto">{t('shell.nav.maintenance')}</h1>
        {refusal === undefined && (
          <Link to="/maintenance/new" className={buttonClass('primary')}>
            <Icon name="plus" size={14} />
            {t('maintenance.set')}
          </Link>
        )}
      </div>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2">{t('maintenance.intro')}</p>
      <Strip />
      <div className="no-print scrollbar-none -m-1 mt-2 max-w-full overflow-x-auto p-1">
        <Segmented
          label={t('maintenance.show.label')}
          value={show ?? 'all'}
          options={[
            { value: 'all' as const, label: t('ui.all') },
            ...SHOWS.map((value) => ({ value, label: t(`maintenance.show.${value}`) })),
          ]}
          onChange={(next) =>
            void navigate({ search: { show: next === 'all' ? undefined : next }, replace: true })
          }
        />
      </div>
      <section className="card mt-3 overflow-clip" aria-label={t('shell.nav.maintenance')}>
        {rows === undefined ? (
          windows.error ? (
            <div className="px-4">
              <ErrorPanel error={windows.error} retry={() => void windows.refetch()} />
            </div>
          ) : (
            <SkeletonRows rows={6} />
          )
        ) : rows.length === 0 ? (
          <EmptyState
            action={
              show === undefined && refusal === undefined ? (
                <Link to="/maintenance/new" className={buttonClass('primary')}>
                  {t('maintenance.set')}
                </Link>
              ) : undefined
            }
          >
            {t(show === undefined ? 'maintenance.none' : `maintenance.noneOf.${show}`)}
          </EmptyState>
        ) : (
          <ul>
            {rows.map((window) => (
              <Row key={window.id} window={window} onEnd={(what) => setEnding({ what, window })} />
            ))}
          </ul>
        )}
        {rows !== undefined && <MorePages pages={windows} label={t('maintenance.more')} />}
      </section>
      {ending && <EndDialog {...ending} onClose={() => setEnding(null)} />}
    </>
  );
}

function Row({ window, onEnd }: { window: MaintenanceWindow; onEnd: (what: Ending['what']) => void }) {
  const t = useT();
  const language = useLanguage();
  const until = window.schedule?.kind === 'recurring' ? scheduleText(window, { t, language }) : null;
  return (
    <li
      className={cx(
        'flex items-start gap-x-4 gap-y-2 px-4 py-3 [&+&]:border-t [&+&]:border-line',
        (window.state === 'running' || window.state === 'waiting') && 'flex-wrap',
      )}
    >
      <div className="min-w-0 flex-1 basis-72">
        <Link
          to="/maintenance/$id"
          params={{ id: window.id }}
          className="font-medium break-words hover:text-accent coarse:inline-flex coarse:min-h-8 coarse:items-center"
        >
          {window.title}
        </Link>
        <p className="mt-0.5 flex flex-wrap gap-x-3 gap-y-0.5 text-12 text-text-2">
          <StatusBadge look={WINDOW_LOOKS[window.state]} />
          <Timing window={window} />
          {until !== null && <span>{until}</span>}
          {window.timeZone !== ownZone() && <span className="text-text-3">{window.timeZone}</span>}
        </p>
        <p className="mt-0.5 flex flex-wrap gap-x-3 gap-y-0.5 text-12 text-text-3">
          <span>{t('maintenance.covered', { count: window.covered })}</span>
          {window.agreedBy !== '' && <span>{t('maintenance.agreed', { name: window.agreedBy })}</span>}
          {window.reason !== '' && <span className="min-w-0 truncate">{window.reason}</span>}
        </p>
      </div>
      {window.state !== 'over' && <Actions window={window} onEnd={onEnd} />}
    </li>
  );
}

/** The end of what runs, the begin of what comes, the time of what was. */
function Timing({ window }: { window: MaintenanceWindow }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(30_000);
  if (window.now !== null) {
    const toMs = millis(window.now.to);
    const at = sameDay(now, toMs) ? clockTime(toMs) : dateTimeText(toMs, language, false);
    return (
      <span>{t('maintenance.until', { time: at, left: spanText(Math.max(60_000, toMs - now), t) })}</span>
    );
  }
  const span = window.next ?? window.last;
  if (span === null) return window.ended ? <span>{t('maintenance.cancelled')}</span> : null;
  return <span>{spanWords(millis(span.from), millis(span.to), language)}</span>;
}

function Actions({ window, onEnd }: { window: MaintenanceWindow; onEnd: (what: Ending['what']) => void }) {
  const t = useT();
  const navigate = useNavigate();
  const role = useRefusal('maintenance.write');
  const refusal = useActionRefusal('maintenance.write');
  const prolong = useProlong();
  if (role !== undefined) return null;
  const runs = window.state === 'running' || window.state === 'waiting';
  const recurs = window.schedule?.kind === 'recurring';
  return (
    <span className="flex flex-wrap items-center gap-2">
      {window.state === 'running' && (
        <Button
          size="small"
          disabledReason={refusal}
          disabled={prolong.isPending}
          onClick={() => prolong.run(window)}
        >
          {t('maintenance.prolong', { minutes: PROLONG_MINUTES })}
        </Button>
      )}
      {runs && (
        <Button size="small" disabledReason={refusal} onClick={() => onEnd(recurs ? 'skip' : 'stop')}>
          {t('maintenance.endNow')}
        </Button>
      )}
      <Menu trigger={<IconButton icon="more" label={t('maintenance.actionsOf', { title: window.title })} />}>
        <MenuItem onSelect={() => void navigate({ to: '/maintenance/$id', params: { id: window.id } })}>
          {t('maintenance.edit')}
        </MenuItem>
        {recurs && !runs && refusal === undefined && (
          <MenuItem onSelect={() => onEnd('skip')}>{t('maintenance.skip')}</MenuItem>
        )}
        {refusal === undefined && (
          <MenuItem onSelect={() => onEnd('stop')}>
            {t(recurs ? 'maintenance.stop' : runs ? 'maintenance.endNow' : 'maintenance.cancel')}
          </MenuItem>
        )}
      </Menu>
    </span>
  );
}
