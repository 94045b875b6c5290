/** What the disk holds, by what is kept for how long, and when it will be full. */
import type { EngineStatus } from '@muster/shared/api/engine.ts';
import { DAY_MS } from '@muster/shared/time.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { Meter } from '../../ui/Meter.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { ABSENT, quantityText } from '../../util/quantity.ts';
import { dateText, dateTimeText, millis } from '../../util/time.ts';
import { DISK_DAYS_WARN } from './engineHealth.ts';

export function DiskCard({ status }: { status: EngineStatus }) {
  const t = useT();
  const language = useLanguage();
  const { storage } = status;
  const bytes = (value: number | null) => quantityText(value, 'B', language);
  const used =
    storage.totalBytes === null || storage.freeBytes === null ? null : storage.totalBytes - storage.freeBytes;
  const percent = used === null || storage.totalBytes === null ? null : (used / storage.totalBytes) * 100;
  const rows = [
    ...storage.tiers.map(({ tier, bytes: size, since, retentionMs }) => ({
      id: tier,
      name: t(`settings.engine.tier.${tier}`),
      size,
      since,
      kept: t('settings.engine.days', { count: Math.round(retentionMs / DAY_MS) }),
    })),
    {
      id: 'journal',
      name: t('settings.engine.journal'),
      size: storage.journalBytes,
      since: null,
      kept: t('settings.engine.untilWritten'),
    },
    {
      id: 'database',
      name: t('settings.engine.database'),
      size: storage.databaseBytes,
      since: null,
      kept: t('settings.engine.forGood'),
    },
  ];
  return (
    <Card title={t('settings.engine.disk')} note={<code className="break-all">{storage.folder}</code>} flush>
      <div className="border-t border-line px-4 py-3">
        <p className="flex items-baseline gap-2">
          <span className="text-20 leading-7 font-semibold">{bytes(storage.freeBytes)}</span>
          <span className="text-12 text-text-3">
            {t('settings.engine.free', { total: bytes(storage.totalBytes) })}
          </span>
        </p>
        <Meter percent={percent} className="mt-1.5" />
        <Forecast status={status} />
      </div>
      <Limit status={status} />
      <PlainTable
        label={t('settings.engine.disk')}
        head={[
          { id: 'what', label: t('settings.engine.what') },
          { id: 'size', label: t('settings.engine.size'), align: 'right' },
          { id: 'since', label: t('settings.engine.since'), align: 'right', className: 'max-tablet:hidden' },
          { id: 'kept', label: t('settings.engine.kept'), align: 'right' },
        ]}
      >
        {rows.map(({ id, name, size, since, kept }) => (
          <tr key={id}>
            <td>{name}</td>
            <td className="text-right whitespace-nowrap">{bytes(size)}</td>
            <td className="text-right whitespace-nowrap text-text-3 max-tablet:hidden">
              {since === null ? ABSENT : dateText(millis(since), language)}
            </td>
            <td className="text-right text-text-2">{kept}</td>
          </tr>
        ))}
      </PlainTable>
    </Card>
  );
}

/** What samples may take, how near that is, and what it has cost. */
function Limit({ status }: { status: EngineStatus }) {
  const t = useT();
  const language = useLanguage();
  const { bytesMax, sampleBytes, forecast, dropped, droppedBytesTotal } = status.storage;
  const bytes = (value: number) => quantityText(value, 'B', language);
  const last = dropped.at(-1);
  const days = forecast?.daysUntilCap ?? null;
  return (
    <div className="border-t border-line px-4 py-3">
      <p className="flex items-baseline gap-2">
        <span className="font-medium">{bytes(sampleBytes)}</span>
        <span className="text-12 text-text-3">
          {bytesMax === null
            ? t('settings.engine.limitNone')
            : t('settings.engine.limitOf', { limit: bytes(bytesMax) })}
        </span>
      </p>
      {bytesMax !== null && (
        <>
          <Meter percent={(sampleBytes / bytesMax) * 100} className="mt-1.5" />
          {forecast !== null && (
            <p
              className={cx(
                'mt-2 text-12',
                days !== null && days <= DISK_DAYS_WARN ? 'font-medium text-warn-fg' : 'text-text-2',
              )}
            >
              {days === null
                ? t('settings.engine.limitFits')
                : days === 0
                  ? t('settings.engine.limitReached')
                  : t('settings.engine.limitIn', { count: days })}
            </p>
          )}
        </>
      )}
      {last && (
        <p className="mt-2 text-12 text-text-2">
          {t('settings.engine.dropped', {
            size: bytes(droppedBytesTotal),
            at: dateTimeText(millis(last.at), language, false),
            tier: t(`settings.engine.tier.${last.tier}`),
            until: dateTimeText(millis(last.to), language, false),
          })}
        </p>
      )}
    </div>
  );
}

function Forecast({ status }: { status: EngineStatus }) {
  const t = useT();
  const language = useLanguage();
  const { forecast, freeBytes } = status.storage;
  if (forecast === null || freeBytes === null)
    return <p className="mt-2 text-12 text-text-3">{t('settings.engine.forecastUnknown')}</p>;
  const perDay = quantityText(forecast.bytesPerDay, 'B', language);
  const { daysUntilFull } = forecast;
  const near = daysUntilFull !== null && daysUntilFull <= DISK_DAYS_WARN;
  return (
    <p className={cx('mt-2 text-12', near ? 'font-medium text-warn-fg' : 'text-text-2')}>
      {daysUntilFull === null
        ? t('settings.engine.forecastFits', {
            perDay,
            needed: quantityText(forecast.neededBytes, 'B', language),
          })
        : t('settings.engine.forecastFull', { perDay, count: daysUntilFull })}
    </p>
  );
}
