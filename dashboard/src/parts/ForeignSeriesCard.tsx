/** Metrics of a machine that a sender tells and not its agent; nothing where none does. */
import { useLanguage, useT } from '../i18n/i18n.ts';
import { AgeLabel } from '../ui/AgeLabel.tsx';
import { Card } from '../ui/Card.tsx';
import { ErrorPanel } from '../ui/ErrorPanel.tsx';
import { dateText } from '../util/time.ts';
import { FED_STALE_MS, type Fed, useFed } from './foreignSeries.ts';

export function ForeignSeriesCard({ ciId }: { ciId: string }) {
  const { fed, error, retry } = useFed(ciId);
  const t = useT();
  if (error !== null)
    return (
      <Card title={t('exchange.foreign.title')}>
        <ErrorPanel error={error} retry={retry} />
      </Card>
    );
  return fed && <FedCard fed={fed} withNames />;
}

export function FedCard({ fed, withNames = false }: { fed: Fed; withNames?: boolean }) {
  const t = useT();
  const language = useLanguage();
  return (
    <Card title={t('exchange.foreign.title')} note={t('exchange.foreign.note')}>
      <ul className="grid gap-1.5">
        {fed.sources.map(({ mapping, sender, series, sinceMs, newestMs }) => (
          <li key={`${mapping} ${sender}`}>
            <span className="flex flex-wrap gap-x-2">
              <span>{t('exchange.foreign.line', { mapping, sender })}</span>
              <span className="text-text-3">
                {t('exchange.machines.series', { count: series.length })}
                {' · '}
                {t('exchange.foreign.since', { date: dateText(sinceMs, language) })}
                {newestMs !== null && (
                  <>
                    {' · '}
                    {t('exchange.foreign.newest')} <AgeLabel atMs={newestMs} staleAfterMs={FED_STALE_MS} />
                  </>
                )}
              </span>
            </span>
            {withNames && (
              <code className="text-12 break-words text-text-3">
                {[...new Set(series.map(({ metric }) => metric))].join(', ')}
              </code>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
