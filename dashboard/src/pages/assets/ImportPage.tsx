/** One import: where its columns go, what each row would do, then doing it, and taking it back. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { ImportDetail, ImportMapping, ImportRow } from '@muster/shared/api/imports.ts';
import { CI_CLASSES, isPartClass } from '@muster/shared/cmdb/classes.ts';
import { call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { classSchemaQuery } from '../../parts/classSchema.ts';
import { classTitle } from '../../parts/attributes.ts';
import { TableButton } from '../../parts/TableButton.tsx';
import { valueText, valueTitle } from '../../parts/valueWords.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel, useErrorWords } from '../../ui/ErrorPanel.tsx';
import { CheckField, SelectField } from '../../ui/Field.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { formatNumber } from '../../util/quantity.ts';
import { importQuery, importRowsQuery, readAllImportRows } from './queries.ts';
import { type RowWords, useRowWords } from './rowWords.ts';

export function ImportPage() {
  const { id } = useParams({ from: `/app${'/imports/$id'}` });
  const t = useT();
  const record = useQuery(importQuery(id));
  usePageTitle(record.data?.name ?? t('shell.nav.imports'));
  if (record.data === undefined)
    return (
      <Card flush={record.error === null}>
        {record.error ? (
          <ErrorPanel error={record.error} retry={() => void record.refetch()} />
        ) : (
          <SkeletonRows rows={8} />
        )}
      </Card>
    );
  const { data } = record;
  const open = data.state === 'uploaded' || data.state === 'checked';
  return (
    <>
      <h1 className="break-all">{data.name}</h1>
      <p className="mt-1 text-12 text-text-3">
        <Link to="/imports" className="text-accent underline">
          {t('shell.nav.imports')}
        </Link>
        {' · '}
        {t('assets.import.facts', { count: data.rows, format: data.format.toUpperCase() })}
        {data.encoding ? ` · ${data.encoding}` : ''}
        {' · '}
        {t(`assets.import.states.${data.state}`)}
      </p>
      <div className="mt-4 grid gap-4">
        {open && <MappingCard key={data.id} record={data} />}
        {data.counts !== null && <ResultCard record={data} />}
      </div>
    </>
  );
}

const NOWHERE = '-';
const FIELDS = [
  'name',
  'class',
  'assetNumber',
  'lifecycle',
  'criticality',
  'owner',
  'supportGroup',
  'site',
  'tags',
] as const;

function MappingCard({ record }: { record: ImportDetail }) {
  const t = useT();
  const language = useLanguage();
  const queries = useQueryClient();
  const errorWords = useErrorWords();
  const refusal = useActionRefusal('cis.write');
  const schema = useQuery(classSchemaQuery).data;
  const [mapping, setMapping] = useState<ImportMapping>(
    () =>
      record.mapping ?? {
        class: 'Workstation',
        columns: record.columns.map(({ guess }) => guess),
        keys: ['assetNumber', 'serial', 'name'],
        dateOrder: 'dmy',
        lifecycle: 'planned',
        numbers: true,
      },
  );
  const check = useMutation({
    mutationFn: () => call(ENDPOINTS.checkImport, { params: { id: record.id }, body: mapping }),
    onSuccess: (checked) => {
      queries.setQueryData(importQuery(record.id).queryKey, checked);
      void queries.invalidateQueries({ queryKey: ['imports', record.id, 'rows'] });
    },
  });
  const set = (change: Partial<ImportMapping>) => setMapping((before) => ({ ...before, ...change }));
  const attributes = schema?.items.find(({ name }) => name === mapping.class)?.attributes ?? [];
  const classes = [
    ...Object.keys(CI_CLASSES).filter((name) => !isPartClass(name)),
    ...(schema?.ownClasses.filter(({ archived }) => !archived).map(({ name }) => name) ?? []),
  ];
  const targets = [
    { value: NOWHERE, label: t('assets.import.nowhere') },
    ...FIELDS.map((name) => ({ value: name, label: valueTitle(mapping.class, name, t, language) })),
    { value: 'relation:user', label: t('assets.user') },
    { value: 'relation:location', label: t('assets.location') },
    ...attributes.map(({ name, title }) => ({ value: `attribute:${name}`, label: title[language] })),
  ];
  return (
    <Card title={t('assets.import.mapping')} note={t('assets.import.mappingNote')}>
      <div className="grid gap-3 tablet:grid-cols-3">
        <SelectField
          label={t('assets.import.class')}
          value={mapping.class}
          options={classes.map((name) => ({ value: name, label: classTitle(name, language) }))}
          onChange={(name) => set({ class: name })}
        />
        <SelectField
          label={t('assets.import.dates')}
          value={mapping.dateOrder}
          options={[
            { value: 'dmy', label: '31/12/2026' },
            { value: 'mdy', label: '12/31/2026' },
          ]}
          onChange={(dateOrder) => set({ dateOrder })}
        />
        <SelectField
          label={t('assets.import.newState')}
          value={mapping.lifecycle}
          options={(['planned', 'ordered', 'in_stock', 'deployed', 'in_use'] as const).map((value) => ({
            value,
            label: valueText('', 'lifecycle', value, t, language),
          }))}
          onChange={(lifecycle) => set({ lifecycle })}
        />
      </div>
      <div className="mt-3">
        <CheckField
          label={t('assets.import.numbers')}
          checked={mapping.numbers}
          onChange={(event) => set({ numbers: event.target.checked })}
        />
      </div>
      <div className="mt-4 grid gap-2">
        {record.columns.map((column, i) => (
          <div
            key={`${i} ${column.header}`}
            className="grid items-end gap-x-4 gap-y-1 border-t border-line pt-2 tablet:grid-cols-[minmax(0,1fr)_260px]"
          >
            <p className="min-w-0">
              <span className="font-medium break-words">{column.header || t('assets.import.noHeading')}</span>
              <span className="block truncate text-12 text-text-3">
                {column.samples.join(t('ui.listSeparator'))}
              </span>
            </p>
            <SelectField
              label={t('assets.import.targetOf', { name: column.header || String(i + 1) })}
              value={mapping.columns[i] ?? NOWHERE}
              options={targets}
              onChange={(value) =>
                set({
                  columns: mapping.columns.map((each, at) =>
                    at === i ? (value === NOWHERE ? null : value) : each,
                  ),
                })
              }
            />
          </div>
        ))}
      </div>
      {check.error && (
        <p role="alert" className="mt-3 font-medium text-crit-fg">
          {errorWords(check.error)}
        </p>
      )}
      <div className="mt-4 flex justify-end">
        <Button
          look={record.state === 'uploaded' ? 'primary' : 'plain'}
          disabled={check.isPending}
          disabledReason={refusal}
          onClick={() => check.mutate()}
        >
          {t(check.isPending ? 'ui.loading' : 'assets.import.check')}
        </Button>
      </div>
    </Card>
  );
}

const OUTCOMES = ['all', 'new', 'changed', 'unchanged', 'error'] as const;

function ResultCard({ record }: { record: ImportDetail }) {
  const t = useT();
  const language = useLanguage();
  const queries = useQueryClient();
  const errorWords = useErrorWords();
  const refusal = useActionRefusal('cis.write');
  const [shown, setShown] = useState<(typeof OUTCOMES)[number]>('all');
  const [asking, setAsking] = useState(false);
  const version = `${record.state} ${record.done} ${JSON.stringify(record.counts)}`;
  const outcome = shown === 'all' ? undefined : shown;
  const words = useRowWords(record.mapping?.class ?? 'Workstation');
  const rows = useQuery(importRowsQuery(record.id, version, outcome));
  const begin = useMutation({
    mutationFn: (what: 'applyImport' | 'undoImport') =>
      call(what === 'applyImport' ? ENDPOINTS.applyImport : ENDPOINTS.undoImport, {
        params: { id: record.id },
      }),
    onSuccess: (begun) => {
      queries.setQueryData(importQuery(record.id).queryKey, begun);
      for (const key of [['imports'], ['cmdb'], ['cis'], ['assets']])
        void queries.invalidateQueries({ queryKey: key });
    },
  });
  const counts = record.counts ?? { new: 0, changed: 0, unchanged: 0, error: 0 };
  const working = record.state === 'applying' || record.state === 'undoing';
  const effective = counts.new + counts.changed;
  return (
    <Card
      title={t(record.state === 'checked' ? 'assets.import.tried' : 'assets.import.result')}
      flush
      action={
        <TableButton
          name={`import-${record.name}`}
          disabled={rows.data === undefined}
          rows={async () => tableOf(await readAllImportRows(record.id, outcome), t, words)}
        />
      }
    >
      <div className="px-4 pb-3">
        <p role="status" className="text-text-2">
          {t('assets.import.sum', {
            created: formatNumber(counts.new, 0, language),
            changed: formatNumber(counts.changed, 0, language),
            unchanged: formatNumber(counts.unchanged, 0, language),
            error: formatNumber(counts.error, 0, language),
          })}
          {working && ` ${t('assets.import.progress', { done: record.done, total: record.rows })}`}
          {record.state === 'undone' &&
            ` ${t(record.kept > 0 ? 'assets.import.undoneBut' : 'assets.import.undoneAll', { count: record.kept })}`}
        </p>
        {working && (
          <progress
            aria-label={t('assets.import.result')}
            max={record.rows}
            value={record.done}
            className="mt-2 h-2 w-full"
          />
        )}
        {record.state === 'failed' && (
          <div role="alert" className="mt-2">
            <p className="font-medium text-crit-fg">
              {record.appliedAt === null
                ? t('assets.import.stopped', { done: record.done, total: record.rows })
                : t('assets.import.stoppedUndo')}
            </p>
            <code className="text-11 break-words text-text-3">{record.fault}</code>
          </div>
        )}
        {begin.error && (
          <p role="alert" className="mt-2 font-medium text-crit-fg">
            {errorWords(begin.error)}
          </p>
        )}
        <div className="mt-3 flex flex-wrap items-center gap-2">
          <div className="scrollbar-none max-w-full overflow-x-auto">
            <Segmented
              label={t('assets.import.show')}
              value={shown}
              options={OUTCOMES.map((value) => ({ value, label: t(`assets.import.outcome.${value}`) }))}
              onChange={setShown}
            />
          </div>
          <span className="ml-auto" />
          {record.state === 'checked' && (
            <Button
              look="primary"
              disabled={effective === 0 || begin.isPending}
              disabledReason={refusal}
              onClick={() => begin.mutate('applyImport')}
            >
              {t('assets.import.apply', { count: effective })}
            </Button>
          )}
          {record.state === 'failed' && record.appliedAt === null && (
            <Button
              look="primary"
              disabled={begin.isPending}
              disabledReason={refusal}
              onClick={() => begin.mutate('applyImport')}
            >
              {t('assets.import.goOn')}
            </Button>
          )}
          {(record.state === 'applied' || record.state === 'failed') && (
            <Button disabledReason={refusal} disabled={begin.isPending} onClick={() => setAsking(true)}>
              {t('assets.import.undo')}
            </Button>
          )}
        </div>
      </div>
      {rows.data === undefined ? (
        <SkeletonRows rows={6} />
      ) : rows.data.items.length === 0 ? (
        <EmptyState>{t('assets.import.noRows')}</EmptyState>
      ) : (
        <PlainTable
          label={t('assets.import.rows')}
          head={[
            { id: 'line', label: t('assets.import.line'), align: 'right' },
            { id: 'outcome', label: t('assets.import.outcomeTitle') },
            { id: 'name', label: t('assets.name') },
            { id: 'what', label: t('assets.import.what') },
          ]}
        >
          {rows.data.items.map((row) => (
            <Row key={row.line} row={row} record={record} />
          ))}
        </PlainTable>
      )}
      {rows.data?.nextCursor != null && (
        <p className="border-t border-line px-4 py-2 text-12 text-text-3">{t('assets.import.firstRows')}</p>
      )}
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t('assets.import.undoTitle', { name: record.name })}
        description={t('assets.import.undoText')}
      >
        <DialogActions>
          <Button onClick={() => setAsking(false)}>{t('ui.cancel')}</Button>
          <Button
            look="danger"
            onClick={() => {
              setAsking(false);
              begin.mutate('undoImport');
            }}
          >
            {t('assets.import.undo')}
          </Button>
        </DialogActions>
      </Dialog>
    </Card>
  );
}

const TONES = {
  new: 'text-up-fg',
  changed: 'text-warn-fg',
  unchanged: 'text-text-3',
  error: 'text-crit-fg',
} as const;

function Row({ row, record }: { row: ImportRow; record: ImportDetail }) {
  const t = useT();
  const language = useLanguage();
  const ciClass = record.mapping?.class ?? 'Workstation';
  const words = useRowWords(ciClass);
  const title = words.field;
  const text = (field: string, value: unknown) => valueText(ciClass, field, value, t, language);
  return (
    <tr>
      <td className="text-right text-text-3">{row.line}</td>
      <td className={`whitespace-nowrap ${TONES[row.outcome]}`}>
        {t(`assets.import.outcome.${row.outcome}`)}
      </td>
      <td>
        {row.ci ? (
          <Link to="/cis/$id" params={{ id: row.ci.id }} className="font-medium hover:text-accent">
            {row.name || row.ci.name}
          </Link>
        ) : (
          row.name
        )}
      </td>
      <td className="py-1 text-12 text-text-2">
        {row.problems.map((problem) => (
          <p key={problem.message} className="text-crit-fg">
            {problem.column === null ? '' : `${record.columns[problem.column]?.header ?? ''}${t('ui.colon')}`}
            {words.problem(problem)}
          </p>
        ))}
        {row.outcome === 'changed' &&
          row.changes.map(({ field, before, after }) => (
            <p key={field}>
              {title(field)}
              {t('ui.colon')}
              {text(field, before)} → {text(field, after)}
            </p>
          ))}
        {row.outcome === 'new' && (
          <p>{row.changes.map(({ field, after }) => `${title(field)} ${text(field, after)}`).join(' · ')}</p>
        )}
        {row.kept.length > 0 && (
          <p className="text-text-3">
            {t('assets.import.kept', { fields: row.kept.map(title).join(t('ui.listSeparator')) })}
          </p>
        )}
        {row.left !== null && <p className="text-warn-fg">{words.left(row.left)}</p>}
      </td>
    </tr>
  );
}

function tableOf(
  rows: readonly ImportRow[],
  t: ReturnType<typeof useT>,
  words: RowWords,
): (string | number)[][] {
  return [
    [t('assets.import.line'), t('assets.import.outcomeTitle'), t('assets.name'), t('assets.import.what')],
    ...rows.map((row) => [
      row.line,
      t(`assets.import.outcome.${row.outcome}`),
      row.name,
      [
        ...row.problems.map(words.problem),
        ...row.changes.map(({ field, after }) => `${words.field(field)}${t('ui.colon')}${String(after)}`),
        ...(row.left === null ? [] : [words.left(row.left)]),
      ].join('; '),
    ]),
  ];
}
