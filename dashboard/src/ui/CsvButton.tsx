/** Makes a file of more than the page holds; a failure is said beside the button. */
import { useState } from 'react';
import { useT } from '../i18n/i18n.ts';
import { Button } from './Button.tsx';

/** `save` reads what is missing and hands the file to the browser. */
export function CsvButton({ save, disabled }: { save: () => Promise<void>; disabled: boolean }) {
  const t = useT();
  const [state, setState] = useState<'ready' | 'busy' | 'failed'>('ready');
  const press = async () => {
    setState('busy');
    try {
      await save();
      setState('ready');
    } catch {
      setState('failed'); // Said beside the button.
    }
  };
  return (
    <span className="no-print flex items-center gap-2">
      {state === 'failed' && (
        <span role="alert" className="text-12 text-crit-fg">
          {t('ui.csvFailed')}
        </span>
      )}
      <Button size="small" disabled={state === 'busy' || disabled} onClick={() => void press()}>
        {t('ui.csv')}
      </Button>
    </span>
  );
}
