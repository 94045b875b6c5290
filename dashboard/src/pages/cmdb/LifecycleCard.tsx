/** The life of the thing: where it is in it, and the steps that are possible now with what each needs. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { CONDITIONS, type Condition } from '@muster/shared/api/assets.ts';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { isAssetClass } from '@muster/shared/cmdb/classes.ts';
import { LIFECYCLE_STEPS, type LifecycleStep } from '@muster/shared/cmdb/lifecycle.ts';
import { call } from '../../api/client.ts';
import { ciQuery } from '../../api/queries.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { isCiClass } from '../../parts/attributes.ts';
import { valueText } from '../../parts/valueWords.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { say } from '../../ui/Toast.tsx';

/** The way that most things go; the others are beside it. */
const WAY = ['planned', 'ordered', 'in_stock', 'deployed', 'in_use', 'retired', 'disposed'] as const;

export function LifecycleCard({ ci }: { ci: CiDetail }) {
  const t = useT();
  const language = useLanguage();
  const refusal = useActionRefusal('cis.write');
  const [step, setStep] = useState<LifecycleStep | null>(null);
  const steps = LIFECYCLE_STEPS[ci.lifecycle];
  const word = (state: string) => valueText('', 'lifecycle', state, t, language);
  const at = WAY.findIndex((state) => state === ci.lifecycle);
  return (
    <Card title={t('assets.life.title')}>
      <ol className="flex flex-wrap gap-x-1 gap-y-1.5" aria-label={t('assets.life.way')}>
        {WAY.map((state, i) => (
          <li
            key={state}
            aria-current={state === ci.lifecycle ? 'step' : undefined}
            className={cx(
              'rounded-full px-2.5 text-12 leading-6',
              state === ci.lifecycle
                ? 'bg-accent-solid font-medium text-on-solid'
                : i < at
                  ? 'bg-selected text-text-2'
                  : 'bg-sunken text-text-2',
            )}
          >
            {word(state)}
          </li>
        ))}
        {at === -1 && (
          <li
            aria-current="step"
            className="rounded-full bg-warn-weak px-2.5 text-12 leading-6 font-medium text-warn-fg"
          >
            {word(ci.lifecycle)}
          </li>
        )}
      </ol>
      <p className="mt-3 text-12 text-text-3">
        {t(steps.length === 0 ? 'assets.life.last' : 'assets.life.next')}
      </p>
      <div className="no-print mt-2 flex flex-wrap gap-2">
        {steps.map((each) => (
          <Button key={each.to} size="small" disabledReason={refusal} onClick={() => setStep(each)}>
            {word(each.to)}
          </Button>
        ))}
      </div>
      {step && <StepDialog ci={ci} step={step} onClose={() => setStep(null)} />}
    </Card>
  );
}

function StepDialog({ ci, step, onClose }: { ci: CiDetail; step: LifecycleStep; onClose: () => void }) {
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
      for (const key of [['ci', ci.id], ['cmdb'], ['cis'], ['assets']])
        void queries.invalidateQueries({ queryKey: key });
      say(t('assets.life.done', { name: ci.name, state: to }));
      onClose();
    },
  });
  const missing = needsReason && reason.trim() === '';
  return (
    <Dialog open onClose={onClose} title={t('assets.life.stepTitle', { name: ci.name, state: to })}>
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
    </Dialog>
  );
}
