/** How long the past is kept, and what it takes. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { Retention, RetentionKind } from '@muster/shared/api/history.ts';
import { call } from '../../api/client.ts';
import { useMay } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { say } from '../../ui/Toast.tsx';
import { formatNumber, quantityText } from '../../util/quantity.ts';
import { dateText, millis } from '../../util/time.ts';
import { retentionQuery } from './queries.ts';

const YEARS = [1, 2, 3, 5, 7, 10] as const;
type Years = Record<RetentionKind, number | null>;

export function RetentionSettings() {
  const t = useT();
  usePageTitle(t('history.kept.title'));
  const kept = useQuery(retentionQuery);
  return (
    <>
      <h1>{t('history.kept.title')}</h1>
      <p className="mt-1 text-text-2">{t('history.kept.lead')}</p>
      <Card title={t('history.kept.kind')} flush className="mt-3">
        {kept.data === undefined ? (
          kept.error ? (
            <div className="px-4">
              <ErrorPanel error={kept.error} retry={() => void kept.refetch()} />
            </div>
          ) : (
            <SkeletonRows rows={4} />
          )
        ) : (
          <Form kept={kept.data} />
        )}
      </Card>
    </>
  );
}

function Form({ kept }: { kept: Retention }) {
  const t = useT();
  const language = useLanguage();
  const mayWrite = useMay('history.write');
  const queries = useQueryClient();
  const before = Object.fromEntries(kept.items.map(({ kind, years }) => [kind, years])) as Years;
  const [chosen, setChosen] = useState<Partial<Years>>({});
  const [asking, setAsking] = useState(false);
  const save = useMutation({
    mutationFn: () => call(ENDPOINTS.setRetention, { body: { ...before, ...chosen } }),
    onSuccess: (answer) => {
      queries.setQueryData(retentionQuery.queryKey, answer);
      setChosen({});
      setAsking(false);
      say(t('history.kept.saved'));
    },
  });
  const changed = kept.items.some(({ kind, years }) => chosen[kind] !== undefined && chosen[kind] !== years);
  return (
    <>
      <PlainTable
        label={t('history.kept.title')}
        head={[
          { id: 'kind', label: t('history.kept.kind') },
          { id: 'years', label: t('history.kept.years') },
          { id: 'rows', label: t('history.kept.rows'), align: 'right' },
          { id: 'size', label: t('history.kept.size'), align: 'right' },
          { id: 'since', label: t('history.kept.since') },
        ]}
      >
        {kept.items.map(({ kind, years, rows, storedBytes, keptSince }) => {
          const value = chosen[kind] === undefined ? years : chosen[kind];
          return (
            <tr key={kind}>
              <td className="font-medium">{t(`history.kept.kinds.${kind}`)}</td>
              <td>
                <select
                  aria-label={`${t('history.kept.years')}${t('ui.colon')}${t(`history.kept.kinds.${kind}`)}`}
                  disabled={!mayWrite}
                  value={value ?? ''}
                  onChange={({ target }) =>
                    setChosen({ ...chosen, [kind]: target.value === '' ? null : Number(target.value) })
                  }
                  className="h-(--control) rounded-md border border-line-strong bg-surface px-2 text-13 max-tablet:text-16"
                >
                  <option value="">{t('history.kept.forEver')}</option>
                  {[...new Set([...YEARS, ...(value == null ? [] : [value])])].map((count) => (
                    <option key={count} value={count}>
                      {t('history.kept.yearCount', { count })}
                    </option>
                  ))}
                </select>
              </td>
              <td className="text-right">{formatNumber(rows, 0, language)}</td>
              <td className="text-right whitespace-nowrap">{quantityText(storedBytes, 'B', language)}</td>
              <td>
                {keptSince === null ? t('history.kept.sinceAlways') : dateText(millis(keptSince), language)}
              </td>
            </tr>
          );
        })}
      </PlainTable>
      {mayWrite && (
        <div className="flex justify-end border-t border-line p-3">
          <Button look="primary" disabled={!changed} onClick={() => setAsking(true)}>
            {t('history.kept.save')}
          </Button>
        </div>
      )}
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t('history.kept.confirmTitle')}
        description={t('history.kept.confirmLead')}
      >
        {save.error && <ErrorPanel error={save.error} />}
        <DialogActions>
          <Button onClick={() => setAsking(false)}>{t('ui.cancel')}</Button>
          <Button look="danger" disabled={save.isPending} onClick={() => save.mutate()}>
            {t('history.kept.save')}
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}
