/** One metric of Prometheus and what it is here: a line of a mapping, new or changed. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Mapping, type MappingFields, MappingLine } from '@muster/shared/api/remote-write.ts';
import { METRIC_NAMES, METRICS, type MetricName } from '@muster/shared/metrics/catalogue.ts';
import { isSurelyCounter } from '@muster/shared/metrics/counter-name.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { say } from '../../ui/Toast.tsx';
import { FormDialog } from '../settings/FormDialog.tsx';
import { mappingsQuery, useSaveMapping } from './exchangeQueries.ts';
import { conditionsFrom, conditionsText } from './exchangeText.ts';

export interface LineDialogProps {
  /** null: it is chosen here. */
  readonly mapping: Mapping | null;
  /** null: a new line. */
  readonly index: number | null;
  /** Metric of a new line; '' where it is typed. */
  readonly from: string;
  readonly onClose: () => void;
}

type Field = 'from' | 'factor' | 'instance' | 'where';

export function LineDialog({ mapping, index, from: fromAtFirst, onClose }: LineDialogProps) {
  const t = useT();
  const language = useLanguage();
  const mappings = useQuery(mappingsQuery).data ?? [];
  const save = useSaveMapping();
  const line = index === null ? undefined : mapping?.lines[index];
  const [mappingId, setMappingId] = useState(mapping?.id ?? mappings[0]?.id ?? '');
  const [from, setFrom] = useState(line?.from ?? fromAtFirst);
  const [to, setTo] = useState<MetricName>(line?.to ?? 'cpu.utilisation');
  const [factor, setFactor] = useState(String(line?.factor ?? 1));
  const [instance, setInstance] = useState(line?.instanceLabel ?? '');
  const [where, setWhere] = useState(conditionsText(line?.where ?? []));
  const [wrong, setWrong] = useState<Partial<Record<Field, Key>>>({});
  const { instance: instanceKind, unit } = METRICS[to];
  const into = mapping ?? mappings.find(({ id }) => id === mappingId);

  function put(lines: MappingFields['lines']): void {
    if (!into) return;
    const { id, origin: _origin, ...fields } = into;
    save.mutate(
      { id, body: { ...fields, lines } },
      {
        onSuccess: () => {
          say(t('exchange.mappings.saved', { name: fields.name }));
          onClose();
        },
      },
    );
  }

  function submit(): void {
    const conditions = conditionsFrom(where);
    const times = Number(factor);
    const isInstance = instanceKind === 'none' || MappingLine.shape.instanceLabel.safeParse(instance).success;
    const isCounter = METRICS[to].kind === 'gauge' && isSurelyCounter(from.trim());
    const found: Partial<Record<Field, Key>> = {
      ...(MappingLine.shape.from.safeParse(from).success ? {} : { from: 'exchange.wrong.metric' }),
      ...(isCounter ? { from: 'exchange.wrong.counter' } : {}),
      ...(times > 0 && Number.isFinite(times) ? {} : { factor: 'exchange.wrong.factor' }),
      ...(isInstance ? {} : { instance: 'exchange.wrong.label' }),
      ...(conditions === null ? { where: 'exchange.wrong.conditions' } : {}),
    };
    setWrong(found);
    if (conditions === null || Object.keys(found).length > 0 || !into) return;
    const made: MappingLine = {
      from: from.trim(),
      to,
      factor: times,
      instanceLabel: instanceKind === 'none' ? null : instance.trim(),
      where: conditions,
    };
    put(index === null ? [...into.lines, made] : into.lines.with(index, made));
  }

  const said = (field: Field) => (wrong[field] === undefined ? undefined : t(wrong[field]));
  return (
    <FormDialog
      title={line ? t('exchange.line.editTitle', { name: line.from }) : t('exchange.line.newTitle')}
      text={t('exchange.line.text')}
      button={t('exchange.line.save')}
      right="exchange.write"
      ready={into !== undefined}
      state={save}
      onClose={onClose}
      onSubmit={submit}
    >
      {mapping === null && (
        <SelectField
          label={t('exchange.line.mapping')}
          value={mappingId}
          options={mappings.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={setMappingId}
        />
      )}
      <TextField
        label={t('exchange.line.from')}
        value={from}
        maxLength={256}
        error={said('from')}
        onChange={(event) => setFrom(event.target.value)}
      />
      <SelectField
        label={t('exchange.line.to')}
        value={to}
        options={METRIC_NAMES.map((metric) => ({
          value: metric,
          label: `${METRICS[metric].title[language]} – ${metric} (${t(`exchange.line.kind.${METRICS[metric].kind}`)})`,
        }))}
        onChange={setTo}
      />
      <TextField
        label={t('exchange.line.factor')}
        help={t('exchange.line.factorHelp', { unit: unit === '1' ? '1' : unit })}
        inputMode="decimal"
        value={factor}
        error={said('factor')}
        onChange={(event) => setFactor(event.target.value)}
      />
      {instanceKind !== 'none' && (
        <TextField
          label={t('exchange.line.instance')}
          help={t('exchange.line.instanceHelp', { to, kind: t(`exchange.instanceKind.${instanceKind}`) })}
          value={instance}
          maxLength={256}
          error={said('instance')}
          onChange={(event) => setInstance(event.target.value)}
        />
      )}
      <TextField
        label={t('exchange.line.where')}
        help={t('exchange.line.whereHelp')}
        value={where}
        maxLength={4000}
        error={said('where')}
        onChange={(event) => setWhere(event.target.value)}
      />
      {line && into && (
        <div>
          <Button
            size="small"
            aria-label={t('exchange.mappings.removeLine', { name: line.from })}
            disabled={save.isPending}
            onClick={() => put(into.lines.toSpliced(index ?? 0, 1))}
          >
            {t('exchange.mappings.remove')}
          </Button>
        </div>
      )}
    </FormDialog>
  );
}
