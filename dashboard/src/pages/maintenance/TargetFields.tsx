/** What a window is for: machines, services, places, classes and tags, any of them. */
import { useState } from 'react';
import { CI_CLASSES, MACHINE_CLASSES } from '@muster/shared/cmdb/classes.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { CiChooser } from '../../parts/CiChooser.tsx';
import { Button } from '../../ui/Button.tsx';
import { CheckField, SelectField, TextField } from '../../ui/Field.tsx';
import { FilterTag } from '../../ui/FilterTag.tsx';
import type { Draft, Target } from './draft.ts';

const KINDS = ['machine', 'device', 'service', 'location', 'class', 'tag'] as const;
type Kind = (typeof KINDS)[number];
const CHOSEN: Readonly<Record<'machine' | 'device' | 'service' | 'location', Target['kind']>> = {
  machine: 'ciIds',
  device: 'ciIds',
  service: 'services',
  location: 'locations',
};
const OF_CLASS = { device: 'NetworkDevice', service: 'Service', location: 'Location' } as const;
const CLASSES = [...MACHINE_CLASSES, 'NetworkDevice', 'Printer'] as const;

export function TargetFields({
  draft,
  set,
  error,
}: {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  error: string | undefined;
}) {
  const t = useT();
  const language = useLanguage();
  const [kind, setKind] = useState<Kind>('machine');
  const className = (name: string) =>
    CLASSES.some((known) => known === name)
      ? CI_CLASSES[name as (typeof CLASSES)[number]].title[language]
      : name;
  const without = <T,>(list: readonly T[], one: T) => list.filter((other) => other !== one);
  return (
    <fieldset className="grid gap-3">
      <legend className="mb-2 text-14 font-semibold">{t('maintenance.form.what')}</legend>
      {draft.targets.length + draft.classes.length + draft.tags.length > 0 && (
        <ul className="flex flex-wrap gap-2" aria-label={t('maintenance.form.chosen')}>
          {draft.targets.map((one) => (
            <li key={one.id} className="min-w-0">
              <FilterTag onRemove={() => set({ targets: without(draft.targets, one) })}>{one.name}</FilterTag>
            </li>
          ))}
          {draft.classes.map((one) => (
            <li key={one}>
              <FilterTag onRemove={() => set({ classes: without(draft.classes, one) })}>
                {t('maintenance.form.allOf', { name: className(one) })}
              </FilterTag>
            </li>
          ))}
          {draft.tags.map((one) => (
            <li key={one}>
              <FilterTag onRemove={() => set({ tags: without(draft.tags, one) })}>#{one}</FilterTag>
            </li>
          ))}
        </ul>
      )}
      <div className="grid gap-3 tablet:grid-cols-[180px_minmax(0,1fr)]">
        <SelectField
          label={t('maintenance.form.add')}
          value={kind}
          options={KINDS.map((value) => ({ value, label: t(`maintenance.kind.${value}` satisfies Key) }))}
          onChange={setKind}
        />
        {kind === 'class' ? (
          <ClassField draft={draft} set={set} nameOf={className} />
        ) : kind === 'tag' ? (
          <TagField draft={draft} set={set} />
        ) : (
          <CiChooser
            key={kind}
            label={t(`maintenance.form.find.${kind}`)}
            chosen={[]}
            {...(kind === 'machine' ? {} : { ofClass: OF_CLASS[kind] })}
            onChange={(chosen) => {
              const added = chosen.filter(({ id }) => !draft.targets.some((one) => one.id === id));
              set({
                targets: [...draft.targets, ...added.map((ci) => ({ ...ci, kind: CHOSEN[kind] }))],
              });
            }}
          />
        )}
      </div>
      {error !== undefined && (
        <p role="alert" className="text-12 font-medium text-crit-fg">
          {error}
        </p>
      )}
      <CheckField
        label={t('maintenance.form.children')}
        help={t('maintenance.form.childrenHelp')}
        checked={draft.children === 'all'}
        onChange={(event) => set({ children: event.target.checked ? 'all' : 'none' })}
      />
    </fieldset>
  );
}

function ClassField({
  draft,
  set,
  nameOf,
}: {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  nameOf: (name: string) => string;
}) {
  const t = useT();
  const left = CLASSES.filter((name) => !draft.classes.includes(name));
  return (
    <SelectField
      label={t('maintenance.form.class')}
      value=""
      options={[
        { value: '', label: t('maintenance.form.choose') },
        ...left.map((value) => ({ value: value as string, label: nameOf(value) })),
      ]}
      onChange={(value) => {
        if (value !== '') set({ classes: [...draft.classes, value] });
      }}
    />
  );
}

function TagField({ draft, set }: { draft: Draft; set: (change: Partial<Draft>) => void }) {
  const t = useT();
  const [text, setText] = useState('');
  const tag = text.trim().replace(/^#/, '');
  const add = () => {
    if (tag === '') return;
    if (!draft.tags.includes(tag)) set({ tags: [...draft.tags, tag] });
    setText('');
  };
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_auto] items-end gap-2">
      <TextField
        label={t('maintenance.form.tag')}
        value={text}
        maxLength={64}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          add();
        }}
      />
      <Button disabled={tag === ''} onClick={add}>
        {t('maintenance.form.addTag')}
      </Button>
    </div>
  );
}
