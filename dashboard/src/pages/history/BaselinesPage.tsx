/** The baselines: taken, approved, compared, deleted. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { Baseline, CiGroup } from '@muster/shared/api/history.ts';
import { CI_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { call } from '../../api/client.ts';
import { useMay } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { isCiClass } from '../../parts/attributes.ts';
import { actorWord } from '../../parts/changes.ts';
import { Button, buttonClass } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { PrintHeader } from '../../ui/PrintHeader.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { say } from '../../ui/Toast.tsx';
import { quantityText } from '../../util/quantity.ts';
import { dateTimeText, millis } from '../../util/time.ts';
import { HistoryTabs } from './HistoryTabs.tsx';
import { MomentField } from './MomentField.tsx';
import { baselinesQuery, modelsQuery } from './queries.ts';

export function BaselinesPage() {
  const t = useT();
  const title = t('history.baselines.title');
  usePageTitle(title);
  const list = useQuery(baselinesQuery);
  const mayWrite = useMay('cis.write');
  const [making, setMaking] = useState(false);
  const [leaving, setLeaving] = useState<Baseline | null>(null);
  const items = list.data?.items;
  return (
    <>
      <PrintHeader title={title} purpose={t('history.baselines.lead')} source={t('history.print.source')} />
      <div className="flex flex-wrap items-center gap-3 print:hidden">
        <h1>{title}</h1>
        {mayWrite && (
          <Button look="primary" className="ml-auto" onClick={() => setMaking(true)}>
            {t('history.baselines.new')}
          </Button>
        )}
      </div>
      <HistoryTabs />
      <p className="mt-1 text-text-2">{t('history.baselines.lead')}</p>
      <Card title={title} flush className="mt-3">
        {items === undefined ? (
          list.error ? (
            <div className="px-4">
              <ErrorPanel error={list.error} retry={() => void list.refetch()} />
            </div>
          ) : (
            <SkeletonRows rows={5} />
          )
        ) : items.length === 0 ? (
          <EmptyState>{t('history.baselines.none')}</EmptyState>
        ) : (
          <Table items={items} mayWrite={mayWrite} onDelete={setLeaving} />
        )}
      </Card>
      {making && <NewBaseline onClose={() => setMaking(false)} />}
      {leaving && <DeleteBaseline baseline={leaving} onClose={() => setLeaving(null)} />}
    </>
  );
}

function useRefresh(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ['history', 'baselines'] });
}

function Table({
  items,
  mayWrite,
  onDelete,
}: {
  items: readonly Baseline[];
  mayWrite: boolean;
  onDelete: (baseline: Baseline) => void;
}) {
  const t = useT();
  const language = useLanguage();
  const refresh = useRefresh();
  const approve = useMutation({
    mutationFn: ({ id, approved }: { id: string; approved: boolean }) =>
      call(ENDPOINTS.updateBaseline, { params: { id }, body: { approved } }),
    onSuccess: refresh,
  });
  const head = ['name', 'group', 'at', 'items', 'size', 'owner', 'approved'] as const;
  return (
    <>
      {approve.error && (
        <div className="px-4">
          <ErrorPanel error={approve.error} />
        </div>
      )}
      <PlainTable
        label={t('history.baselines.title')}
        head={[
          ...head.map((id) => ({ id, label: t(`history.baselines.${id}`) })),
          { id: 'acts', label: t('history.baselines.compare') },
        ]}
      >
        {items.map((baseline) => (
          <tr key={baseline.id}>
            <td className="font-medium">{baseline.name}</td>
            <td>
              <GroupWords group={baseline.group} />
            </td>
            <td className="whitespace-nowrap">{dateTimeText(millis(baseline.at), language, false)}</td>
            <td>{baseline.ciCount}</td>
            <td className="whitespace-nowrap">{quantityText(baseline.storedBytes, 'B', language)}</td>
            <td>{actorWord(baseline.owner, t)}</td>
            <td>
              {baseline.approvedBy && baseline.approvedAt
                ? t('history.baselines.approvedBy', {
                    who: actorWord(baseline.approvedBy, t),
                    time: dateTimeText(millis(baseline.approvedAt), language, false),
                  })
                : t('history.baselines.notApproved')}
            </td>
            <td className="no-print">
              <span className="flex flex-wrap justify-end gap-2 py-1">
                <Link
                  to="/drift"
                  search={{ mode: 'baseline', baseline: baseline.id }}
                  className={buttonClass('plain', 'small')}
                >
                  {t('history.baselines.compare')}
                </Link>
                {mayWrite && (
                  <>
                    <Button
                      size="small"
                      disabled={approve.isPending}
                      onClick={() =>
                        approve.mutate({ id: baseline.id, approved: baseline.approvedBy === null })
                      }
                    >
                      {t(
                        baseline.approvedBy === null
                          ? 'history.baselines.approve'
                          : 'history.baselines.unapprove',
                      )}
                    </Button>
                    <Button size="small" onClick={() => onDelete(baseline)}>
                      {t('history.baselines.delete')}
                    </Button>
                  </>
                )}
              </span>
            </td>
          </tr>
        ))}
      </PlainTable>
    </>
  );
}

function GroupWords({ group }: { group: CiGroup }) {
  const t = useT();
  const words = useWords();
  const facts = [
    group.class && (isCiClass(group.class) ? words(CI_CLASSES[group.class].title) : group.class),
    group.model,
    group.tag,
    group.site,
    group.ids && t('history.asOf.count', { count: group.ids.length }),
  ].filter(Boolean);
  return facts.length === 0 ? t('history.baselines.ofAll') : facts.join(t('ui.listSeparator'));
}

function NewBaseline({ onClose }: { onClose: () => void }) {
  const t = useT();
  const words = useWords();
  const refresh = useRefresh();
  const models = useQuery(modelsQuery);
  const [name, setName] = useState('');
  const [ofClass, setClass] = useState('');
  const [model, setModel] = useState('');
  const [tag, setTag] = useState('');
  const [at, setAt] = useState<string | undefined>(undefined);
  const make = useMutation({
    mutationFn: () =>
      call(ENDPOINTS.createBaseline, {
        body: {
          name: name.trim(),
          group: {
            ...(ofClass === '' ? {} : { class: ofClass }),
            ...(model === '' ? {} : { model }),
            ...(tag.trim() === '' ? {} : { tag: tag.trim() }),
          },
          ...(at === undefined ? {} : { at }),
        },
      }),
    onSuccess: async ({ ciCount }) => {
      say(t('history.baselines.created', { count: ciCount }));
      onClose();
      await refresh();
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('history.baselines.new')}
      description={t('history.baselines.lead')}
    >
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '') make.mutate();
        }}
      >
        <TextField
          label={t('history.baselines.name')}
          value={name}
          required
          maxLength={128}
          onChange={(event) => setName(event.target.value)}
        />
        <SelectField
          label={t('history.baselines.class')}
          value={ofClass}
          options={[
            { value: '', label: t('ui.any') },
            ...Object.entries(CI_CLASSES).map(([value, { title }]) => ({ value, label: words(title) })),
          ]}
          onChange={setClass}
        />
        <SelectField
          label={t('history.baselines.model')}
          value={model}
          options={[
            { value: '', label: t('ui.any') },
            ...(models.data?.items ?? []).map((each) => ({
              value: each.model,
              label: `${each.model} (${each.count})`,
            })),
          ]}
          onChange={setModel}
        />
        <TextField
          label={t('history.baselines.tag')}
          value={tag}
          maxLength={64}
          onChange={(event) => setTag(event.target.value)}
        />
        <MomentField label={t('history.baselines.at')} value={at} onChange={setAt} />
        <p className="text-12 text-text-3">{t('history.baselines.atHelp')}</p>
        {make.error && <ErrorPanel error={make.error} />}
        <DialogActions>
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" disabled={name.trim() === '' || make.isPending}>
            {t('history.baselines.create')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function DeleteBaseline({ baseline, onClose }: { baseline: Baseline; onClose: () => void }) {
  const t = useT();
  const refresh = useRefresh();
  const remove = useMutation({
    mutationFn: () => call(ENDPOINTS.deleteBaseline, { params: { id: baseline.id } }),
    onSuccess: async () => {
      onClose();
      await refresh();
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('history.baselines.deleteTitle', { name: baseline.name })}
      description={t('history.baselines.deleteLead')}
    >
      {remove.error && <ErrorPanel error={remove.error} />}
      <DialogActions>
        <Button onClick={onClose}>{t('ui.cancel')}</Button>
        <Button look="danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
          {t('history.baselines.delete')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
