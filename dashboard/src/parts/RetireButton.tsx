/** Where the agent of a machine was uninstalled: what one would do next, retiring the machine, with its reason. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ciQuery } from '../api/queries.ts';
import { useActionRefusal } from '../app/refusal.ts';
import { useT } from '../i18n/i18n.ts';
import { Button } from '../ui/Button.tsx';
import { LifecycleStepDialog } from './LifecycleStepDialog.tsx';
import { retiringStep } from './retiring.ts';

/** Nothing where the machine is not to be retired. */
export function RetireButton({ ciId }: { ciId: string }) {
  const t = useT();
  const refusal = useActionRefusal('cis.write');
  const [asked, setAsked] = useState(false);
  const { data: ci } = useQuery(ciQuery(ciId));
  const step = ci && retiringStep(ci);
  if (!step) return null;
  return (
    <>
      <Button size="small" disabledReason={refusal} onClick={() => setAsked(true)}>
        {t('assets.life.retire')}
      </Button>
      {asked && <LifecycleStepDialog ci={ci} step={step} onClose={() => setAsked(false)} />}
    </>
  );
}
