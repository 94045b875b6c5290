/** Which agents of others report a configuration item; nothing where none does. */
import { useQuery } from '@tanstack/react-query';
import { useLanguage, useT } from '../i18n/i18n.ts';
import { Card } from '../ui/Card.tsx';
import { useNow } from '../util/clock.ts';
import { agoText, dateTimeText, millis } from '../util/time.ts';
import { reportersQuery } from './otherAgentsQueries.ts';

export function ReportersCard({ ciId }: { ciId: string }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(30_000);
  const reporters = useQuery(reportersQuery(ciId)).data ?? [];
  if (reporters.length === 0) return null;
  return (
    <Card title={t('intake.reporters.title')}>
      <ul className="grid gap-1.5">
        {reporters.map((reporter) => (
          <li key={reporter.id} className="flex flex-wrap gap-x-2">
            <span>
              {t('intake.reporters.line', {
                client: [reporter.clientName, reporter.clientVersion].filter(Boolean).join(' '),
                site: reporter.siteName,
              })}{' '}
              <time
                dateTime={reporter.lastSeenAt}
                title={dateTimeText(millis(reporter.lastSeenAt), language)}
              >
                {agoText(millis(reporter.lastSeenAt), now, t)}
              </time>
            </span>
            <span className="text-text-3">{t('intake.reporters.count', { count: reporter.deliveries })}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
