/** What the window being written would mean: its next times, who is in it, whom it meets, what else runs then. */
import { useState } from 'react';
import { Link } from '@tanstack/react-router';
import type { UseQueryResult } from '@tanstack/react-query';
import type { WindowPreview } from '@muster/shared/api/maintenance.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { classIcon, Icon } from '../../ui/Icon.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { dateTimeText, millis } from '../../util/time.ts';
import { occurrenceText, REMARK_WORDS, spanWords } from './words.ts';

/** Shown before the rest is asked for. */
const CIS_FIRST = 12;

export function PreviewCard({
  preview,
  incomplete,
  timeZone,
}: {
  preview: UseQueryResult<WindowPreview>;
  /** Something is not filled in yet. */
  incomplete: boolean;
  timeZone: string;
}) {
  const t = useT();
  const words = useWords();
  const { data, error } = preview;
  if (incomplete)
    return (
      <Card title={t('maintenance.preview.title')}>
        <p className="text-text-2">{t('maintenance.preview.incomplete')}</p>
      </Card>
    );
  if (data === undefined)
    return (
      <Card title={t('maintenance.preview.title')}>
        {error ? (
          <ErrorPanel error={error} retry={() => void preview.refetch()} />
        ) : (
          <SkeletonRows rows={8} />
        )}
      </Card>
    );
  return (
    <div className="grid content-start gap-4" aria-live="polite">
      <Card title={t('maintenance.preview.title')} note={timeZone}>
        {data.problem === null ? (
          <Occurrences items={data.occurrences} />
        ) : (
          <p className="flex items-start gap-1.5 font-medium">
            <Glyph name="triangle" className="mt-0.5 text-warn-fg" />
            {words(data.problem)}
          </p>
        )}
        <ServiceHours hours={data.serviceHours} />
      </Card>
      {data.conflicts.length > 0 && <Conflicts items={data.conflicts} />}
      <CoveredCard covered={data.covered} spared={data.spared} />
    </div>
  );
}

function Occurrences({ items }: { items: WindowPreview['occurrences'] }) {
  const t = useT();
  const language = useLanguage();
  if (items.length === 0) return <p className="text-text-2">{t('maintenance.preview.noneToCome')}</p>;
  return (
    <ol className="grid gap-1">
      {items.map((one) => (
        <li key={one.from} className="flex flex-wrap items-baseline gap-x-2">
          <span className="tabular-nums">{occurrenceText(one, language)}</span>
          {one.remark !== null && (
            <span className="text-12 font-medium text-warn-fg">{t(REMARK_WORDS[one.remark])}</span>
          )}
        </li>
      ))}
    </ol>
  );
}

function ServiceHours({ hours }: { hours: WindowPreview['serviceHours'] }) {
  const t = useT();
  const language = useLanguage();
  const lines = [
    hours.always > 0 && t('maintenance.hours.always', { count: hours.always }),
    hours.hit > 0 && t('maintenance.hours.hit', { count: hours.hit }),
    hours.free > 0 && t('maintenance.hours.free', { count: hours.free }),
  ].filter((line) => line !== false);
  if (lines.length === 0) return null;
  return (
    <div className="mt-3 border-t border-line pt-3">
      <h3 className="text-12 font-medium text-text-3">{t('maintenance.hours.title')}</h3>
      <ul className="mt-1 grid gap-0.5">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {hours.firstHit && (
        <p className="mt-0.5 text-12 text-text-3">
          {t('maintenance.hours.first', {
            name: hours.firstHit.name,
            at: dateTimeText(millis(hours.firstHit.at), language, false),
          })}
        </p>
      )}
    </div>
  );
}

function Conflicts({ items }: { items: WindowPreview['conflicts'] }) {
  const t = useT();
  const language = useLanguage();
  return (
    <Card title={t('maintenance.preview.conflicts')} note={t('maintenance.preview.conflictsNote')}>
      <ul className="grid gap-2">
        {items.map((one) => (
          <li key={one.id}>
            <Link to="/maintenance/$id" params={{ id: one.id }} className="font-medium hover:text-accent">
              {one.title}
            </Link>
            <p className="text-12 text-text-3">
              {t('maintenance.preview.shared', {
                when: spanWords(millis(one.from), millis(one.to), language),
                count: one.cis,
              })}
            </p>
          </li>
        ))}
      </ul>
    </Card>
  );
}

export function CoveredCard({ covered, spared }: Pick<WindowPreview, 'covered' | 'spared'>) {
  const t = useT();
  const [all, setAll] = useState(false);
  const shown = all ? covered.items : covered.items.slice(0, CIS_FIRST);
  return (
    <Card title={t('maintenance.preview.covered')} note={t('maintenance.covered', { count: covered.total })}>
      {covered.total === 0 ? (
        <p className="text-text-2">{t('maintenance.preview.nobody')}</p>
      ) : (
        <ul className="grid gap-1 tablet:grid-cols-2">
          {shown.map((ci) => (
            <li key={ci.id} className="flex min-w-0 items-center gap-1.5">
              <Icon name={classIcon(ci.class)} size={14} className="flex-none text-text-3" />
              <Link to="/cis/$id" params={{ id: ci.id }} className="truncate hover:text-accent">
                {ci.name}
              </Link>
              <span className="text-12 whitespace-nowrap text-text-3">{t(`maintenance.via.${ci.via}`)}</span>
            </li>
          ))}
        </ul>
      )}
      {shown.length < covered.items.length && (
        <Button size="small" className="mt-2" onClick={() => setAll(true)}>
          {t('maintenance.preview.showAll', { count: covered.items.length })}
        </Button>
      )}
      {all && covered.items.length < covered.total && (
        <p className="mt-2 text-12 text-text-3">
          {t('maintenance.preview.beyond', { count: covered.total - covered.items.length })}
        </p>
      )}
      {spared.length > 0 && (
        <div className="mt-3 border-t border-line pt-3">
          <h3 className="text-12 font-medium text-text-3">{t('maintenance.preview.spared')}</h3>
          <ul className="mt-1 grid gap-0.5">
            {spared.map((one) => (
              <li key={one.id}>
                {t('maintenance.preview.sparedOne', { name: one.name, service: one.service.name })}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Card>
  );
}
