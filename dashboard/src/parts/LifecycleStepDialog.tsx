/** One step in the life of a thing, with the reason and the condition that it needs. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { CONDITIONS, type Condition } from '@muster/shared/api/assets.ts';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { isAssetClass } from '@muster/shared/cmdb/classes.ts';
import type { LifecycleStep } from '@muster/shared/cmdb/lifecycle.ts';
import { call } from '../api/client.ts';
import { ciQuery } from '../api/queries.ts';
import { useLanguage, useT } from '../i18n/i18n.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { useErrorWords } from '../ui/ErrorPanel.tsx';
import { SelectField, TextField } from '../ui/Field.tsx';
import { say } from '../ui/Toast.tsx';
import { isCiClass } from './attributes.ts';
import { readAfterStep } from './readAfterStep.ts';
import { valueText } from './valueWords.ts';

interface LifecycleStepProps {
  readonly ci: Pick<CiDetail, 'id' | 'name' | 'class'>;
  readonly step: LifecycleStep;
  readonly onClose: () => void;
}

export function LifecycleStepDialog(props: LifecycleStepProps) {
  const t = useT();
  const language = useLanguage();
  const { ci, step, onClose } = props;
  const to = valueText('', 'lifecycle', step.to, t, language);
  return (
    <Dialog open onClose={onClose} title={t('assets.life.stepTitle', { name: ci.name, state: to })}>
      <LifecycleStepForm {...props} />
    </Dialog>
  );
}

export function LifecycleStepForm({ ci, step, onClose }: LifecycleStepProps) {
  const t = useT();
  const language = useLanguage();
  const errorWords = useErrorWords();
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const [condition, setCondition] = useState<Condition>('good');
  const asset = isCiClass(ci.class) && isAssetClass(ci.class);
  const needsCondition = asset && step.needs.includes('condition');
  const needsReason = step.needs.includes('reason');
  const to = valueText('', 'lifecycle', step.to, t, language);
  const save = useMutation({
    mutationFn: () =>
      call(ENDPOINTS.updateCi, {
        params: { id: ci.id },
        body: {
          lifecycle: step.to,
          ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
          ...(needsCondition ? { set: { condition } } : {}),
        },
      }),
    onSuccess: (changed) => {
      queries.setQueryData(ciQuery(ci.id).queryKey, changed);
      readAfterStep(queries, ci.id);
      say(t('assets.life.done', { name: ci.name, state: to }));
      onClose();
    },
  });
  const missing = needsReason && reason.trim() === '';
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!missing) save.mutate();
      }}
      className="grid gap-3"
    >
      {needsCondition && (
        <SelectField
          label={t('assets.condition')}
          value={condition}
          options={CONDITIONS.map((value) => ({ value, label: t(`assets.conditions.${value}`) }))}
          onChange={setCondition}
        />
      )}
      <TextField
        label={t('assets.life.reason')}
        help={needsReason ? t('assets.required') : undefined}
        value={reason}
        maxLength={500}
        onChange={(event) => setReason(event.target.value)}
      />
      {save.error && (
        <p role="alert" className="font-medium text-crit-fg">
          {errorWords(save.error)} {save.error.message}
        </p>
      )}
      <DialogActions>
        <Button onClick={onClose}>{t('ui.cancel')}</Button>
        <Button look="primary" type="submit" disabled={missing || save.isPending}>
          {to}
        </Button>
      </DialogActions>
    </form>
  );
}
