/** Licences against what is installed: enough or not, by metric, with who they are assigned to. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import {
  type Compliance,
  type Licence,
  LICENCE_METRICS,
  type LicenceDetail,
  type LicenceFields,
} from '@muster/shared/api/software.ts';
import { call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useT } from '../../i18n/i18n.ts';
import { AskDialog } from '../../parts/AskDialog.tsx';
import { CiChooser, type ChosenCi } from '../../parts/CiChooser.tsx';
import { useControlErrorWords, useControlMutation } from '../../parts/controlQueries.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { CsvButton } from '../../ui/CsvButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { CheckField, SelectField, TextField } from '../../ui/Field.tsx';
import { FilterTag } from '../../ui/FilterTag.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import type { StateLook } from '../../ui/states.ts';
import { say } from '../../ui/Toast.tsx';
import { saveCsv } from '../../util/csv.ts';
import { ProductPicker } from './ProductPicker.tsx';
import { licenceQuery, licencesQuery } from './queries.ts';

const LOOKS = {
  coming: { word: 'control.licences.state.coming', glyph: 'ring', tone: 'idle' },
  current: { word: 'control.licences.state.current', glyph: 'tick', tone: 'up' },
  expiring: { word: 'control.licences.state.expiring', glyph: 'triangle', tone: 'warn' },
  expired: { word: 'control.licences.state.expired', glyph: 'square-x', tone: 'crit' },
} as const satisfies Record<Licence['state'], StateLook>;

export function LicencesTab({
  open,
  onOpen,
}: {
  open: string | undefined;
  onOpen: (id: string | undefined) => void;
}) {
  const t = useT();
  const licences = useQuery(licencesQuery);
  const refusal = useActionRefusal('cis.write');
  const [making, setMaking] = useState(false);
  const { items, compliance } = licences.data ?? {};
  const save = async () =>
    saveCsv('licences.csv', [
      [
        'name',
        'product',
        'metric',
        'quantity',
        'used',
        'starts',
        'ends',
        'state',
        'number',
        'contract',
        'cost',
        'currency',
      ],
      ...(items ?? []).map((one) => [
        one.name,
        one.productName,
        one.metric,
        one.quantity,
        one.used,
        one.startsOn,
        one.endsOn,
        one.state,
        one.licenceNumber,
        one.contract,
        one.cost,
        one.currency,
      ]),
    ]);
  return (
    <>
      {open !== undefined && <LicenceCard id={open} onClose={() => onOpen(undefined)} />}
      {compliance !== undefined && compliance.length > 0 && <ComplianceCard rows={compliance} />}
      <Card
        title={t('control.software.tab.licences')}
        flush
        action={
          <>
            <CsvButton save={save} disabled={!items?.length} />
            <Button
              size="small"
              look="primary"
              icon="plus"
              disabledReason={refusal}
              onClick={() => setMaking(true)}
            >
              {t('control.licences.add')}
            </Button>
          </>
        }
      >
        {items === undefined ? (
          licences.error ? (
            <div className="px-4">
              <ErrorPanel error={licences.error} retry={() => void licences.refetch()} />
            </div>
          ) : (
            <SkeletonRows rows={3} />
          )
        ) : items.length === 0 ? (
          <EmptyState>{t('control.licences.none')}</EmptyState>
        ) : (
          <PlainTable
            label={t('control.software.tab.licences')}
            head={[
              { id: 'name', label: t('control.licences.name') },
              { id: 'state', label: t('control.state.label') },
              { id: 'used', label: t('control.licences.used'), align: 'right' },
              { id: 'ends', label: t('control.licences.endsOn'), className: 'max-tablet:hidden' },
            ]}
          >
            {items.map((one) => (
              <tr key={one.id} className="hover:bg-hover">
                <td className="max-w-80">
                  <button
                    type="button"
                    className="block max-w-full truncate text-left font-medium hover:text-accent coarse:min-h-11"
                    onClick={() => onOpen(one.id)}
                  >
                    {one.name}
                  </button>
                  <span className="block truncate text-12 text-text-3">
                    {one.productName} · {t(`control.licences.metric.${one.metric}`)}
                  </span>
                </td>
                <td>
                  <StatusBadge look={LOOKS[one.state]} />
                </td>
                <td className="text-right whitespace-nowrap">
                  {one.used} / {one.quantity === null || one.metric === 'site' ? '∞' : one.quantity}
                </td>
                <td className="text-text-2 max-tablet:hidden">{one.endsOn ?? '–'}</td>
              </tr>
            ))}
          </PlainTable>
        )}
        {making && <LicenceDialog onClose={() => setMaking(false)} />}
      </Card>
    </>
  );
}

function ComplianceCard({ rows }: { rows: readonly Compliance[] }) {
  const t = useT();
  return (
    <Card title={t('control.licences.compliance')} note={t('control.licences.complianceNote')} flush>
      <PlainTable
        label={t('control.licences.compliance')}
        head={[
          { id: 'product', label: t('control.licences.product') },
          { id: 'metric', label: t('control.licences.metricLabel'), className: 'max-tablet:hidden' },
          { id: 'entitled', label: t('control.licences.entitled'), align: 'right' },
          { id: 'installed', label: t('control.licences.installed'), align: 'right' },
          { id: 'balance', label: t('control.licences.balance'), align: 'right' },
          {
            id: 'unknown',
            label: t('control.licences.unknown'),
            align: 'right',
            className: 'max-tablet:hidden',
          },
        ]}
      >
        {rows.map((row) => (
          <tr key={`${row.productId} ${row.metric}`}>
            <td className="max-w-60 truncate font-medium">{row.productName}</td>
            <td className="max-tablet:hidden">{t(`control.licences.metric.${row.metric}`)}</td>
            <td className="text-right">{row.entitled ?? '∞'}</td>
            <td className="text-right">{row.installed}</td>
            <td className={row.short > 0 ? 'text-right font-medium text-crit-fg' : 'text-right text-text-2'}>
              {row.short > 0 ? `−${row.short}` : row.spare === null ? '∞' : `+${row.spare}`}
            </td>
            <td className="text-right text-text-3 max-tablet:hidden">{row.unknown}</td>
          </tr>
        ))}
      </PlainTable>
    </Card>
  );
}

function LicenceCard({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useT();
  const words = useControlErrorWords();
  const licence = useQuery(licenceQuery(id));
  const refusal = useActionRefusal('cis.write');
  const [asking, setAsking] = useState<'edit' | 'assign' | null>(null);
  const end = useControlMutation((relationId: string) =>
    call(ENDPOINTS.endRelation, { params: { id: relationId } }),
  );
  const one = licence.data;
  return (
    <Card
      title={one?.name ?? t('ui.loading')}
      note={one?.productName}
      action={
        <>
          <Button size="small" disabledReason={refusal} onClick={() => setAsking('edit')}>
            {t('control.edit')}
          </Button>
          <Button size="small" disabledReason={refusal} onClick={() => setAsking('assign')}>
            {t('control.licences.assign')}
          </Button>
          <Button size="small" look="quiet" icon="close" onClick={onClose}>
            {t('ui.close')}
          </Button>
        </>
      }
    >
      {licence.error && <ErrorPanel error={licence.error} retry={() => void licence.refetch()} />}
      {one && (
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
          <Fact name={t('control.licences.entitled')}>
            {one.quantity ?? '∞'} ({t(`control.licences.metric.${one.metric}`)})
          </Fact>
          <Fact name={t('control.licences.installed')}>{one.compliance.installed}</Fact>
          <Fact name={t('control.licences.range')}>
            {one.versionFrom ?? '…'} – {one.versionTo ?? '…'}
          </Fact>
          <Fact name={t('control.licences.days')}>
            {one.startsOn ?? '…'} – {one.endsOn ?? '…'}
          </Fact>
          <Fact name={t('control.licences.number')}>{one.licenceNumber ?? '–'}</Fact>
          <Fact name={t('control.licences.contract')}>{one.contract ?? '–'}</Fact>
          <Fact name={t('control.licences.cost')}>
            {one.cost === null ? '–' : `${one.cost} ${one.currency ?? ''}`}
          </Fact>
          <Fact name={t('control.licences.assigned')}>
            <span className="flex flex-wrap gap-2">
              {one.assignments.map(({ relationId, name }) => (
                <FilterTag
                  key={relationId}
                  onRemove={() => end.mutate(relationId, { onError: (error) => say(words(error)) })}
                >
                  {name}
                </FilterTag>
              ))}
              {one.assignments.length === 0 && '–'}
            </span>
          </Fact>
          {one.uncovered.length > 0 && (
            <Fact name={t('control.licences.uncovered')}>
              {one.uncovered.map(({ id: ciId, name, version }) => (
                <span key={ciId} className="mr-3 inline-block">
                  {ciId.startsWith('login:') ? (
                    name
                  ) : (
                    <Link to="/cis/$id" params={{ id: ciId }} className="text-accent hover:underline">
                      {name}
                    </Link>
                  )}{' '}
                  <span className="text-text-3">{version}</span>
                </span>
              ))}
            </Fact>
          )}
        </dl>
      )}
      {one && asking === 'edit' && <LicenceDialog licence={one} onClose={() => setAsking(null)} />}
      {one && asking === 'assign' && <AssignDialog licence={one} onClose={() => setAsking(null)} />}
    </Card>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt className="text-text-3">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}

function AssignDialog({ licence, onClose }: { licence: Licence; onClose: () => void }) {
  const t = useT();
  const [chosen, setChosen] = useState<readonly ChosenCi[]>([]);
  const assign = useControlMutation(() =>
    call(ENDPOINTS.createRelations, {
      body: {
        items: chosen.map(({ id }) => ({ type: 'licensedBy' as const, fromId: id, toId: licence.id })),
      },
    }),
  );
  return (
    <AskDialog
      title={t('control.licences.assign')}
      text={t('control.licences.assignText')}
      button={t('control.licences.assign')}
      right="cis.write"
      ready={chosen.length > 0}
      state={assign}
      onClose={onClose}
      onSubmit={() => assign.mutate(undefined, { onSuccess: onClose })}
    >
      <CiChooser label={t('control.changes.cis')} chosen={chosen} onChange={setChosen} />
    </AskDialog>
  );
}

const NEW: Omit<LicenceFields, 'productId'> = {
  name: '',
  licenceNumber: null,
  versionFrom: null,
  versionTo: null,
  metric: 'device',
  quantity: 1,
  startsOn: null,
  endsOn: null,
  warnDays: 30,
  cost: null,
  currency: null,
  contract: null,
  named: false,
};

const FIELDS = [
  'licenceNumber',
  'versionFrom',
  'versionTo',
  'startsOn',
  'endsOn',
  'contract',
  'currency',
] as const;

function LicenceDialog({ licence, onClose }: { licence?: LicenceDetail; onClose: () => void }) {
  const t = useT();
  const [fields, setFields] = useState<Omit<LicenceFields, 'productId'>>(licence ? fieldsOf(licence) : NEW);
  const [product, setProduct] = useState<{ id: string; name: string } | null>(
    licence ? { id: licence.productId, name: licence.productName } : null,
  );
  const change = (of: Partial<LicenceFields>) => setFields({ ...fields, ...of });
  const save = useControlMutation((body: LicenceFields) =>
    licence
      ? call(ENDPOINTS.updateLicence, { params: { id: licence.id }, body })
      : call(ENDPOINTS.createLicence, { body }),
  );
  return (
    <AskDialog
      title={t(licence ? 'control.edit' : 'control.licences.add')}
      button={t('control.save')}
      right="cis.write"
      ready={fields.name.trim() !== '' && product !== null}
      state={save}
      onClose={onClose}
      onSubmit={() => product && save.mutate({ ...fields, productId: product.id }, { onSuccess: onClose })}
    >
      <TextField
        label={t('control.licences.name')}
        value={fields.name}
        required
        maxLength={200}
        onChange={(event) => change({ name: event.target.value })}
      />
      <ProductPicker label={t('control.licences.product')} value={product} onChange={setProduct} />
      <div className="grid gap-3 tablet:grid-cols-2">
        <SelectField
          label={t('control.licences.metricLabel')}
          value={fields.metric}
          options={LICENCE_METRICS.map((value) => ({ value, label: t(`control.licences.metric.${value}`) }))}
          onChange={(metric) => change({ metric })}
        />
        <NumberField
          label={t('control.licences.quantity')}
          help={t('control.licences.quantityHelp')}
          value={fields.quantity}
          onChange={(quantity) => change({ quantity: quantity === null ? null : Math.round(quantity) })}
        />
        {FIELDS.map((name) => (
          <TextField
            key={name}
            label={t(`control.licences.field.${name}`)}
            type={name === 'startsOn' || name === 'endsOn' ? 'date' : 'text'}
            value={fields[name] ?? ''}
            maxLength={name === 'currency' ? 8 : 128}
            onChange={(event) => change({ [name]: event.target.value === '' ? null : event.target.value })}
          />
        ))}
        <NumberField
          label={t('control.licences.cost')}
          value={fields.cost}
          onChange={(cost) => change({ cost })}
        />
        <NumberField
          label={t('control.licences.warnDays')}
          value={fields.warnDays}
          onChange={(days) => change({ warnDays: Math.round(days ?? 0) })}
        />
      </div>
      <CheckField
        label={t('control.licences.named')}
        checked={fields.named}
        onChange={(event) => change({ named: event.target.checked })}
      />
    </AskDialog>
  );
}

function NumberField({
  label,
  help,
  value,
  onChange,
}: {
  label: string;
  help?: string;
  value: number | null;
  onChange: (value: number | null) => void;
}) {
  return (
    <TextField
      label={label}
      help={help}
      type="number"
      min={0}
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value === '' ? null : Number(event.target.value))}
    />
  );
}

function fieldsOf(licence: LicenceDetail): Omit<LicenceFields, 'productId'> {
  const { name, licenceNumber, versionFrom, versionTo, metric, quantity, startsOn, endsOn, ...rest } =
    licence;
  const { warnDays, cost, currency, contract, named } = rest;
  return {
    name,
    licenceNumber,
    versionFrom,
    versionTo,
    metric,
    quantity,
    startsOn,
    endsOn,
    warnDays,
    cost,
    currency,
    contract,
    named,
  };
}
