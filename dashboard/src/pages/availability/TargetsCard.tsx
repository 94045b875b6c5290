/** What was agreed, how much of each error budget is used and how fast, and the periods before. */
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { AvailabilityTarget } from '@muster/shared/api/availability-targets.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel, useErrorWords } from '../../ui/ErrorPanel.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Meter } from '../../ui/Meter.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { say } from '../../ui/Toast.tsx';
import { ABSENT, formatNumber, percentText } from '../../util/quantity.ts';
import { dateText, millis, wholeSpanText } from '../../util/time.ts';
import { TargetDialog } from './TargetDialog.tsx';

export const targetsQuery = queryOptions({
  queryKey: ['availability', 'targets'],
  queryFn: ({ signal }) => call(ENDPOINTS.listTargets, {}, signal).then(({ items }) => items),
  staleTime: MINUTE_MS,
  refetchInterval: 30 * SECOND_MS,
});

export function TargetsCard() {
  const t = useT();
  const refusal = useActionRefusal('targets.write');
  const query = useQuery(targetsQuery);
  const [editing, setEditing] = useState<AvailabilityTarget | 'new' | null>(null);
  return (
    <Card
      title={t('agreed.targets.title')}
      action={
        <Button size="small" disabledReason={refusal} onClick={() => setEditing('new')}>
          {t('agreed.targets.add')}
        </Button>
      }
      flush
    >
      {query.data === undefined ? (
        query.error ? (
          <div className="px-4">
            <ErrorPanel error={query.error} retry={() => void query.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={2} />
        )
      ) : query.data.length === 0 ? (
        <EmptyState>{t('agreed.targets.none')}</EmptyState>
      ) : (
        <ul>
          {query.data.map((target) => (
            <Row key={target.id} target={target} refusal={refusal} onEdit={() => setEditing(target)} />
          ))}
        </ul>
      )}
      {editing !== null && (
        <TargetDialog held={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
    </Card>
  );
}

const TONES = { ok: undefined, none: undefined, half: 'warn', spent: 'crit' } as const;

function Row({
  target,
  refusal,
  onEdit,
}: {
  target: AvailabilityTarget;
  refusal: string | undefined;
  onEdit: () => void;
}) {
  const t = useT();
  const language = useLanguage();
  const words = useWords();
  const { current } = target;
  const span = (seconds: number) => wholeSpanText(seconds * SECOND_MS, t);
  return (
    <li className="grid gap-x-4 gap-y-1 border-t border-line px-4 py-2.5 tablet:grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)_auto]">
      <span className="min-w-0">
        <span className="block truncate font-medium">{target.ciName}</span>
        <span className="block text-12 text-text-2">
          {t('agreed.targets.line', {
            percent: percentText(target.percent, language),
            period: t(`agreed.targets.periods.${target.period}`),
            who: target.agreedWith,
          })}
        </span>
        <span className="block text-12 text-text-3">
          {t('agreed.formula.label')}: {t(`agreed.formula.${target.formula}`)}
        </span>
      </span>
      {current === null ? (
        <span className="text-text-2">{t('agreed.targets.soon', { day: target.fromDay })}</span>
      ) : (
        <span className="min-w-0">
          <span className="flex items-center gap-2">
            <span className="font-medium">
              {current.figures.availability === null
                ? ABSENT
                : percentText(current.figures.availability, language)}
            </span>
            <Meter
              percent={current.usedPercent ?? (current.usedSeconds > 0 ? 100 : 0)}
              tone={TONES[current.state]}
              tick={50}
              className="flex-1"
            />
          </span>
          <span className="block text-12 text-text-2">
            {t('agreed.targets.budget', {
              used: span(current.usedSeconds),
              allowed: span(current.allowedSeconds),
            })}
            {' · '}
            {current.leftSeconds >= 0
              ? t('agreed.targets.left', { span: span(current.leftSeconds) })
              : t('agreed.targets.over', { span: span(-current.leftSeconds) })}
          </span>
          <span className="block text-12 text-text-3">
            {current.downNow ? `${t('agreed.targets.downNow')} · ` : ''}
            {current.burnRate === null || current.burnRate === 0
              ? t('agreed.targets.calm')
              : t('agreed.targets.burn', { rate: formatNumber(current.burnRate, 1, language) })}
            {current.lastsSeconds !== null &&
              ` · ${t('agreed.targets.lasts', { span: span(current.lastsSeconds) })}`}
          </span>
          {current.warning && (
            <span className="mt-0.5 flex items-center gap-1.5 text-12 font-medium">
              <Glyph
                name="triangle"
                className={current.state === 'spent' ? 'text-crit-fg' : 'text-warn-fg'}
              />
              {words(current.warning)}
            </span>
          )}
          <Past target={target} />
        </span>
      )}
      <span className="no-print flex items-start gap-2">
        <Button size="small" disabledReason={refusal} onClick={onEdit}>
          {t('agreed.targets.edit')}
        </Button>
        <RemoveTarget target={target} refusal={refusal} />
      </span>
    </li>
  );
}

function Past({ target }: { target: AvailabilityTarget }) {
  const t = useT();
  const language = useLanguage();
  if (target.past.length === 0) return null;
  const word = (met: boolean | null) =>
    t(met === null ? 'agreed.targets.nothing' : met ? 'agreed.targets.met' : 'agreed.targets.missed');
  return (
    <ul
      aria-label={t('agreed.targets.past')}
      className="mt-1 flex flex-wrap gap-x-3 gap-y-1 text-12 text-text-2"
    >
      {target.past.map(({ from, met, availability }) => (
        <li key={from} className={met === false ? 'font-medium text-crit-fg' : undefined}>
          {t('agreed.targets.result', {
            from: dateText(millis(from), language),
            figure: availability === null ? ABSENT : percentText(availability, language),
            word: word(met),
          })}
        </li>
      ))}
    </ul>
  );
}

function RemoveTarget({ target, refusal }: { target: AvailabilityTarget; refusal: string | undefined }) {
  const t = useT();
  const errorWords = useErrorWords();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => call(ENDPOINTS.deleteTarget, { params: { id: target.id } }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: targetsQuery.queryKey });
      say(t('agreed.targets.removed'));
    },
  });
  return (
    <>
      <Button size="small" look="quiet" disabledReason={refusal} onClick={() => setAsking(true)}>
        {t('agreed.targets.remove')}
      </Button>
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t('agreed.targets.remove')}
        description={t('agreed.targets.removeAsk', { name: target.ciName })}
      >
        {remove.error && (
          <p role="alert" className="font-medium text-crit-fg">
            {errorWords(remove.error)}
          </p>
        )}
        <DialogActions>
          <Button onClick={() => setAsking(false)}>{t('calendars.cancel')}</Button>
          <Button look="danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
            {t('agreed.targets.remove')}
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}
