/** Edits what a service stands on: members that must hold by themselves, and groups of which so many must. */
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { CI_CLASSES, isIndependentClass, type CiClass } from '@muster/shared/cmdb/classes.ts';
import { useT, useWords } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { PausedSearch } from '../../ui/PausedSearch.tsx';
import { SelectLine } from '../../ui/SelectLine.tsx';
import { type Draft, type DraftMember, groupsOf, moved, withMember, without } from './draft.ts';
import { findQuery } from './queries.ts';

export interface MemberEditorProps {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly onCancel: () => void;
  readonly onSave: () => void;
  readonly busy: boolean;
  readonly error: Error | null;
  /** It cannot stand on itself. */
  readonly serviceId: string;
}

const CLASSES = (Object.keys(CI_CLASSES) as CiClass[]).filter(isIndependentClass);

export function MemberEditor({
  draft,
  onChange,
  onCancel,
  onSave,
  busy,
  error,
  serviceId,
}: MemberEditorProps) {
  const t = useT();
  const words = useWords();
  const [q, setQ] = useState<string>();
  const [ciClass, setClass] = useState<CiClass>('Server');
  const [into, setInto] = useState('');
  const found = useQuery(findQuery(q ?? '', ciClass)).data?.items ?? [];
  const groups = groupsOf(draft);
  const options = groups.map(({ name }) => ({
    value: name,
    label: name === '' ? t('map.service.alone') : name,
  }));
  const held = new Set(draft.members.map(({ id, group }) => `${id} ${group}`));
  return (
    <Card
      title={t('map.service.edit')}
      action={
        <>
          <Button size="small" onClick={onCancel}>
            {t('ui.cancel')}
          </Button>
          <Button size="small" look="primary" disabled={busy} onClick={onSave}>
            {t('ui.save')}
          </Button>
        </>
      }
    >
      {error && <ErrorPanel error={error} />}
      <div className="grid gap-4">
        {groups.map(({ name, needed, members }) => (
          <section
            key={name}
            aria-label={name === '' ? t('map.service.alone') : name}
            className="rounded-md border border-line p-3"
          >
            <div className="flex flex-wrap items-center gap-3">
              <h3 className="font-medium">{name === '' ? t('map.service.alone') : name}</h3>
              {name !== '' && members.length > 0 && (
                <SelectLine
                  label={t('map.service.neededOf', { of: members.length })}
                  value={String(needed)}
                  options={members.map((_member, at) => ({ value: String(at + 1), label: String(at + 1) }))}
                  onChange={(value) =>
                    onChange({ ...draft, needed: { ...draft.needed, [name]: Number(value) } })
                  }
                />
              )}
            </div>
            {members.length === 0 ? (
              <p className="mt-1 text-12 text-text-3">{t('map.service.nobody')}</p>
            ) : (
              <ul className="mt-2 grid gap-1.5">
                {members.map((member: DraftMember) => (
                  <li key={member.id} className="flex flex-wrap items-center gap-2">
                    <span className="min-w-40 font-medium break-all">{member.name}</span>
                    <SelectLine
                      label={t('map.service.group')}
                      value={member.group}
                      options={options}
                      onChange={(group) => onChange(moved(draft, member, group))}
                    />
                    <Button
                      size="small"
                      icon="close"
                      onClick={() => onChange(without(draft, member))}
                      aria-label={t('map.service.remove', { name: member.name })}
                    />
                  </li>
                ))}
              </ul>
            )}
          </section>
        ))}
        <section aria-label={t('map.service.add')} className="rounded-md border border-line p-3">
          <h3 className="font-medium">{t('map.service.add')}</h3>
          <div className="mt-2 grid gap-3 tablet:grid-cols-3">
            <SelectField
              label={t('map.column.class')}
              value={ciClass}
              options={CLASSES.map((value) => ({ value, label: words(CI_CLASSES[value].title) }))}
              onChange={setClass}
            />
            <TextField
              label={t('map.service.intoGroup')}
              help={t('map.service.groupHelp')}
              value={into}
              maxLength={64}
              onChange={(event) => setInto(event.target.value)}
            />
            <PausedSearch label={t('map.service.find')} value={q} onChange={setQ} />
          </div>
          <ul className="mt-2 grid gap-1">
            {found
              .filter(({ id }) => id !== serviceId)
              .map(({ id, name, class: of }) => {
                const group = into.trim();
                return (
                  <li key={id}>
                    <Button
                      size="small"
                      icon={held.has(`${id} ${group}`) ? 'check' : 'plus'}
                      disabled={held.has(`${id} ${group}`)}
                      onClick={() => onChange(withMember(draft, { id, name, class: of, group }))}
                    >
                      {name}
                    </Button>
                  </li>
                );
              })}
          </ul>
        </section>
      </div>
    </Card>
  );
}
