/** What people keep of a machine: name, lifecycle, owner and so on, changed in one form. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import {
  CI_CLASSES,
  type IndependentClass,
  isAssetClass,
  isIndependentClass,
  isMachineClass,
  MACHINE_CLASSES,
} from '@muster/shared/cmdb/classes.ts';
import { LIFECYCLE_STEPS, NEEDS_REASON } from '@muster/shared/cmdb/lifecycle.ts';
import { call, type CallInput } from '../../api/client.ts';
import { ciQuery } from '../../api/queries.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { isCiClass } from '../../parts/attributes.ts';
import { valueText, valueTitle } from '../../parts/valueWords.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { Term } from '../../ui/Term.tsx';
import type { TermId } from '../../ui/terms.ts';
import { say } from '../../ui/Toast.tsx';
import { ABSENT } from '../../util/quantity.ts';
import { OffBooksButton } from './OffBooksButton.tsx';
import { changedFields, type RecordFields, recordFieldsOf } from './recordFields.ts';

const SHOWN = [
  'name',
  'class',
  'lifecycle',
  'criticality',
  'assetNumber',
  'owner',
  'supportGroup',
  'site',
  'tags',
] as const;

export function RecordCard({ ci }: { ci: CiDetail }) {
  const t = useT();
  const language = useLanguage();
  const refusal = useActionRefusal('cis.write');
  const [editing, setEditing] = useState(false);
  return (
    <Card
      title={t('cmdb.section.record')}
      note={t('cmdb.recordNote')}
      flush
      action={
        <span className="flex gap-2">
          {ci.agentId === null && !ci.mergedInto && <OffBooksButton ci={ci} />}
          <Button size="small" disabledReason={refusal} onClick={() => setEditing(true)} className="no-print">
            {t('cmdb.edit')}
          </Button>
        </span>
      }
    >
      <dl>
        {SHOWN.map((name) => (
          <div
            key={name}
            className="grid min-h-(--row) grid-cols-[minmax(96px,30%)_minmax(0,1fr)] items-center gap-x-3 border-t border-line py-1 pr-4 pl-4"
          >
            <dt className="text-text-3">
              <Titled name={name}>{valueTitle(ci.class, name, t, language)}</Titled>
            </dt>
            <dd className="min-w-0 break-words">
              {name === 'tags' ? <Tags tags={ci.tags} /> : valueText(ci.class, name, ci[name], t, language)}
            </dd>
          </div>
        ))}
      </dl>
      {editing && <EditDialog ci={ci} onClose={() => setEditing(false)} />}
    </Card>
  );
}

function Tags({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return ABSENT;
  return (
    <span className="flex flex-wrap gap-1.5">
      {tags.map((tag) => (
        <span key={tag} className="rounded-full bg-sunken px-2 text-12 leading-5 text-text-2">
          {tag}
        </span>
      ))}
    </span>
  );
}

function EditDialog({ ci, onClose }: { ci: CiDetail; onClose: () => void }) {
  const t = useT();
  const language = useLanguage();
  const words = useWords();
  const errorWords = useErrorWords();
  const refusal = useActionRefusal('cis.write');
  const [fields, setFields] = useState<RecordFields>(() => recordFieldsOf(ci));
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: (body: CallInput<typeof ENDPOINTS.updateCi>['body']) =>
      call(ENDPOINTS.updateCi, { params: { id: ci.id }, body }),
    onSuccess: (changed) => {
      queries.setQueryData(ciQuery(ci.id).queryKey, changed);
      for (const key of [['ci', ci.id, 'history'], ['cmdb'], ['cis']])
        void queries.invalidateQueries({ queryKey: key });
      say(t('cmdb.saved', { name: changed.name }));
      onClose();
    },
  });
  const set = (change: Partial<RecordFields>) => setFields((before) => ({ ...before, ...change }));
  const word = (name: string) => valueTitle(ci.class, name, t, language);
  const body = changedFields(ci, fields);
  const nameless = fields.name.trim() === '';
  const needsReason =
    (body.lifecycle !== undefined && NEEDS_REASON.includes(body.lifecycle)) ||
    (body.assetNumber !== undefined && ci.assetNumber !== null);
  const unexplained = needsReason && fields.reason.trim() === '';
  const line = (name: 'assetNumber' | 'owner' | 'supportGroup' | 'site', lengthMax: number) => (
    <TextField
      label={word(name)}
      value={fields[name]}
      maxLength={lengthMax}
      onChange={(event) => set({ [name]: event.target.value })}
    />
  );
  return (
    <Dialog open onClose={onClose} title={t('cmdb.editTitle', { name: ci.name })}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (Object.keys(body).length === 0) onClose();
          else if (!nameless) save.mutate(body);
        }}
      >
        <div className="grid gap-3 tablet:grid-cols-2">
          <TextField
            label={word('name')}
            value={fields.name}
            maxLength={128}
            error={nameless ? t('cmdb.nameEmpty') : undefined}
            onChange={(event) => set({ name: event.target.value })}
          />
          <SelectField
            label={word('class')}
            value={fields.class}
            options={classesFor(ci.class).map((value) => ({ value, label: words(CI_CLASSES[value].title) }))}
            onChange={(value) => set({ class: value })}
          />
          <SelectField
            label={word('lifecycle')}
            value={fields.lifecycle}
            options={statesAfter(ci).map((value) => ({
              value,
              label: valueText(ci.class, 'lifecycle', value, t, language),
            }))}
            onChange={(lifecycle) => set({ lifecycle })}
          />
          <SelectField
            label={word('criticality')}
            value={fields.criticality}
            options={(['1', '2', '3', '4'] as const).map((value) => ({
              value,
              label: t(`cmdb.criticality.${value}`),
            }))}
            onChange={(criticality) => set({ criticality })}
          />
          {line('assetNumber', 64)}
          {line('owner', 128)}
          {line('supportGroup', 128)}
          {line('site', 64)}
        </div>
        <div className="mt-3">
          <TextField
            label={word('tags')}
            help={t('cmdb.tagsHelp')}
            value={fields.tags}
            onChange={(event) => set({ tags: event.target.value })}
          />
        </div>
        {(body.lifecycle !== undefined || (body.assetNumber !== undefined && ci.assetNumber !== null)) && (
          <div className="mt-3">
            <TextField
              label={t('assets.life.reason')}
              help={needsReason ? t('assets.required') : undefined}
              value={fields.reason}
              maxLength={500}
              onChange={(event) => set({ reason: event.target.value })}
            />
          </div>
        )}
        {save.error && (
          <p role="alert" className="mt-3 font-medium text-crit-fg">
            {errorWords(save.error)} {save.error.message}
          </p>
        )}
        <DialogActions>
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button
            look="primary"
            type="submit"
            disabled={save.isPending || nameless || unexplained}
            disabledReason={refusal}
          >
            {t('ui.save')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** Machines stay machines; what people keep stays of its class. */
function classesFor(ciClass: string): readonly IndependentClass[] {
  if (isMachineClass(ciClass)) return MACHINE_CLASSES;
  return isIndependentClass(ciClass) ? [ciClass] : [];
}

/** The present state and those that are one step away; where the condition is asked too, the asset tab asks. */
function statesAfter(ci: CiDetail): CiDetail['lifecycle'][] {
  const asset = isCiClass(ci.class) && isAssetClass(ci.class);
  const steps = LIFECYCLE_STEPS[ci.lifecycle].filter(({ needs }) => !asset || !needs.includes('condition'));
  return [ci.lifecycle, ...steps.map(({ to }) => to)];
}

const TERM_OF: Readonly<Record<string, TermId>> = {
  lifecycle: 'lifecycle',
  criticality: 'criticality',
  owner: 'owner',
  assetNumber: 'assetNumber',
};

function Titled({ name, children }: { name: string; children: string }): React.ReactNode {
  const id = TERM_OF[name];
  return id === undefined ? children : <Term id={id}>{children}</Term>;
}
