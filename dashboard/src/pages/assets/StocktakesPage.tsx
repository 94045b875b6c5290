/** Counting the stock: what was scanned, what only its agent shows, what is missing, what was not expected there. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { actorWord } from '../../parts/changes.ts';
import { TableButton } from '../../parts/TableButton.tsx';
import { Button, buttonClass } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { ABSENT } from '../../util/quantity.ts';
import { dateTimeText, millis } from '../../util/time.ts';
import { Waiting } from './Waiting.tsx';
import { locationsQuery, stocktakeQuery, stocktakesQuery } from './queries.ts';

export function StocktakesPage() {
  const t = useT();
  const title = t('assets.count.title');
  usePageTitle(title);
  const language = useLanguage();
  const refusal = useActionRefusal('assets.write');
  const { open } = useSearch({ from: `/app${'/stocktakes'}` });
  const list = useQuery(stocktakesQuery);
  const [making, setMaking] = useState(false);
  const items = list.data?.items;
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="mr-auto">{title}</h1>
        <Button icon="plus" disabledReason={refusal} onClick={() => setMaking(true)}>
          {t('assets.count.new')}
        </Button>
      </div>
      {items === undefined ? (
        <Waiting error={list.error} retry={() => void list.refetch()} />
      ) : (
        <Card className="mt-3" title={title} note={items.length} flush>
          {items.length === 0 ? (
            <EmptyState>{t('assets.count.none')}</EmptyState>
          ) : (
            <PlainTable
              label={title}
              head={[
                { id: 'name', label: t('assets.name') },
                { id: 'found', label: t('assets.count.state.found'), align: 'right' },
                { id: 'missing', label: t('assets.count.state.missing'), align: 'right' },
                { id: 'state', label: t('assets.import.state') },
                { id: 'at', label: t('assets.import.at'), align: 'right', className: 'max-tablet:hidden' },
              ]}
            >
              {items.map((item) => (
                <tr key={item.id}>
                  <td>
                    <Link
                      to="/stocktakes"
                      search={{ open: item.id }}
                      aria-current={item.id === open ? 'true' : undefined}
                      className="font-medium hover:text-accent"
                    >
                      {item.name}
                    </Link>
                  </td>
                  <td className="text-right">
                    {item.counts.found} / {item.counts.expected}
                  </td>
                  <td className="text-right">{item.counts.missing}</td>
                  <td className="text-text-2">
                    {t(item.endedAt === null ? 'assets.count.running' : 'assets.count.over')}
                  </td>
                  <td className="text-right whitespace-nowrap text-text-3 max-tablet:hidden">
                    {dateTimeText(millis(item.startedAt), language, false)}
                  </td>
                </tr>
              ))}
            </PlainTable>
          )}
        </Card>
      )}
      {open !== undefined && <Count id={open} />}
      {making && <NewDialog onClose={() => setMaking(false)} />}
    </>
  );
}

const TONES = {
  found: 'text-up-fg',
  seen: 'text-text-2',
  missing: 'text-crit-fg',
  unexpected: 'text-warn-fg',
} as const;

function Count({ id }: { id: string }) {
  const t = useT();
  const language = useLanguage();
  const queries = useQueryClient();
  const refusal = useActionRefusal('assets.write');
  const count = useQuery(stocktakeQuery(id));
  const end = useMutation({
    mutationFn: () => call(ENDPOINTS.endStocktake, { params: { id } }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['stocktakes'] }),
  });
  if (count.data === undefined) return <Waiting error={count.error} retry={() => void count.refetch()} />;
  const { name, items, endedAt } = count.data;
  return (
    <Card
      className="mt-4"
      title={name}
      flush
      action={
        <>
          {endedAt === null && (
            <>
              <Link to="/scan" search={{ count: id }} className={buttonClass()}>
                {t('assets.scan.title')}
              </Link>
              <Button disabledReason={refusal} disabled={end.isPending} onClick={() => end.mutate()}>
                {t('assets.count.end')}
              </Button>
            </>
          )}
          <TableButton
            name={`stock-take-${name}`}
            rows={() => [
              [t('assets.number'), t('assets.name'), t('assets.import.state'), t('assets.location')],
              ...items.map((item) => [
                item.assetNumber,
                item.name,
                t(`assets.count.state.${item.state}`),
                item.expectedAt,
              ]),
            ]}
          />
        </>
      }
    >
      {items.length === 0 ? (
        <EmptyState>{t('assets.count.empty')}</EmptyState>
      ) : (
        <PlainTable
          label={name}
          head={[
            { id: 'number', label: t('assets.number') },
            { id: 'name', label: t('assets.name') },
            { id: 'state', label: t('assets.import.state') },
            { id: 'where', label: t('assets.location'), className: 'max-tablet:hidden' },
            { id: 'who', label: t('assets.count.by'), className: 'max-tablet:hidden' },
          ]}
        >
          {[...items]
            .sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state))
            .map((item) => (
              <tr key={`${item.id ?? ''} ${item.name}`}>
                <td className="font-mono text-12">{item.assetNumber ?? ABSENT}</td>
                <td>
                  {item.id === null ? (
                    item.name
                  ) : (
                    <Link to="/cis/$id" params={{ id: item.id }} className="font-medium hover:text-accent">
                      {item.name}
                    </Link>
                  )}
                </td>
                <td className={TONES[item.state]}>{t(`assets.count.state.${item.state}`)}</td>
                <td className="text-text-2 max-tablet:hidden">{item.expectedAt ?? ABSENT}</td>
                <td className="text-text-3 max-tablet:hidden">
                  {item.scannedBy === null || item.scannedAt === null
                    ? ABSENT
                    : `${actorWord(item.scannedBy, t)}, ${dateTimeText(millis(item.scannedAt), language, false)}`}
                </td>
              </tr>
            ))}
        </PlainTable>
      )}
    </Card>
  );
}

const ORDER = ['missing', 'unexpected', 'seen', 'found'] as const;
const ANYWHERE = '-';

function NewDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const errorWords = useErrorWords();
  const locations = useQuery(locationsQuery).data?.items ?? [];
  const [name, setName] = useState('');
  const [locationId, setLocationId] = useState(ANYWHERE);
  const [site, setSite] = useState('');
  const save = useMutation({
    mutationFn: () =>
      call(ENDPOINTS.createStocktake, {
        body: {
          name: name.trim(),
          locationId: locationId === ANYWHERE ? null : locationId,
          site: site.trim() || null,
        },
      }),
    onSuccess: (made) => {
      void queries.invalidateQueries({ queryKey: ['stocktakes'] });
      void navigate({ to: '/stocktakes', search: { open: made.id } });
      onClose();
    },
  });
  return (
    <Dialog open onClose={onClose} title={t('assets.count.new')} description={t('assets.count.intro')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '') save.mutate();
        }}
        className="grid gap-3"
      >
        <TextField
          label={t('assets.name')}
          value={name}
          maxLength={128}
          onChange={(event) => setName(event.target.value)}
        />
        <SelectField
          label={t('assets.location')}
          value={locationId}
          options={[
            { value: ANYWHERE, label: t('assets.count.anywhere') },
            ...locations.map((each) => ({ value: each.id, label: each.name })),
          ]}
          onChange={setLocationId}
        />
        <TextField
          label={t('assets.site')}
          value={site}
          maxLength={64}
          onChange={(event) => setSite(event.target.value)}
        />
        {save.error && (
          <p role="alert" className="font-medium text-crit-fg">
            {errorWords(save.error)}
          </p>
        )}
        <DialogActions>
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" disabled={name.trim() === '' || save.isPending}>
            {t('assets.count.begin')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
