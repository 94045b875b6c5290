/** What the thing is in the books: its number and life, who has it, what it cost and how long it is covered. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { CONDITIONS, type Condition } from '@muster/shared/api/assets.ts';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { NEEDS_REASON } from '@muster/shared/cmdb/lifecycle.ts';
import { call } from '../../api/client.ts';
import { ciQuery } from '../../api/queries.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { AttributeField, typedOf, valueOf } from '../../parts/AttributeField.tsx';
import { actorWord } from '../../parts/changes.ts';
import { classSchemaQuery } from '../../parts/classSchema.ts';
import { valueText, valueTitle } from '../../parts/valueWords.ts';
import { Button, buttonClass } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel, useErrorWords } from '../../ui/ErrorPanel.tsx';
import { DateField } from '../../ui/DateField.tsx';
import { SelectField, TextArea, TextField } from '../../ui/Field.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { say } from '../../ui/Toast.tsx';
import { ABSENT, formatNumber } from '../../util/quantity.ts';
import { dateTimeText, millis } from '../../util/time.ts';
import { LifecycleCard } from './LifecycleCard.tsx';
import { assetQuery } from './queries.ts';

const BOOKS = [
  'purchaseDate',
  'deliveryDate',
  'orderNumber',
  'invoiceNumber',
  'supplier',
  'cost',
  'currency',
  'costCentre',
  'warrantyEnd',
  'warrantyContract',
  'endOfLife',
  'condition',
  'note',
] as const;

export function AssetTab({ ci }: { ci: CiDetail }) {
  return (
    <div className="-mb-4 gap-4 desk:columns-2 [&>*]:mb-4 [&>*]:break-inside-avoid">
      <NumberCard ci={ci} />
      <HolderCard ci={ci} />
      <LifecycleCard ci={ci} />
      <BooksCard ci={ci} />
      <HandedCard ci={ci} />
    </div>
  );
}

/** After a change of this CI: what shows it is read again. */
export function useRefresh(id: string): () => void {
  const queries = useQueryClient();
  return () => {
    for (const key of [['ci', id], ['cmdb'], ['cis'], ['assets']])
      void queries.invalidateQueries({ queryKey: key });
  };
}

function NumberCard({ ci }: { ci: CiDetail }) {
  const t = useT();
  const refusal = useActionRefusal('cis.write');
  const errorWords = useErrorWords();
  const refresh = useRefresh(ci.id);
  const give = useMutation({
    mutationFn: () => call(ENDPOINTS.giveAssetNumber, { params: { id: ci.id } }),
    onSuccess: ({ assetNumber }) => {
      refresh();
      say(t('assets.numberGiven', { number: assetNumber }));
    },
    onError: (error) => say(error instanceof Error ? error.message : errorWords(error)),
  });
  return (
    <Card
      title={t('assets.number')}
      action={
        ci.assetNumber === null ? (
          <Button
            size="small"
            disabledReason={refusal}
            disabled={give.isPending}
            onClick={() => give.mutate()}
          >
            {t('assets.giveNumber')}
          </Button>
        ) : (
          <Link to="/labels" search={{ ids: ci.id }} className={buttonClass('plain', 'small')}>
            {t('assets.labels.one')}
          </Link>
        )
      }
    >
      <p className="font-mono text-16">{ci.assetNumber ?? ABSENT}</p>
      <p className="mt-1 text-12 text-text-3">{t('assets.numberHelp')}</p>
    </Card>
  );
}

function HolderCard({ ci }: { ci: CiDetail }) {
  const t = useT();
  const language = useLanguage();
  const refusal = useActionRefusal('assets.write');
  const asset = useQuery(assetQuery(ci.id));
  const [asking, setAsking] = useState<'out' | 'in' | null>(null);
  if (asset.data === undefined)
    return (
      <Card title={t('assets.holder')} flush={asset.error === null}>
        {asset.error ? (
          <ErrorPanel error={asset.error} retry={() => void asset.refetch()} />
        ) : (
          <SkeletonRows rows={3} />
        )}
      </Card>
    );
  const { user, location, value, currency, monthsLeft, warrantyDays, contract, open } = asset.data;
  const facts = [
    [t('assets.user'), user?.name ?? ABSENT, user?.id],
    [t('assets.location'), location?.name ?? ci.site ?? ABSENT, location?.id],
    [t('assets.due'), open?.due ?? ABSENT, undefined],
    [
      t('assets.value'),
      value === null
        ? ABSENT
        : t('assets.valueOf', {
            value: `${formatNumber(value, 2, language)} ${currency ?? ''}`.trim(),
            count: monthsLeft ?? 0,
          }),
      undefined,
    ],
    [
      t('assets.warranty'),
      warrantyDays === null
        ? ABSENT
        : t(warrantyDays < 0 ? 'assets.warrantyOver' : 'assets.warrantyLeft', {
            count: Math.abs(warrantyDays),
          }),
      undefined,
    ],
    [t('assets.contract'), contract?.name ?? ABSENT, contract?.id],
  ] as const;
  return (
    <Card
      title={t('assets.holder')}
      flush
      action={
        <>
          <Button size="small" disabledReason={refusal} onClick={() => setAsking('out')}>
            {t(user === null ? 'assets.checkOut' : 'assets.handOn')}
          </Button>
          {user !== null && (
            <Button size="small" disabledReason={refusal} onClick={() => setAsking('in')}>
              {t('assets.checkIn')}
            </Button>
          )}
        </>
      }
    >
      <dl>
        {facts.map(([label, text, id]) => (
          <div
            key={label}
            className="grid min-h-(--row) grid-cols-[minmax(96px,30%)_minmax(0,1fr)] items-center gap-x-3 border-t border-line px-4 py-1"
          >
            <dt className="text-text-3">{label}</dt>
            <dd className="min-w-0 break-words">
              {id === undefined ? (
                text
              ) : (
                <Link to="/cis/$id" params={{ id }} className="font-medium text-accent hover:underline">
                  {text}
                </Link>
              )}
            </dd>
          </div>
        ))}
      </dl>
      {asking !== null && <HandDialog ci={ci} kind={asking} onClose={() => setAsking(null)} />}
    </Card>
  );
}

const BACK_TO = ['in_stock', 'in_repair', 'defective', 'retired'] as const;

function HandDialog({ ci, kind, onClose }: { ci: CiDetail; kind: 'out' | 'in'; onClose: () => void }) {
  const t = useT();
  const language = useLanguage();
  const errorWords = useErrorWords();
  const refresh = useRefresh(ci.id);
  const [person, setPerson] = useState('');
  const [due, setDue] = useState('');
  const [condition, setCondition] = useState<Condition>('good');
  const [to, setTo] = useState<(typeof BACK_TO)[number]>('in_stock');
  const [note, setNote] = useState('');
  const people = useQuery({
    queryKey: ['cmdb', 'people'],
    queryFn: ({ signal }) =>
      call(ENDPOINTS.listCis, { query: { class: 'Person', limit: LIST_LIMIT_MAX } }, signal),
  }).data?.items;
  const save = useMutation({
    mutationFn: () =>
      kind === 'out'
        ? call(ENDPOINTS.checkOut, {
            params: { id: ci.id },
            body: { personName: person.trim(), condition, due: due === '' ? null : due, note },
          })
        : call(ENDPOINTS.checkIn, { params: { id: ci.id }, body: { condition, note, to } }),
    onSuccess: (row) => {
      refresh();
      say(
        t(kind === 'out' ? 'assets.handedTo' : 'assets.takenBack', {
          name: ci.name,
          person: row.person.name,
        }),
      );
      onClose();
    },
  });
  const nobody = kind === 'out' && person.trim() === '';
  const needsReason = kind === 'in' && NEEDS_REASON.includes(to);
  const isLacking = nobody || (needsReason && note.trim() === '');
  return (
    <Dialog
      open
      onClose={onClose}
      title={t(kind === 'out' ? 'assets.checkOutOf' : 'assets.checkInOf', { name: ci.name })}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isLacking) save.mutate();
        }}
        className="grid gap-3"
      >
        {kind === 'out' && (
          <>
            <TextField
              label={t('assets.user')}
              help={t('assets.userHelp')}
              value={person}
              maxLength={128}
              list="asset-people"
              onChange={(event) => setPerson(event.target.value)}
            />
            <datalist id="asset-people">
              {people?.map(({ id, name }) => (
                <option key={id} value={name}>
                  {name}
                </option>
              ))}
            </datalist>
            <DateField
              label={t('assets.due')}
              help={t('assets.dueHelp')}
              type="date"
              value={due}
              onChange={(event) => setDue(event.target.value)}
            />
          </>
        )}
        <SelectField
          label={t('assets.condition')}
          value={condition}
          options={CONDITIONS.map((value) => ({ value, label: t(`assets.conditions.${value}`) }))}
          onChange={setCondition}
        />
        {kind === 'in' && (
          <SelectField
            label={t('assets.goesTo')}
            value={to}
            options={BACK_TO.map((value) => ({
              value,
              label: valueText('', 'lifecycle', value, t, language),
            }))}
            onChange={setTo}
          />
        )}
        <TextArea
          label={t(needsReason ? 'assets.reason' : 'assets.note')}
          help={needsReason ? t('assets.reasonHelp') : undefined}
          required={needsReason}
          value={note}
          maxLength={1_000}
          onChange={(event) => setNote(event.target.value)}
        />
        {save.error && (
          <p role="alert" className="font-medium text-crit-fg">
            {errorWords(save.error)} {save.error.message}
          </p>
        )}
        <DialogActions>
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" disabled={isLacking || save.isPending}>
            {t(kind === 'out' ? 'assets.checkOut' : 'assets.checkIn')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function BooksCard({ ci }: { ci: CiDetail }) {
  const t = useT();
  const language = useLanguage();
  const refusal = useActionRefusal('cis.write');
  const [editing, setEditing] = useState(false);
  const schema = useQuery(classSchemaQuery).data;
  const own = ownNames(ci, schema?.registry);
  return (
    <Card
      title={t('assets.books')}
      flush
      action={
        <Button size="small" disabledReason={refusal} onClick={() => setEditing(true)}>
          {t('cmdb.edit')}
        </Button>
      }
    >
      <dl>
        {[...BOOKS, ...own].map((name) => {
          const value = ci.details.find((each) => each.name === name)?.value;
          return (
            <div
              key={name}
              className="grid min-h-(--row) grid-cols-[minmax(96px,30%)_minmax(0,1fr)] items-center gap-x-3 border-t border-line px-4 py-1"
            >
              <dt className="text-text-3">{valueTitle(ci.class, name, t, language)}</dt>
              <dd className="min-w-0 break-words">{valueText(ci.class, name, value, t, language)}</dd>
            </div>
          );
        })}
      </dl>
      {editing && <ValuesDialog ci={ci} names={[...BOOKS, ...own]} onClose={() => setEditing(false)} />}
    </Card>
  );
}

type Registry = NonNullable<ReturnType<typeof useRegistry>>;
function useRegistry() {
  return useQuery(classSchemaQuery).data?.registry;
}

/** Attributes that the administrator added to the class of the CI. */
function ownNames(ci: CiDetail, registry: Registry | undefined): string[] {
  return (registry?.attributesOf(ci.subclass ?? ci.class) ?? [])
    .filter(({ own }) => own !== null)
    .map(({ name }) => name);
}

/** Values that people keep, in one form made from the class. */
export function ValuesDialog({
  ci,
  names,
  onClose,
}: {
  ci: CiDetail;
  names: readonly string[];
  onClose: () => void;
}) {
  const t = useT();
  const errorWords = useErrorWords();
  const queries = useQueryClient();
  const refresh = useRefresh(ci.id);
  const registry = useRegistry();
  const held = (name: string) => ci.details.find((each) => each.name === name)?.value ?? null;
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const fields = (registry?.attributesOf(ci.subclass ?? ci.class) ?? []).filter(({ name }) =>
    names.includes(name),
  );
  const values = fields.flatMap(({ name, definition }) => {
    const text = typed[name];
    return text === undefined || text === typedOf(held(name))
      ? []
      : [{ name, value: valueOf(definition.form, text) }];
  });
  const wrong = values.find(({ value }) => value === undefined)?.name;
  const save = useMutation({
    mutationFn: () =>
      call(ENDPOINTS.updateCi, {
        params: { id: ci.id },
        body: { set: Object.fromEntries(values.map(({ name, value }) => [name, value])) },
      }),
    onSuccess: (changed) => {
      queries.setQueryData(ciQuery(ci.id).queryKey, changed);
      refresh();
      say(t('cmdb.saved', { name: changed.name }));
      onClose();
    },
  });
  return (
    <Dialog open onClose={onClose} title={t('assets.booksOf', { name: ci.name })}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (values.length === 0) onClose();
          else if (wrong === undefined) save.mutate();
        }}
      >
        <div className="grid gap-3 tablet:grid-cols-2">
          {fields.map(({ name, definition, own }) => (
            <AttributeField
              key={name}
              definition={{
                ...definition,
                unit: own?.definition.unit,
                required: own?.definition.required,
              }}
              value={typed[name] ?? typedOf(held(name))}
              error={name === wrong ? t('cmdb.lock.notNumber') : undefined}
              onChange={(text) => setTyped((before) => ({ ...before, [name]: text }))}
            />
          ))}
        </div>
        {save.error && (
          <p role="alert" className="mt-3 font-medium text-crit-fg">
            {errorWords(save.error)} {save.error.message}
          </p>
        )}
        <DialogActions>
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" disabled={save.isPending || wrong !== undefined}>
            {t('ui.save')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function HandedCard({ ci }: { ci: CiDetail }) {
  const t = useT();
  const language = useLanguage();
  const rows = useQuery({
    queryKey: ['assets', 'of', ci.id],
    queryFn: ({ signal }) =>
      call(ENDPOINTS.listAssignments, { query: { ci: ci.id, limit: LIST_LIMIT_MAX } }, signal),
  });
  if (rows.data === undefined) return null;
  const { items } = rows.data;
  return (
    <Card title={t('assets.handedTitle')} note={items.length} flush>
      {items.length === 0 ? (
        <EmptyState>{t('assets.neverHanded')}</EmptyState>
      ) : (
        <PlainTable
          label={t('assets.handedTitle')}
          head={[
            { id: 'what', label: t('assets.event') },
            { id: 'person', label: t('assets.user') },
            { id: 'condition', label: t('assets.condition') },
            { id: 'at', label: t('assets.handedOn'), align: 'right' },
          ]}
        >
          {items.map((row) => (
            <tr key={row.id}>
              <td>
                <Link
                  to="/assignments/$id"
                  params={{ id: row.id }}
                  className="font-medium whitespace-nowrap hover:text-accent"
                >
                  {t(`assets.kind.${row.kind}`)}
                </Link>
              </td>
              <td>
                {row.person.name}
                {row.note !== '' && <span className="block text-12 text-text-3">{row.note}</span>}
              </td>
              <td className="text-text-2">{t(`assets.conditions.${row.condition}`)}</td>
              <td className="text-right text-12 text-text-3">
                {dateTimeText(millis(row.at), language, false)}
                <span className="block">{actorWord(row.actor, t)}</span>
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
    </Card>
  );
}
