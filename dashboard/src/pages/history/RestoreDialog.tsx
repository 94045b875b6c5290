/** What restoring would change, and the button that does it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../../api/client.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { valueText, valueTitle } from '../../parts/valueWords.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { say } from '../../ui/Toast.tsx';
import { dateTimeText, millis } from '../../util/time.ts';
import { restoreQuery } from './queries.ts';

export function RestoreDialog({ id, at, onClose }: { id: string; at: string; onClose: () => void }) {
  const t = useT();
  const language = useLanguage();
  const queries = useQueryClient();
  const preview = useQuery(restoreQuery(id, at));
  const restore = useMutation({
    mutationFn: () => call(ENDPOINTS.restoreCi, { params: { id }, body: { at } }),
    onSuccess: async ({ changes }) => {
      say(t('history.restore.done', { count: changes.length }));
      onClose();
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['ci', id] }),
        queries.invalidateQueries({ queryKey: ['history'] }),
      ]);
    },
  });
  const time = dateTimeText(millis(at), language, false);
  const changes = preview.data?.changes ?? [];
  const skipped = preview.data?.skipped ?? [];
  const reported = skipped.filter(({ reason }) => reason === 'reported');
  const error = restore.error ?? preview.error;
  const title = (name: string) => valueTitle('Server', name, t, language);
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('history.restore.title')}
      description={t('history.restore.lead', { time })}
    >
      {error && <ErrorPanel error={error} />}
      {preview.data === undefined ? (
        !preview.error && <SkeletonRows rows={3} />
      ) : changes.length === 0 ? (
        <p>{t('history.restore.none')}</p>
      ) : (
        <PlainTable
          label={t('history.restore.title')}
          head={(['attribute', 'now', 'then'] as const).map((each) => ({
            id: each,
            label: t(`history.restore.${each}`),
          }))}
        >
          {changes.map(({ attribute, before, after }) => (
            <tr key={attribute}>
              <td>{title(attribute)}</td>
              <td className="break-words text-text-2">
                {valueText('Server', attribute, before, t, language)}
              </td>
              <td className="font-medium break-words">
                {valueText('Server', attribute, after, t, language)}
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      {skipped.some(({ reason }) => reason === 'lifecycle') && (
        <p className="mt-3 text-12 text-text-3">{t('history.restore.lifecycle')}</p>
      )}
      {reported.length > 0 && (
        <p className="mt-3 text-12 text-text-3">
          {t('history.restore.reported', {
            names: reported.map(({ attribute }) => title(attribute)).join(t('ui.listSeparator')),
          })}
        </p>
      )}
      <DialogActions>
        <Button onClick={onClose}>{t('ui.cancel')}</Button>
        <Button
          look="primary"
          disabled={changes.length === 0 || restore.isPending}
          onClick={() => restore.mutate()}
        >
          {t('history.restore.confirm', { count: changes.length })}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
