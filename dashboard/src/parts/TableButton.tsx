/** The two files of a list: CSV and XLSX; what is missing is read first. */
import { useState } from 'react';
import { useT } from '../i18n/i18n.ts';
import { Button } from '../ui/Button.tsx';
import { useErrorWords } from '../ui/ErrorPanel.tsx';
import { Icon } from '../ui/Icon.tsx';
import { Menu, MenuItem } from '../ui/Menu.tsx';
import { say } from '../ui/Toast.tsx';
import { saveTable, type TableRows } from './tableFile.ts';

export function TableButton({
  name,
  rows,
  disabled = false,
}: {
  name: string;
  rows: () => TableRows | Promise<TableRows>;
  disabled?: boolean;
}) {
  const t = useT();
  const errorWords = useErrorWords();
  const [busy, setBusy] = useState(false);
  const save = async (format: 'csv' | 'xlsx') => {
    setBusy(true);
    try {
      await saveTable(name, await rows(), format);
    } catch (error) {
      say(errorWords(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Menu
      trigger={
        <Button disabled={busy || disabled}>
          {t('assets.export')}
          <Icon name="chevron" size={12} />
        </Button>
      }
    >
      <MenuItem onSelect={() => void save('csv')}>{t('assets.asCsv')}</MenuItem>
      <MenuItem onSelect={() => void save('xlsx')}>{t('assets.asXlsx')}</MenuItem>
    </Menu>
  );
}
