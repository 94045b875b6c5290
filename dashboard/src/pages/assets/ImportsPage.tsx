/** Imports: a file is given here; those before stand below with what they did. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { IMPORT_BYTES_MAX, IMPORT_ROWS_MAX } from '@muster/shared/api/imports.ts';
import { call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { actorWord } from '../../parts/changes.ts';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel, useErrorWords } from '../../ui/ErrorPanel.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { formatNumber } from '../../util/quantity.ts';
import { dateTimeText, millis } from '../../util/time.ts';
import { base64Of } from './fileText.ts';
import { importsQuery } from './queries.ts';

export function ImportsPage() {
  const t = useT();
  usePageTitle(t('shell.nav.imports'));
  return (
    <>
      <h1>{t('shell.nav.imports')}</h1>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2">{t('assets.import.intro')}</p>
      <div className="mt-4 grid gap-4">
        <UploadCard />
        <ListCard />
      </div>
    </>
  );
}

function UploadCard() {
  const t = useT();
  const language = useLanguage();
  const id = useId();
  const navigate = useNavigate();
  const refusal = useActionRefusal('cis.write');
  const errorWords = useErrorWords();
  const [tooLarge, setTooLarge] = useState(false);
  const upload = useMutation({
    mutationFn: async (file: File) =>
      call(ENDPOINTS.uploadImport, { body: { name: file.name, content: await base64Of(file) } }),
    onSuccess: (made) => void navigate({ to: '/imports/$id', params: { id: made.id } }),
  });
  const take = (file: File | undefined) => {
    if (!file) return;
    const fits = file.size <= IMPORT_BYTES_MAX;
    setTooLarge(!fits);
    if (fits) upload.mutate(file);
  };
  return (
    <Card title={t('assets.import.upload')}>
      <label htmlFor={id} className="text-12 font-medium">
        {t('assets.import.file')}
      </label>
      <input
        id={id}
        type="file"
        accept=".csv,.tsv,.txt,.xlsx"
        disabled={refusal !== undefined || upload.isPending}
        title={refusal}
        onChange={(event) => take(event.target.files?.[0])}
        className="mt-1 block w-full rounded-md border border-line-strong bg-surface p-2 text-13"
      />
      <p className="mt-2 text-12 text-text-3">
        {t('assets.import.limits', {
          size: IMPORT_BYTES_MAX >> 20,
          rows: formatNumber(IMPORT_ROWS_MAX, 0, language),
        })}
      </p>
      {upload.isPending && <p role="status">{t('ui.loading')}</p>}
      {(tooLarge || upload.error) && (
        <p role="alert" className="mt-2 font-medium text-crit-fg">
          {tooLarge
            ? t('assets.import.tooLarge', { size: IMPORT_BYTES_MAX >> 20 })
            : errorWords(upload.error)}
          {upload.error instanceof Error && !tooLarge ? ` ${upload.error.message}` : ''}
        </p>
      )}
    </Card>
  );
}

function ListCard() {
  const t = useT();
  const language = useLanguage();
  const list = useQuery(importsQuery);
  if (list.data === undefined)
    return (
      <Card flush={list.error === null}>
        {list.error ? (
          <ErrorPanel error={list.error} retry={() => void list.refetch()} />
        ) : (
          <SkeletonRows rows={4} />
        )}
      </Card>
    );
  const { items } = list.data;
  return (
    <Card title={t('assets.import.before')} note={items.length} flush>
      {items.length === 0 ? (
        <EmptyState>{t('assets.import.none')}</EmptyState>
      ) : (
        <PlainTable
          label={t('assets.import.before')}
          head={[
            { id: 'name', label: t('assets.import.file') },
            { id: 'state', label: t('assets.import.state') },
            { id: 'rows', label: t('assets.import.rows'), align: 'right' },
            { id: 'who', label: t('assets.import.who'), className: 'max-tablet:hidden' },
            { id: 'at', label: t('assets.import.at'), align: 'right', className: 'max-tablet:hidden' },
          ]}
        >
          {items.map((item) => (
            <tr key={item.id}>
              <td>
                <Link
                  to="/imports/$id"
                  params={{ id: item.id }}
                  className="font-medium break-all hover:text-accent"
                >
                  {item.name}
                </Link>
              </td>
              <td className="text-text-2">{t(`assets.import.states.${item.state}`)}</td>
              <td className="text-right">{formatNumber(item.rows, 0, language)}</td>
              <td className="text-text-2 max-tablet:hidden">{actorWord(item.actor, t)}</td>
              <td className="text-right whitespace-nowrap text-text-3 max-tablet:hidden">
                {dateTimeText(millis(item.createdAt), language, false)}
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
    </Card>
  );
}
