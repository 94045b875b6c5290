/** What may be installed where: rules with how many machines each finds, and a preview before one is set. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import {
  type SoftwareRule,
  type SoftwareRuleFields,
  VERSION_OPERATORS,
} from '@muster/shared/api/software.ts';
import { CI_CLASSES, MACHINE_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useT, useWords } from '../../i18n/i18n.ts';
import { AskDialog } from '../../parts/AskDialog.tsx';
import { useControlErrorWords, useControlMutation } from '../../parts/controlQueries.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { CheckField, SelectField, TextArea, TextField } from '../../ui/Field.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { say } from '../../ui/Toast.tsx';
import { rulesQuery } from './queries.ts';

const NEW: SoftwareRuleFields = {
  name: '',
  enabled: true,
  mode: 'deny',
  classes: [],
  tags: [],
  sources: [],
  names: [],
  publisher: null,
  version: null,
  reason: '',
  severity: 'warning',
};

function useSaveRule() {
  return useControlMutation(({ id, body }: { id: string | null; body: SoftwareRuleFields }) =>
    id === null
      ? call(ENDPOINTS.createSoftwareRule, { body })
      : call(ENDPOINTS.updateSoftwareRule, { params: { id }, body }),
  );
}

export function RulesTab() {
  const t = useT();
  const rules = useQuery(rulesQuery);
  const refusal = useActionRefusal('changes.approve');
  const [editing, setEditing] = useState<{ id: string | null; fields: SoftwareRuleFields } | null>(null);
  const { items, checking } = rules.data ?? {};
  return (
    <Card
      title={t('control.software.tab.rules')}
      note={checking ? t('control.rules.checking', checking) : undefined}
      flush
      action={
        <Button
          size="small"
          look="primary"
          icon="plus"
          disabledReason={refusal}
          onClick={() => setEditing({ id: null, fields: NEW })}
        >
          {t('control.rules.add')}
        </Button>
      }
    >
      <p className="max-w-[80ch] px-4 pb-2 leading-prose text-text-2">{t('control.rules.intro')}</p>
      {items === undefined ? (
        rules.error ? (
          <div className="px-4">
            <ErrorPanel error={rules.error} retry={() => void rules.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={3} />
        )
      ) : items.length === 0 ? (
        <EmptyState>{t('control.rules.none')}</EmptyState>
      ) : (
        <ul>
          {items.map((rule) => (
            <Row
              key={rule.id}
              rule={rule}
              onEdit={() => setEditing({ id: rule.id, fields: fieldsOf(rule) })}
            />
          ))}
        </ul>
      )}
      {editing && <RuleDialog {...editing} onClose={() => setEditing(null)} />}
    </Card>
  );
}

function fieldsOf({ id: _id, open: _open, ...fields }: SoftwareRule): SoftwareRuleFields {
  return fields;
}

function Row({ rule, onEdit }: { rule: SoftwareRule; onEdit: () => void }) {
  const t = useT();
  const words = useControlErrorWords();
  const refusal = useActionRefusal('changes.approve');
  const save = useSaveRule();
  const remove = useControlMutation((id: string) => call(ENDPOINTS.deleteSoftwareRule, { params: { id } }));
  const fields = fieldsOf(rule);
  return (
    <li className="flex flex-wrap items-start gap-x-3 gap-y-1 border-t border-line px-4 py-2.5">
      <span className="min-w-0 flex-1 basis-72">
        <span className={rule.enabled ? 'font-medium' : 'text-text-3'}>{rule.name}</span>
        <span className="block text-12 break-words text-text-3">
          {[
            t(`control.rules.mode.${rule.mode}`),
            rule.names.slice(0, 5).join(', '),
            rule.publisher,
            rule.version && `${rule.version.operator} ${rule.version.value}`,
            rule.enabled ? null : t('control.off'),
            rule.reason,
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </span>
      <Link
        to="/findings"
        search={{ kind: 'software-denied' }}
        className="text-12 text-accent hover:underline"
      >
        {t('control.rules.open', { count: rule.open })}
      </Link>
      <span className="flex gap-2">
        <Button size="small" disabledReason={refusal} onClick={onEdit}>
          {t('control.edit')}
        </Button>
        <Button
          size="small"
          disabledReason={refusal}
          disabled={remove.isPending}
          onClick={() =>
            remove.mutate(rule.id, {
              onSuccess: () =>
                say(t('control.rules.removed', { name: rule.name }), {
                  label: t('ui.undo'),
                  onPress: () => save.mutate({ id: null, body: fields }),
                }),
              onError: (error) => say(words(error)),
            })
          }
        >
          {t('control.remove')}
        </Button>
      </span>
    </li>
  );
}

const lines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
const list = (text: string) => text.split(/[,，;；\s]+/u).filter(Boolean);

function RuleDialog({
  id,
  fields,
  onClose,
}: {
  id: string | null;
  fields: SoftwareRuleFields;
  onClose: () => void;
}) {
  const t = useT();
  const words = useWords();
  const errors = useControlErrorWords();
  const save = useSaveRule();
  const preview = useMutation({
    mutationFn: (of: SoftwareRuleFields) => call(ENDPOINTS.previewSoftwareRule, { body: of }),
  });
  const [rule, setRule] = useState(fields);
  const [names, setNames] = useState(fields.names.join('\n'));
  const [tags, setTags] = useState(fields.tags.join(', '));
  const [sources, setSources] = useState(fields.sources.join(', '));
  const change = (of: Partial<SoftwareRuleFields>) => {
    preview.reset();
    setRule({ ...rule, ...of });
  };
  const body: SoftwareRuleFields = { ...rule, names: lines(names), tags: list(tags), sources: list(sources) };
  const limited = body.names.length > 0 || body.publisher !== null || body.version !== null;
  return (
    <AskDialog
      title={t(id === null ? 'control.rules.add' : 'control.edit')}
      text={t('control.rules.dialogText')}
      button={t('control.save')}
      right="changes.approve"
      ready={rule.name.trim() !== '' && limited}
      state={save}
      onClose={onClose}
      onSubmit={() => save.mutate({ id, body }, { onSuccess: onClose })}
    >
      <TextField
        label={t('control.rules.name')}
        value={rule.name}
        required
        maxLength={200}
        onChange={(event) => change({ name: event.target.value })}
      />
      <SelectField
        label={t('control.rules.modeLabel')}
        value={rule.mode}
        options={(['deny', 'only'] as const).map((value) => ({
          value,
          label: t(`control.rules.mode.${value}`),
        }))}
        onChange={(mode) => change({ mode })}
      />
      <TextArea
        label={t('control.rules.names')}
        help={t('control.rules.namesHelp')}
        value={names}
        onChange={(event) => {
          preview.reset();
          setNames(event.target.value);
        }}
      />
      <div className="grid gap-3 tablet:grid-cols-3">
        <TextField
          label={t('control.rules.publisher')}
          value={rule.publisher ?? ''}
          maxLength={200}
          onChange={(event) => change({ publisher: event.target.value || null })}
        />
        <SelectField
          label={t('control.rules.versionIs')}
          value={rule.version?.operator ?? ''}
          options={[
            { value: '' as const, label: t('ui.any') },
            ...VERSION_OPERATORS.map((value) => ({ value, label: value })),
          ]}
          onChange={(operator) =>
            change({ version: operator === '' ? null : { operator, value: rule.version?.value ?? '' } })
          }
        />
        {rule.version && (
          <TextField
            label={t('control.software.version')}
            value={rule.version.value}
            required
            maxLength={128}
            onChange={(event) =>
              rule.version && change({ version: { ...rule.version, value: event.target.value } })
            }
          />
        )}
      </div>
      <div className="grid gap-3 tablet:grid-cols-2">
        <TextField
          label={t('control.rules.tags')}
          value={tags}
          onChange={(event) => setTags(event.target.value)}
        />
        <TextField
          label={t('control.rules.sources')}
          help={t('control.rules.sourcesHelp')}
          value={sources}
          onChange={(event) => setSources(event.target.value)}
        />
      </div>
      <fieldset className="flex flex-wrap gap-x-4 gap-y-1.5">
        <legend className="mb-1 text-12 font-medium">{t('control.rules.classes')}</legend>
        {MACHINE_CLASSES.map((value) => (
          <CheckField
            key={value}
            label={words(CI_CLASSES[value].title)}
            checked={rule.classes.includes(value)}
            onChange={(event) =>
              change({
                classes: event.target.checked
                  ? [...rule.classes, value]
                  : rule.classes.filter((one) => one !== value),
              })
            }
          />
        ))}
      </fieldset>
      <TextField
        label={t('control.reason')}
        value={rule.reason}
        maxLength={2_000}
        onChange={(event) => change({ reason: event.target.value })}
      />
      <CheckField
        label={t('control.enabled')}
        checked={rule.enabled}
        onChange={(event) => change({ enabled: event.target.checked })}
      />
      <div className="flex flex-wrap items-center gap-2 rounded-md bg-sunken px-3 py-2">
        <Button
          size="small"
          disabled={!limited || preview.isPending}
          onClick={() => preview.mutate({ ...body, name: body.name || '-' })}
        >
          {t('control.rules.preview')}
        </Button>
        <span role="status" className="min-w-0 break-words text-12 text-text-2">
          {preview.data && t('control.rules.would', { count: preview.data.machines, of: preview.data.of })}
          {preview.data && preview.data.examples.length > 0 && (
            <span className="block text-text-3">
              {preview.data.examples
                .map((one) => `${one.ciName}${t('ui.colon')}${one.package} ${one.version}`)
                .join(' · ')}
            </span>
          )}
          {preview.error && errors(preview.error)}
        </span>
      </div>
    </AskDialog>
  );
}
