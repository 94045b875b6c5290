/** Classes and attributes: what there is, what was added, and the pattern of asset numbers. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SchemaClass } from '@muster/shared/api/classes.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { ATTRIBUTE_FORMS } from '@muster/shared/cmdb/classes.ts';
import { call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { usePageTitle } from '../../app/title.ts';
import { useT, useWords } from '../../i18n/i18n.ts';
import { classSchemaQuery } from '../../parts/classSchema.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { ErrorPanel, useErrorWords } from '../../ui/ErrorPanel.tsx';
import { CheckField, SelectField, TextArea, TextField } from '../../ui/Field.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { say } from '../../ui/Toast.tsx';
import { ABSENT } from '../../util/quantity.ts';

const PATTERN_EXAMPLE = 'PC-{year}-{seq:5}';

type Attribute = SchemaClass['attributes'][number];

export function ClassesSettings() {
  const t = useT();
  const words = useWords();
  usePageTitle(t('settings.nav.classes'));
  const schema = useQuery(classSchemaQuery);
  const [chosen, setChosen] = useState('Workstation');
  const [adding, setAdding] = useState<'class' | 'attribute' | null>(null);
  const refusal = useActionRefusal('classes.write');
  const items = schema.data?.items;
  const current = items?.find(({ name }) => name === chosen);
  return (
    <>
      <h1>{t('settings.nav.classes')}</h1>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2">{t('assets.classes.intro')}</p>
      {items === undefined || current === undefined ? (
        <Card className="mt-4" flush={schema.error === null}>
          {schema.error ? (
            <ErrorPanel error={schema.error} retry={() => void schema.refetch()} />
          ) : (
            <SkeletonRows rows={10} />
          )}
        </Card>
      ) : (
        <div className="mt-4 grid items-start gap-4 desk:grid-cols-[220px_minmax(0,1fr)]">
          <nav aria-label={t('assets.classes.tree')} className="card p-2 max-desk:hidden">
            <Branch items={items} parent={null} depth={0} chosen={chosen} onChoose={setChosen} />
          </nav>
          <div className="desk:hidden">
            <SelectField
              label={t('cmdb.class')}
              value={chosen}
              options={items.map(({ name, title }) => ({ value: name, label: words(title) }))}
              onChange={setChosen}
            />
          </div>
          <div className="grid min-w-0 gap-4">
            <Card
              title={words(current.title)}
              note={current.archived ? t('assets.classes.archived') : current.name}
              flush
              action={
                current.group !== 'part' && (
                  <>
                    {current.group !== 'abstract' && (
                      <Button size="small" disabledReason={refusal} onClick={() => setAdding('class')}>
                        {t('assets.classes.addClass')}
                      </Button>
                    )}
                    <Button
                      size="small"
                      icon="plus"
                      disabledReason={refusal}
                      onClick={() => setAdding('attribute')}
                    >
                      {t('assets.classes.addAttribute')}
                    </Button>
                  </>
                )
              }
            >
              <Attributes schemaClass={current} titles={items} />
            </Card>
            {current.own && <OwnClassCard schemaClass={current} onGone={() => setChosen('Workstation')} />}
            {current.attributes.some(({ name }) => name === 'warrantyEnd') && (
              <NumbersCard key={current.name} className={current.name} />
            )}
            {current.relations.length > 0 && <Relations schemaClass={current} titles={items} />}
          </div>
          {adding === 'class' && (
            <ClassDialog
              parent={current}
              onClose={() => setAdding(null)}
              onMade={(name) => setChosen(name)}
            />
          )}
          {adding === 'attribute' && (
            <AttributeDialog schemaClass={current} attribute={null} onClose={() => setAdding(null)} />
          )}
        </div>
      )}
    </>
  );
}

function Branch({
  items,
  parent,
  depth,
  chosen,
  onChoose,
}: {
  items: readonly SchemaClass[];
  parent: string | null;
  depth: number;
  chosen: string;
  onChoose: (name: string) => void;
}) {
  const words = useWords();
  const here = items.filter((item) => item.parent === parent);
  if (here.length === 0) return null;
  return (
    <ul className={cx(depth > 0 && 'ml-2.5 border-l border-line pl-1')}>
      {here.map((item) => (
        <li key={item.name}>
          <button
            type="button"
            aria-current={item.name === chosen ? 'true' : undefined}
            onClick={() => onChoose(item.name)}
            className={cx(
              'flex h-7 w-full items-center rounded-md px-2 text-left coarse:h-11',
              item.name === chosen
                ? 'bg-selected font-medium text-accent'
                : 'text-text-2 hover:bg-hover hover:text-text',
              item.archived && 'line-through',
            )}
          >
            <span className="min-w-0 truncate">{words(item.title)}</span>
          </button>
          <Branch items={items} parent={item.name} depth={depth + 1} chosen={chosen} onChoose={onChoose} />
        </li>
      ))}
    </ul>
  );
}

function Attributes({ schemaClass, titles }: { schemaClass: SchemaClass; titles: readonly SchemaClass[] }) {
  const t = useT();
  const words = useWords();
  const [editing, setEditing] = useState<Attribute | null>(null);
  const ordered = [...schemaClass.attributes].sort(
    (a, b) => Number(b.ownId !== null) - Number(a.ownId !== null),
  );
  const titleOf = (name: string) => {
    const found = titles.find((each) => each.name === name);
    return found ? words(found.title) : name;
  };
  return (
    <>
      <PlainTable
        label={t('assets.classes.attributes')}
        head={[
          { id: 'title', label: t('assets.classes.attribute') },
          { id: 'form', label: t('assets.classes.form') },
          { id: 'by', label: t('assets.classes.by'), className: 'max-tablet:hidden' },
          { id: 'origin', label: t('assets.classes.origin') },
        ]}
      >
        {ordered.map((attribute) => (
          <tr key={attribute.name}>
            <td>
              {attribute.ownId === null ? (
                words(attribute.title)
              ) : (
                <button
                  type="button"
                  onClick={() => setEditing(attribute)}
                  className="font-medium text-accent hover:underline"
                >
                  {words(attribute.title)}
                </button>
              )}
              <span className="block text-11 text-text-3">{attribute.name}</span>
            </td>
            <td className="text-text-2">
              {t(`assets.classes.forms.${attribute.form}`)}
              {attribute.unit ? ` (${attribute.unit})` : ''}
              {attribute.options && (
                <span className="block text-11 text-text-3">
                  {attribute.options.join(t('ui.listSeparator'))}
                </span>
              )}
            </td>
            <td className="text-text-2 max-tablet:hidden">{t(`assets.classes.source.${attribute.by}`)}</td>
            <td className="text-text-2">
              {titleOf(attribute.origin)}
              {attribute.ownId !== null && (
                <span className="block text-11 text-text-3">{t('assets.classes.own')}</span>
              )}
            </td>
          </tr>
        ))}
      </PlainTable>
      {editing && (
        <AttributeDialog schemaClass={schemaClass} attribute={editing} onClose={() => setEditing(null)} />
      )}
    </>
  );
}

function Relations({ schemaClass, titles }: { schemaClass: SchemaClass; titles: readonly SchemaClass[] }) {
  const t = useT();
  const words = useWords();
  const other = (name: string) => {
    const group = (['any', 'asset', 'machine', 'part'] as const).find((each) => each === name);
    if (group) return t(`assets.classes.group.${group}`);
    const found = titles.find((each) => each.name === name);
    return found ? words(found.title) : name;
  };
  return (
    <Card title={t('assets.classes.relations')} note={schemaClass.relations.length} flush>
      <PlainTable
        label={t('assets.classes.relations')}
        head={[
          { id: 'title', label: t('assets.classes.relation') },
          { id: 'other', label: t('assets.classes.other') },
          { id: 'max', label: t('assets.classes.max'), align: 'right' },
        ]}
      >
        {schemaClass.relations.map((relation) => (
          <tr key={`${relation.type} ${relation.direction}`}>
            <td>{words(relation.title)}</td>
            <td className="text-text-2">{relation.other.map(other).join(t('ui.listSeparator'))}</td>
            <td className="text-right text-text-2">{relation.max ?? t('assets.classes.many')}</td>
          </tr>
        ))}
      </PlainTable>
    </Card>
  );
}

function useSchemaChanged(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await queries.invalidateQueries({ queryKey: ['classSchema'] });
    void queries.invalidateQueries({ queryKey: ['cmdb'] });
  };
}

function OwnClassCard({ schemaClass, onGone }: { schemaClass: SchemaClass; onGone: () => void }) {
  const t = useT();
  const words = useWords();
  const changed = useSchemaChanged();
  const refusal = useActionRefusal('classes.write');
  const remove = useMutation({
    mutationFn: () => call(ENDPOINTS.deleteClass, { params: { id: schemaClass.name } }),
    onSuccess: async ({ archived }) => {
      await changed();
      say(
        t(archived ? 'assets.classes.didArchive' : 'assets.classes.didDelete', {
          name: words(schemaClass.title),
        }),
      );
      if (!archived) onGone();
    },
  });
  return (
    <Card title={t('assets.classes.ownClass')}>
      <div className="flex flex-wrap items-center gap-3">
        <p className="flex-1 basis-60 leading-prose text-text-2">{t('assets.classes.deleteHelp')}</p>
        <Button disabledReason={refusal} disabled={remove.isPending} onClick={() => remove.mutate()}>
          {t('assets.classes.delete')}
        </Button>
      </div>
    </Card>
  );
}

function nameFrom(title: string, capital: boolean): string {
  const words = title.normalize('NFKD').match(/[A-Za-z0-9]+/g) ?? [];
  const joined = words
    .map((word, i) => {
      const first = i === 0 && !capital ? word.charAt(0).toLowerCase() : word.charAt(0).toUpperCase();
      return first + word.slice(1);
    })
    .join('')
    .replace(/^[0-9]+/, '');
  return joined.slice(0, 48);
}

function ClassDialog({
  parent,
  onClose,
  onMade,
}: {
  parent: SchemaClass;
  onClose: () => void;
  onMade: (name: string) => void;
}) {
  const t = useT();
  const words = useWords();
  const errorWords = useErrorWords();
  const changed = useSchemaChanged();
  const [en, setEn] = useState('');
  const [zh, setZh] = useState('');
  const [typedName, setTypedName] = useState<string | null>(null);
  const name = typedName ?? nameFrom(en, true);
  const save = useMutation({
    mutationFn: () =>
      call(ENDPOINTS.createClass, {
        body: {
          name,
          parent: parent.name,
          title: { en: en.trim() || zh.trim(), zh: zh.trim() || en.trim() },
        },
      }),
    onSuccess: async (made) => {
      await changed();
      onMade(made.name);
      onClose();
    },
  });
  const empty = name === '' || (en.trim() === '' && zh.trim() === '');
  return (
    <Dialog open onClose={onClose} title={t('assets.classes.addClassBelow', { name: words(parent.title) })}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!empty) save.mutate();
        }}
        className="grid gap-3"
      >
        <TextField
          label={t('assets.classes.titleEn')}
          value={en}
          maxLength={64}
          onChange={(event) => setEn(event.target.value)}
        />
        <TextField
          label={t('assets.classes.titleZh')}
          value={zh}
          maxLength={64}
          onChange={(event) => setZh(event.target.value)}
        />
        <TextField
          label={t('assets.classes.technical')}
          help={t('assets.classes.technicalHelp')}
          value={name}
          maxLength={48}
          onChange={(event) => setTypedName(event.target.value)}
        />
        {save.error && (
          <p role="alert" className="font-medium text-crit-fg">
            {errorWords(save.error)} {save.error.message}
          </p>
        )}
        <DialogActions>
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" disabled={empty || save.isPending}>
            {t('ui.save')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function AttributeDialog({
  schemaClass,
  attribute,
  onClose,
}: {
  schemaClass: SchemaClass;
  /** null: a new one. */
  attribute: Attribute | null;
  onClose: () => void;
}) {
  const t = useT();
  const words = useWords();
  const errorWords = useErrorWords();
  const changed = useSchemaChanged();
  const refusal = useActionRefusal('classes.write');
  const [en, setEn] = useState(attribute?.title.en ?? '');
  const [zh, setZh] = useState(attribute?.title.zh ?? '');
  const [typedName, setTypedName] = useState<string | null>(null);
  const [form, setForm] = useState(attribute?.form ?? 'text');
  const [options, setOptions] = useState(attribute?.options?.join('\n') ?? '');
  const [unit, setUnit] = useState(attribute?.unit ?? '');
  const [required, setRequired] = useState(attribute?.required ?? false);
  const name = attribute?.name ?? typedName ?? nameFrom(en, false);
  const title = { en: en.trim() || zh.trim(), zh: zh.trim() || en.trim() };
  const list = options
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const ownId = attribute?.ownId ?? null;
  const save = useMutation({
    mutationFn: () =>
      ownId === null
        ? call(ENDPOINTS.createAttribute, {
            body: {
              class: schemaClass.name,
              name,
              title,
              form,
              options: form === 'choice' ? list : null,
              unit: unit.trim() || null,
              required,
            },
          })
        : call(ENDPOINTS.updateAttribute, {
            params: { id: ownId },
            body: {
              title,
              unit: unit.trim() || null,
              required,
              ...(form === 'choice' ? { options: list } : {}),
            },
          }),
    onSuccess: async () => {
      await changed();
      say(t('assets.classes.saved', { name: words(title) }));
      onClose();
    },
  });
  const remove = useMutation({
    mutationFn: () => call(ENDPOINTS.deleteAttribute, { params: { id: ownId ?? '' } }),
    onSuccess: async ({ archived }) => {
      await changed();
      say(t(archived ? 'assets.classes.didArchive' : 'assets.classes.didDelete', { name: words(title) }));
      onClose();
    },
  });
  const empty = name === '' || title.en === '' || (form === 'choice' && list.length === 0);
  const error = save.error ?? remove.error;
  return (
    <Dialog
      open
      onClose={onClose}
      title={t(ownId === null ? 'assets.classes.addAttributeTo' : 'assets.classes.editAttribute', {
        name: ownId === null ? words(schemaClass.title) : words(title),
      })}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!empty) save.mutate();
        }}
        className="grid gap-3"
      >
        <div className="grid gap-3 tablet:grid-cols-2">
          <TextField
            label={t('assets.classes.titleEn')}
            value={en}
            maxLength={64}
            onChange={(event) => setEn(event.target.value)}
          />
          <TextField
            label={t('assets.classes.titleZh')}
            value={zh}
            maxLength={64}
            onChange={(event) => setZh(event.target.value)}
          />
        </div>
        {ownId === null && (
          <>
            <TextField
              label={t('assets.classes.technical')}
              help={t('assets.classes.technicalHelp')}
              value={name}
              maxLength={48}
              onChange={(event) => setTypedName(event.target.value)}
            />
            <SelectField
              label={t('assets.classes.form')}
              value={form}
              options={ATTRIBUTE_FORMS.map((value) => ({
                value,
                label: t(`assets.classes.forms.${value}`),
              }))}
              onChange={setForm}
            />
          </>
        )}
        {form === 'choice' && (
          <TextArea
            label={t('assets.classes.options')}
            help={t('assets.classes.optionsHelp')}
            value={options}
            onChange={(event) => setOptions(event.target.value)}
          />
        )}
        <TextField
          label={t('assets.classes.unit')}
          value={unit}
          maxLength={16}
          onChange={(event) => setUnit(event.target.value)}
        />
        <CheckField
          label={t('assets.classes.required')}
          checked={required}
          onChange={(event) => setRequired(event.target.checked)}
        />
        {error && (
          <p role="alert" className="font-medium text-crit-fg">
            {errorWords(error)} {error.message}
          </p>
        )}
        <DialogActions>
          {ownId !== null && (
            <Button disabledReason={refusal} disabled={remove.isPending} onClick={() => remove.mutate()}>
              {t('assets.classes.delete')}
            </Button>
          )}
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" disabledReason={refusal} disabled={empty || save.isPending}>
            {t('ui.save')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function NumbersCard({ className }: { className: string }) {
  const t = useT();
  const errorWords = useErrorWords();
  const queries = useQueryClient();
  const refusal = useActionRefusal('classes.write');
  const settings = useQuery({
    queryKey: ['assets', 'settings'],
    queryFn: ({ signal }) => call(ENDPOINTS.listAssetSettings, {}, signal),
  });
  const held = settings.data?.items.find((each) => each.class === className);
  const [pattern, setPattern] = useState<string | null>(null);
  const [months, setMonths] = useState<string | null>(null);
  const save = useMutation({
    mutationFn: () =>
      call(ENDPOINTS.putAssetSetting, {
        params: { class: className },
        body: {
          pattern: (pattern ?? held?.pattern ?? '').trim() || null,
          lifeMonths: Number(months ?? held?.lifeMonths ?? 48),
        },
      }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['assets'] });
      setPattern(null);
      setMonths(null);
      say(t('assets.classes.numbersSaved'));
    },
  });
  if (held === undefined) return null;
  return (
    <Card title={t('assets.classes.numbers')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
        className="grid items-start gap-3 tablet:grid-cols-[minmax(0,1fr)_140px_auto]"
      >
        <TextField
          label={t('assets.classes.pattern')}
          help={
            held.next === null
              ? t('assets.classes.patternHelp')
              : t('assets.classes.next', { number: held.next })
          }
          placeholder={PATTERN_EXAMPLE}
          value={pattern ?? held.pattern ?? ''}
          maxLength={64}
          error={save.error ? errorWords(save.error) : undefined}
          onChange={(event) => setPattern(event.target.value)}
        />
        <TextField
          label={t('assets.classes.life')}
          type="number"
          min={1}
          max={600}
          value={months ?? String(held.lifeMonths)}
          onChange={(event) => setMonths(event.target.value)}
        />
        <div className="pt-[22px]">
          <Button
            type="submit"
            disabledReason={refusal}
            disabled={save.isPending || (pattern === null && months === null)}
          >
            {t('ui.save')}
          </Button>
        </div>
      </form>
      {held.pattern === null && (
        <p className="mt-2 text-12 text-text-3">
          {t('assets.classes.byHand')} {ABSENT}
        </p>
      )}
    </Card>
  );
}
