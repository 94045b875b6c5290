/** Saves a machine as a file in the GLPI inventory format. */
import { useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../api/client.ts';
import { useT } from '../i18n/i18n.ts';
import { Button } from '../ui/Button.tsx';
import { useErrorWords } from '../ui/ErrorPanel.tsx';
import { say } from '../ui/Toast.tsx';
import { fileName, saveFile } from '../util/csv.ts';

export function GlpiExportButton({ ciId, name }: { ciId: string; name: string }) {
  const t = useT();
  const words = useErrorWords();
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const inventory = await call(ENDPOINTS.exportGlpiInventory, { params: { id: ciId } });
      const json = JSON.stringify(inventory, null, 2);
      saveFile(`${fileName('glpi', name)}.json`, new Blob([json], { type: 'application/json' }));
    } catch (error) {
      say(words(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button disabled={busy} onClick={() => void save()}>
      {t('intake.export')}
    </Button>
  );
}
