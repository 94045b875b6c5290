/** Two chosen machines are one: which of them stays, what merging does, and then it is done. */
import { useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { MachineSummary } from '@muster/shared/api/machines.ts';
import { call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { useIdentityAction } from '../../parts/identityActions.ts';
import { MergePreviewList } from '../../parts/MergePreviewList.tsx';
import { valueText } from '../../parts/valueWords.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { say } from '../../ui/Toast.tsx';

export interface MergeChosenDialogProps {
  readonly pair: readonly [MachineSummary, MachineSummary];
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function MergeChosenDialog({ pair, onClose, onDone }: MergeChosenDialogProps) {
  const t = useT();
  const language = useLanguage();
  const refusal = useActionRefusal('cis.write');
  const act = useIdentityAction();
  const [first, second] = pair;
  // By id: the list can change its order while the dialog is open.
  const [keepId, setKeepId] = useState(first.id);
  const [keep, other] = keepId === second.id ? [second, first] : pair;
  const merge = () =>
    act.mutate(() => call(ENDPOINTS.mergeCis, { body: { keep: keep.id, others: [other.id] } }), {
      onSuccess: () => {
        say(t('identity.merge.done', { other: other.name, keep: keep.name }));
        onDone();
        onClose();
      },
    });
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('identity.merge.title', { name: keep.name })}
      description={t('identity.merge.text')}
    >
      <fieldset>
        <legend className="text-12 font-medium text-text-2">{t('identity.merge.stays')}</legend>
        {pair.map((one) => (
          <label key={one.id} className="flex min-h-8 items-center gap-2">
            <input type="radio" name="keep" checked={one.id === keep.id} onChange={() => setKeepId(one.id)} />
            <span className="min-w-0 break-all">{one.name}</span>
            <span className="text-12 text-text-3">
              {[valueText('', 'class', one.class, t, language), one.assetNumber, one.site]
                .filter((part) => part !== null && part !== '')
                .join(t('ui.listSeparator'))}
            </span>
          </label>
        ))}
      </fieldset>
      <MergePreviewList keep={keep} otherId={other.id} />
      <DialogActions>
        <Button onClick={onClose}>{t('ui.cancel')}</Button>
        <Button look="primary" disabled={act.isPending} disabledReason={refusal} onClick={merge}>
          {t('identity.merge.do')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
