/** A new record of any class, in a form made from the class. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { classPair } from '@muster/shared/cmdb/class-registry.ts';
import { isMachineClass, isPartClass } from '@muster/shared/cmdb/classes.ts';
import { call } from '../../api/client.ts';
import { useT, useWords } from '../../i18n/i18n.ts';
import { AttributeField, valueOf } from '../../parts/AttributeField.tsx';
import { classSchemaQuery } from '../../parts/classSchema.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';

interface NewCiDialogProps {
  readonly className: string;
  /** An asset number that was scanned and belongs to nothing yet. */
  readonly assetNumber: string | undefined;
  readonly onClose: () => void;
}

/** Of a machine only what people know before any report is asked for. */
const OF_MACHINES = ['serial', 'manufacturer', 'model', 'purchaseDate', 'warrantyEnd', 'supplier', 'form'];

export function NewCiDialog({ className, assetNumber, onClose }: NewCiDialogProps) {
  const t = useT();
  const words = useWords();
  const errorWords = useErrorWords();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const schema = useQuery(classSchemaQuery).data;
  const [ofClass, setOfClass] = useState(className);
  const [name, setName] = useState('');
  const [number, setNumber] = useState(assetNumber ?? '');
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const classes = (schema?.items ?? []).filter(
    ({ group, archived }) => (group === 'machine' || group === 'record') && !archived,
  );
  const pair = schema && classPair(schema.registry, ofClass);
  const isAsset = schema?.registry.attributesOf(ofClass).some((each) => each.name === 'warrantyEnd') ?? false;
  const fields = (schema?.registry.attributesOf(ofClass) ?? []).filter(
    ({ name: field, definition, own }) =>
      definition.form !== 'time' &&
      (own !== null ||
        (pair && isMachineClass(pair.class) ? OF_MACHINES.includes(field) : !isPartClass(ofClass))),
  );
  const set = Object.fromEntries(
    fields.flatMap(({ name: field, definition }) => {
      const value = valueOf(definition.form, typed[field] ?? '');
      return value === null || value === undefined ? [] : [[field, value]];
    }),
  );
  const save = useMutation({
    mutationFn: () => {
      if (!pair) throw new Error(`There is no class ${ofClass}.`);
      return call(ENDPOINTS.createCi, {
        body: {
          ...pair,
          name: name.trim(),
          ...(number.trim() === '' ? {} : { assetNumber: number.trim() }),
          ...(isMachineClass(pair.class) ? { lifecycle: 'planned' as const } : {}),
          set,
        },
      });
    },
    onSuccess: (made) => {
      for (const key of [['cmdb'], ['cis'], ['assets']]) void queries.invalidateQueries({ queryKey: key });
      onClose();
      void navigate({ to: '/cis/$id', params: { id: made.id } });
    },
  });
  const nameless = name.trim() === '';
  return (
    <Dialog open onClose={onClose} title={t('assets.newCi.title')} description={t('assets.newCi.intro')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!nameless) save.mutate();
        }}
      >
        <div className="grid gap-3 tablet:grid-cols-2">
          <TextField
            label={t('cmdb.name')}
            value={name}
            maxLength={128}
            onChange={(event) => setName(event.target.value)}
          />
          <SelectField
            label={t('cmdb.class')}
            value={ofClass}
            options={classes.map((each) => ({ value: each.name, label: words(each.title) }))}
            onChange={setOfClass}
          />
          {isAsset && (
            <TextField
              label={t('assets.number')}
              help={t('assets.newCi.number')}
              value={number}
              maxLength={64}
              onChange={(event) => setNumber(event.target.value)}
            />
          )}
          {fields.map(({ name: field, definition, own }) => (
            <AttributeField
              key={field}
              definition={{
                ...definition,
                unit: own?.definition.unit,
                required: own?.definition.required,
              }}
              value={typed[field] ?? ''}
              onChange={(text) => setTyped((before) => ({ ...before, [field]: text }))}
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
          <Button look="primary" type="submit" disabled={nameless || save.isPending}>
            {t('assets.newCi.create')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
