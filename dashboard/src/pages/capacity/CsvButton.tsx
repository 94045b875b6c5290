/** Saves all rows of the filter as a file, not only those shown. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { useT } from '../../i18n/i18n.ts';
import { capacityPagesQuery } from '../../parts/capacityQueries.ts';
import { Button } from '../../ui/Button.tsx';
import { saveCsv } from '../../util/csv.ts';
import { csvRows } from './register.ts';

/** 20,000 file systems; a file of more is for the API. */
const CSV_PAGES_MAX = 40;

type Filter = Omit<Parameters<typeof capacityPagesQuery>[0], 'limit'>;

export function CsvButton({ filter, disabled }: { filter: Filter; disabled: boolean }) {
  const t = useT();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const save = async () => {
    setBusy(true);
    setFailed(false);
    try {
      const all = await queries.fetchInfiniteQuery({
        ...capacityPagesQuery({ ...filter, limit: LIST_LIMIT_MAX }),
        pages: CSV_PAGES_MAX,
      });
      saveCsv('capacity', csvRows(all.pages.flatMap(({ items }) => items)));
    } catch {
      setFailed(true); // Said beside the button.
    }
    setBusy(false);
  };
  return (
    <span className="no-print flex items-center gap-2">
      {failed && (
        <span role="alert" className="text-12 text-crit-fg">
          {t('capacity.csvFailed')}
        </span>
      )}
      <Button size="small" disabled={busy || disabled} onClick={() => void save()}>
        {t('capacity.csv')}
      </Button>
    </span>
  );
}
