/** A mapping without its metrics: which label names the machine, and for which series it holds. */
import { useState } from 'react';
import { type Mapping, MappingFields } from '@muster/shared/api/remote-write.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { useT } from '../../i18n/i18n.ts';
import { CheckField, SelectField, TextField } from '../../ui/Field.tsx';
import { say } from '../../ui/Toast.tsx';
import { FormDialog } from '../settings/FormDialog.tsx';
import { useSaveMapping } from './exchangeQueries.ts';
import { conditionsFrom, conditionsText, KEY_ORDERS, keysOf } from './exchangeText.ts';

export function MappingDialog({ mapping, onClose }: { mapping: Mapping | null; onClose: () => void }) {
  const t = useT();
  const save = useSaveMapping();
  const [name, setName] = useState(mapping?.name ?? '');
  const [label, setLabel] = useState(mapping?.machine.label ?? 'instance');
  const [by, setBy] = useState(mapping?.machine.by.join(' ') ?? 'name address');
  const [stripPort, setStripPort] = useState(mapping?.machine.stripPort ?? true);
  const [where, setWhere] = useState(conditionsText(mapping?.where ?? []));
  const [wrong, setWrong] = useState<Partial<Record<'name' | 'label' | 'where', Key>>>({});
  const submit = () => {
    const conditions = conditionsFrom(where);
    const isLabel = MappingFields.shape.machine.shape.label.safeParse(label).success;
    const found = {
      ...(name.trim() === '' ? { name: 'exchange.wrong.name' as const } : {}),
      ...(isLabel ? {} : { label: 'exchange.wrong.label' as const }),
      ...(conditions === null ? { where: 'exchange.wrong.conditions' as const } : {}),
    };
    setWrong(found);
    if (conditions === null || Object.keys(found).length > 0) return;
    const body: MappingFields = {
      name: name.trim(),
      enabled: mapping?.enabled ?? true,
      machine: { label: label.trim(), by: keysOf(by), stripPort },
      where: conditions,
      lines: mapping?.lines ?? [],
    };
    save.mutate(
      { id: mapping?.id ?? null, body },
      {
        onSuccess: () => {
          say(t('exchange.mappings.saved', { name: body.name }));
          onClose();
        },
      },
    );
  };
  const said = (field: keyof typeof wrong) => (wrong[field] === undefined ? undefined : t(wrong[field]));
  return (
    <FormDialog
      title={
        mapping === null
          ? t('exchange.mapping.newTitle')
          : t('exchange.mapping.editTitle', { name: mapping.name })
      }
      button={t('exchange.mapping.save')}
      right="exchange.write"
      state={save}
      onClose={onClose}
      onSubmit={submit}
    >
      <TextField
        label={t('exchange.mapping.name')}
        value={name}
        maxLength={64}
        error={said('name')}
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label={t('exchange.mapping.label')}
        help={t('exchange.mapping.labelHelp')}
        value={label}
        maxLength={256}
        error={said('label')}
        onChange={(event) => setLabel(event.target.value)}
      />
      <SelectField
        label={t('exchange.mapping.by')}
        help={t('exchange.mapping.byHelp')}
        value={by}
        options={[...new Set([by, ...KEY_ORDERS])].map((order) => ({
          value: order,
          label: keysOf(order)
            .map((key) => t(`exchange.mappings.key.${key}`))
            .join(t('ui.listSeparator')),
        }))}
        onChange={setBy}
      />
      <CheckField
        label={t('exchange.mapping.stripPort')}
        checked={stripPort}
        onChange={(event) => setStripPort(event.target.checked)}
      />
      <TextField
        label={t('exchange.mapping.where')}
        help={t('exchange.mapping.whereHelp')}
        value={where}
        maxLength={2000}
        error={said('where')}
        onChange={(event) => setWhere(event.target.value)}
      />
    </FormDialog>
  );
}
