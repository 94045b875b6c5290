/** Whether the audit log is whole: the check, its progress, and what the last one found. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { AuditVerdict } from '@muster/shared/api/access.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../../api/client.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { CodeLine } from '../../ui/CodeLine.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Meter } from '../../ui/Meter.tsx';
import { useNow } from '../../util/clock.ts';
import { formatNumber } from '../../util/quantity.ts';
import { agoText, dateTimeText, millis } from '../../util/time.ts';
import { auditCheckQuery } from './auditQueries.ts';

const WATCH_MS = 500;

export function AuditCheckCard() {
  const t = useT();
  const queries = useQueryClient();
  const check = useMutation({
    mutationFn: () => call(ENDPOINTS.verifyAudit, {}),
    onSettled: () => queries.invalidateQueries({ queryKey: auditCheckQuery.queryKey }),
  });
  const state = useQuery({
    ...auditCheckQuery,
    refetchInterval: ({ state: { data } }) => (check.isPending || data?.running ? WATCH_MS : false),
  });
  const running = state.data?.running ?? null;
  const busy = check.isPending || running !== null;
  const last = state.data?.last ?? null;
  return (
    <Card
      title={t('settings.audit.check.title')}
      action={
        <Button size="small" disabled={busy} onClick={() => check.mutate()} className="print:hidden">
          {t('settings.audit.check.run')}
        </Button>
      }
      className={last === null ? 'mt-3 print:hidden' : 'mt-3'}
    >
      <p className="max-w-[80ch] leading-prose text-text-2">{t('settings.audit.check.text')}</p>
      <div role="status" className="mt-2">
        {busy ? (
          <Progress checked={running?.checked ?? 0} total={running?.total ?? 0} />
        ) : (
          last && <Verdict verdict={last} at={last.at} />
        )}
      </div>
      {check.error && <ErrorPanel error={check.error} retry={() => check.mutate()} />}
    </Card>
  );
}

function Progress({ checked, total }: { checked: number; total: number }) {
  const t = useT();
  const language = useLanguage();
  return (
    <div className="max-w-sm">
      <p className="mb-1 text-12 text-text-2">
        {t('settings.audit.check.progress', {
          checked: formatNumber(checked, 0, language),
          total: formatNumber(total, 0, language),
        })}
      </p>
      <Meter percent={total === 0 ? null : (checked / total) * 100} />
    </div>
  );
}

function Verdict({ verdict, at }: { verdict: AuditVerdict; at: string }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(10_000);
  const { ok, entries, brokenAt, head } = verdict;
  return (
    <div className="grid gap-2">
      <p className={ok ? 'flex gap-1.5 font-medium text-up-fg' : 'flex gap-1.5 font-medium text-crit-fg'}>
        <Glyph name={ok ? 'tick' : 'square-x'} className="mt-1" />
        {ok
          ? t('settings.audit.check.whole', { count: entries })
          : t('settings.audit.check.broken', { seq: formatNumber(brokenAt ?? 0, 0, language) })}
      </p>
      <p className="text-12 text-text-3">
        <time dateTime={at} title={dateTimeText(millis(at), language)}>
          {t('settings.audit.check.at', { ago: agoText(millis(at), now, t) })}
        </time>
      </p>
      {ok && head.seq > 0 && (
        <details className="text-12 print:hidden">
          <summary className="w-fit cursor-pointer text-accent">
            {t('settings.audit.check.headTitle')}
          </summary>
          <p className="my-2 max-w-[80ch] leading-prose text-text-2">
            {t('settings.audit.check.head', { seq: formatNumber(head.seq, 0, language) })}
          </p>
          <CodeLine code={head.hash} label={t('settings.audit.check.hash')} />
        </details>
      )}
    </div>
  );
}
