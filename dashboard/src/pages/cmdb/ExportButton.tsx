/** The whole list as a file, read page by page; it can be stopped. */
import { useEffect, useRef, useState } from 'react';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Menu, MenuItem } from '../../ui/Menu.tsx';
import { say } from '../../ui/Toast.tsx';
import { saveTable } from '../../parts/tableFile.ts';
import { fileName } from '../../util/csv.ts';
import { formatNumber } from '../../util/quantity.ts';
import type { CiColumn } from './ciColumns.tsx';
import { readAllCis } from './queries.ts';
import type { CisSearch } from './search.ts';

/** More rows than this are a matter for the API. */
const EXPORT_ROWS_MAX = 100_000;

export interface ExportButtonProps {
  readonly search: CisSearch;
  readonly fields: readonly string[];
  readonly columns: readonly CiColumn[];
  readonly total: number | undefined;
}

export function ExportButton({ search, fields, columns, total }: ExportButtonProps) {
  const t = useT();
  const language = useLanguage();
  const errorWords = useErrorWords();
  const [count, setCount] = useState<number | null>(null);
  const running = useRef<AbortController>(null);
  useEffect(() => () => running.current?.abort(), []);
  const start = async (format: 'csv' | 'xlsx') => {
    const stop = new AbortController();
    running.current = stop;
    setCount(0);
    try {
      const items = await readAllCis(search, fields, EXPORT_ROWS_MAX, setCount, stop.signal);
      const table = [
        ['id', ...columns.map(({ header }) => header)],
        ...items.map((ci) => [ci.id, ...columns.map(({ text }) => text(ci))]),
      ];
      await saveTable(fileName('muster', search.class ?? 'machines'), table, format);
    } catch (error) {
      if (!stop.signal.aborted) say(errorWords(error));
    } finally {
      setCount(null);
    }
  };
  if (count === null) {
    return (
      <Menu
        trigger={
          <Button disabled={total === 0 || total === undefined}>
            {t('assets.export')}
            <Icon name="chevron" size={12} />
          </Button>
        }
      >
        <MenuItem onSelect={() => void start('csv')}>{t('assets.asCsv')}</MenuItem>
        <MenuItem onSelect={() => void start('xlsx')}>{t('assets.asXlsx')}</MenuItem>
      </Menu>
    );
  }
  return (
    <span className="flex items-center gap-2 text-12 text-text-2">
      <span role="status">
        {t('cmdb.exporting', {
          count: formatNumber(count, 0, language),
          total: formatNumber(total ?? count, 0, language),
        })}
      </span>
      <Button size="small" onClick={() => running.current?.abort()}>
        {t('cmdb.stop')}
      </Button>
    </span>
  );
}
