/** Retiring a machine whose agent was uninstalled: its record is read when this opens, as it may have changed since. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ciQuery } from '../api/queries.ts';
import { useLanguage, useT } from '../i18n/i18n.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { ErrorPanel } from '../ui/ErrorPanel.tsx';
import { SkeletonRows } from '../ui/Skeleton.tsx';
import { LifecycleStepForm } from './LifecycleStepDialog.tsx';
import { retiringRefusal, retiringStep } from './retiring.ts';
import { valueText } from './valueWords.ts';

export interface RetireDialogProps {
  readonly ci: { readonly id: string; readonly name: string };
  readonly onClose: () => void;
}

export function RetireDialog({ ci: { id, name }, onClose }: RetireDialogProps) {
  const t = useT();
  const language = useLanguage();
  const queries = useQueryClient();
  const { data: ci, error, isFetching, refetch } = useQuery(ciQuery(id));
  const step = ci && retiringStep(ci);
  const close = () => {
    // What offered it was out of date.
    if (ci && !step) void queries.invalidateQueries({ queryKey: ['findings'] });
    onClose();
  };
  const retired = valueText('', 'lifecycle', 'retired', t, language);
  return (
    <Dialog open onClose={close} title={t('assets.life.stepTitle', { name, state: retired })}>
      {step ? (
        <LifecycleStepForm ci={ci} step={step} onClose={onClose} />
      ) : (
        <>
          {isFetching ? (
            <SkeletonRows rows={2} />
          ) : ci ? (
            <p role="status">{retiringRefusal(ci, t, language)}</p>
          ) : (
            <ErrorPanel error={error} retry={() => void refetch()} />
          )}
          <DialogActions>
            <Button onClick={close}>{t('ui.close')}</Button>
          </DialogActions>
        </>
      )}
    </Dialog>
  );
}
