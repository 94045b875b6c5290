/** A person says how an attribute is; reports no longer change it until it is unlocked. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { type AttributeDefinition, attributeDefinition } from '@muster/shared/cmdb/classes.ts';
import { ApiError, call } from '../../api/client.ts';
import { ciQuery } from '../../api/queries.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { isCiClass } from '../../parts/attributes.ts';
import { actorWord } from '../../parts/changes.ts';
import { valueText, valueTitle } from '../../parts/valueWords.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { SelectField, TextArea, TextField } from '../../ui/Field.tsx';
import { say } from '../../ui/Toast.tsx';
import { parseValue, printValue } from './lockValue.ts';

export function LockDialog({ ci, name, onClose }: { ci: CiDetail; name: string; onClose: () => void }) {
  const t = useT();
  const refusal = useActionRefusal('cis.write');
  const language = useLanguage();
  const attribute = ci.details.find((each) => each.name === name);
  const form = (isCiClass(ci.class) ? attributeDefinition(ci.class, name)?.form : undefined) ?? 'text';
  const title = valueTitle(ci.class, name, t, language);
  const [text, setText] = useState(printValue(form, attribute?.value));
  const [wrong, setWrong] = useState<string>();
  const save = useSave(ci.id);
  const errorWords = useErrorWords();
  const lockedBy = attribute?.lockedBy ?? null;
  const send = (value: unknown, done: string) =>
    save.mutate(
      { [name]: value },
      {
        onSuccess: () => {
          say(done);
          onClose();
        },
        onError: (error) =>
          setWrong(
            error instanceof ApiError && error.code === 'input-invalid' ? error.message : errorWords(error),
          ),
      },
    );
  const submit = () => {
    const value = parseValue(form, text);
    if (value === undefined) setWrong(t(form === 'number' ? 'cmdb.lock.notNumber' : 'cmdb.lock.empty'));
    else send(value, t('cmdb.lock.done', { name: title }));
  };
  const observed = lockedBy === null ? attribute?.value : (attribute?.observedValue ?? attribute?.value);
  return (
    <Dialog
      open
      onClose={onClose}
      title={t(lockedBy === null ? 'cmdb.lock.lockOf' : 'cmdb.lock.changeOf', { name: title })}
      description={t(lockedBy === null ? 'cmdb.lock.text' : 'cmdb.lock.lockedText', {
        who: lockedBy === null ? '' : actorWord(lockedBy, t),
      })}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <ValueField
          form={form}
          label={title}
          value={text}
          error={wrong}
          onChange={(next) => {
            setText(next);
            setWrong(undefined);
          }}
        />
        {observed !== undefined && observed !== null && (
          <p className="mt-2 text-12 text-text-3">
            {t('cmdb.lock.reported', { value: valueText(ci.class, name, observed, t, language) })}
          </p>
        )}
        <DialogActions>
          {lockedBy !== null && (
            <Button
              className="mr-auto"
              disabled={save.isPending}
              disabledReason={refusal}
              onClick={() => send(null, t('cmdb.lock.undone', { name: title }))}
            >
              {t('cmdb.lock.unlock')}
            </Button>
          )}
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" disabled={save.isPending} disabledReason={refusal}>
            {t('cmdb.lock.lock')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function useSave(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (lock: Record<string, unknown>) =>
      call(ENDPOINTS.updateCi, { params: { id }, body: { lock } }),
    onSuccess: (changed) => {
      queries.setQueryData(ciQuery(id).queryKey, changed);
      void queries.invalidateQueries({ queryKey: ['ci', id, 'history'] });
      void queries.invalidateQueries({ queryKey: ['cmdb'] });
    },
  });
}

function ValueField({
  form,
  label,
  value,
  error,
  onChange,
}: {
  form: AttributeDefinition['form'];
  label: string;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}) {
  const t = useT();
  if (form === 'yes-no') {
    return (
      <SelectField
        label={label}
        value={value === 'true' ? 'true' : 'false'}
        options={[
          { value: 'true', label: t('ui.yes') },
          { value: 'false', label: t('ui.no') },
        ]}
        onChange={onChange}
      />
    );
  }
  if (form === 'list') {
    return (
      <TextArea
        label={label}
        help={t('cmdb.lock.onePerLine')}
        value={value}
        error={error}
        rows={4}
        onChange={(event) => onChange(event.target.value)}
      />
    );
  }
  return (
    <TextField
      label={label}
      value={value}
      error={error}
      inputMode={form === 'text' ? undefined : 'decimal'}
      help={form === 'bytes' ? t('cmdb.lock.inGib') : undefined}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
