/** What was agreed, how much of each error budget is used and how fast, and the periods before. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { AvailabilityTarget } from '@muster/shared/api/availability-targets.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { targetsQuery } from '../../parts/availabilityQueries.ts';
import { BudgetStanding } from '../../parts/BudgetStanding.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel, useErrorWords } from '../../ui/ErrorPanel.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { say } from '../../ui/Toast.tsx';
import { percentText } from '../../util/quantity.ts';
import { TargetDialog } from './TargetDialog.tsx';

export function TargetsCard() {
  const t = useT();
  const refusal = useActionRefusal('targets.write');
  const query = useQuery(targetsQuery());
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
          {t('agreed.formula.label')}
          {t('ui.colon')}
          {t(`agreed.formula.${target.formula}`)}
        </span>
      </span>
      <BudgetStanding target={target} />
      <span className="no-print flex items-start gap-2">
        <Button size="small" disabledReason={refusal} onClick={onEdit}>
          {t('agreed.targets.edit')}
        </Button>
        <RemoveTarget target={target} refusal={refusal} />
      </span>
    </li>
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
      void queries.invalidateQueries({ queryKey: ['availability', 'targets'] });
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
