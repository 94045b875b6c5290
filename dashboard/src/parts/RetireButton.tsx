/** Where the agent of a machine was uninstalled: what one would do next, retiring the machine, with its reason. */
import { useState } from 'react';
import { useActionRefusal } from '../app/refusal.ts';
import { useT } from '../i18n/i18n.ts';
import { Button } from '../ui/Button.tsx';
import { RetireDialog, type RetireDialogProps } from './RetireDialog.tsx';

export function RetireButton({ ci }: Pick<RetireDialogProps, 'ci'>) {
  const t = useT();
  const refusal = useActionRefusal('cis.write');
  const [asked, setAsked] = useState(false);
  return (
    <>
      <Button size="small" disabledReason={refusal} onClick={() => setAsked(true)}>
        {t('assets.life.retire')}
      </Button>
      {asked && <RetireDialog ci={ci} onClose={() => setAsked(false)} />}
    </>
  );
}
