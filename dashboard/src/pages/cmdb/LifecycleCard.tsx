/** The life of the thing: where it is in it, and the steps that are possible now with what each needs. */
import { useState } from 'react';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { LIFECYCLE_STEPS, type LifecycleStep } from '@muster/shared/cmdb/lifecycle.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { LifecycleStepDialog } from '../../parts/LifecycleStepDialog.tsx';
import { valueText } from '../../parts/valueWords.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';

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
      {step && <LifecycleStepDialog ci={ci} step={step} onClose={() => setStep(null)} />}
    </Card>
  );
}
