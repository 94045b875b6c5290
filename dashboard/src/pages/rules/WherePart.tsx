/** What a rule is about: classes of machines, narrowed by tag, place, service, or to one machine. */
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { CI_CLASSES, MACHINE_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { ciQuery, machinesQuery } from '../../api/queries.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { classIcon, Icon } from '../../ui/Icon.tsx';
import { Menu, MenuCheck } from '../../ui/Menu.tsx';
import { type Choice, SearchControl } from './controls.tsx';
import type { PartProps } from './formParts.tsx';
import { recordsQuery } from './names.ts';
import { machineChoicesQuery } from './queries.ts';
import { classWords } from './ruleWords.ts';

/** Classes that report metrics. */
const CLASSES = [...MACHINE_CLASSES, 'NetworkDevice'] as const;

export interface WherePartProps extends PartProps {
  /** How many machines it applies to; null where it cannot be told while the form has a mistake. */
  readonly matching: number | 'counting' | null;
}

export function WherePart({ draft, onChange, readOnly, matching }: WherePartProps) {
  const t = useT();
  return (
    <div>
      <div className="grid grid-cols-2 gap-x-4 gap-y-2 tablet:grid-cols-3">
        <Facet label="rules.form.classes">
          <ClassControl
            classes={draft.classes}
            disabled={readOnly}
            onChange={(classes) => onChange((before) => ({ ...before, classes }))}
          />
        </Facet>
        <Facet label="rules.form.tagLabel">
          <TagControl
            tag={draft.tag}
            disabled={readOnly}
            onChange={(tag) => onChange((before) => ({ ...before, tag }))}
          />
        </Facet>
        <Facet label="rules.form.locationLabel">
          <RecordControl
            ofClass="Location"
            id={draft.location}
            disabled={readOnly}
            onChange={(location) => onChange((before) => ({ ...before, location }))}
          />
        </Facet>
        <Facet label="rules.form.serviceLabel">
          <RecordControl
            ofClass="Service"
            id={draft.service}
            disabled={readOnly}
            onChange={(service) => onChange((before) => ({ ...before, service }))}
          />
        </Facet>
        <Facet label="rules.form.machineLabel">
          <MachineControl
            ciId={draft.ciId}
            disabled={readOnly}
            onChange={(ciId) => onChange((before) => ({ ...before, ciId }))}
          />
        </Facet>
      </div>
      <p className="mt-1.5 min-h-[18px] text-12 text-text-3" aria-live="polite">
        {matching === null
          ? ''
          : matching === 'counting'
            ? t('rules.form.countUnknown')
            : matching === 0
              ? t('rules.form.matchesNone')
              : t('rules.form.matches', { count: matching })}
      </p>
    </div>
  );
}

function Facet({ label, children }: { label: Key; children: React.ReactNode }) {
  const t = useT();
  return (
    <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] content-start justify-items-start gap-0.5">
      <span aria-hidden="true" className="text-12 text-text-3">
        {t(label)}
      </span>
      {children}
    </div>
  );
}

function ClassControl({
  classes,
  onChange,
  disabled,
}: {
  classes: readonly string[];
  onChange: (classes: readonly string[]) => void;
  disabled: boolean;
}) {
  const t = useT();
  const language = useLanguage();
  const words = classWords(classes.length === 0 ? null : classes, { t, language });
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          disabled={disabled}
          aria-label={t('rules.form.classesLabel', { words })}
          className="inline-flex h-(--control) max-w-full items-center gap-1.5 rounded-md align-middle leading-tight border border-line-strong bg-surface px-2 text-13 font-medium disabled:border-line disabled:text-text-2 max-tablet:text-16"
        >
          <span className="min-w-0 truncate">{words}</span>
          <Icon name="chevron" size={12} className="text-text-3" />
        </button>
      }
    >
      <MenuCheck checked={classes.length === 0} onChange={() => onChange([])}>
        {t('rules.allMachines')}
      </MenuCheck>
      {CLASSES.map((each) => (
        <MenuCheck
          key={each}
          checked={classes.includes(each)}
          onChange={(on) => onChange(on ? [...classes, each] : classes.filter((other) => other !== each))}
        >
          {CI_CLASSES[each].title[language]}
        </MenuCheck>
      ))}
    </Menu>
  );
}

const ANY = '';

function TagControl({
  tag,
  onChange,
  disabled,
}: {
  tag: string;
  onChange: (tag: string) => void;
  disabled: boolean;
}) {
  const t = useT();
  const [opened, setOpened] = useState(false);
  const [typed, setTyped] = useState('');
  const machines = useQuery({ ...machinesQuery, enabled: opened }).data;
  const counts = new Map<string, number>();
  for (const each of machines?.flatMap(({ tags }) => tags) ?? [])
    counts.set(each, (counts.get(each) ?? 0) + 1);
  const known = [...counts].sort(([a], [b]) => a.localeCompare(b));
  const matches = known.filter(([each]) => each.toLowerCase().includes(typed.trim().toLowerCase()));
  const isNew = typed.trim() !== '' && !counts.has(typed.trim());
  const any: Choice = { value: ANY, label: t('rules.form.anyTag') };
  return (
    <SearchControl
      label={t('rules.form.tagLabel')}
      searchLabel={t('rules.form.tagSearch')}
      nothing={t('rules.form.tagNone')}
      disabled={disabled}
      choices={[
        ...(typed.trim() === '' ? [any] : []),
        ...matches.map(([each, count]) => ({
          value: each,
          label: each,
          note: t('rules.form.machines', { count }),
        })),
        ...(isNew ? [{ value: typed.trim(), label: typed.trim(), note: t('rules.form.tagUnused') }] : []),
      ]}
      value={tag === '' ? any : { value: tag, label: tag }}
      onChange={onChange}
      onSearch={setTyped}
      onOpen={() => setOpened(true)}
    />
  );
}

const RECORD_WORDS = {
  Location: {
    label: 'rules.form.locationLabel',
    search: 'rules.form.locationSearch',
    none: 'rules.form.locationNone',
  },
  Service: {
    label: 'rules.form.serviceLabel',
    search: 'rules.form.serviceSearch',
    none: 'rules.form.serviceNone',
  },
} as const;

/** A place or a service. */
function RecordControl({
  ofClass,
  id,
  onChange,
  disabled,
}: {
  ofClass: 'Location' | 'Service';
  id: string | null;
  onChange: (id: string | null) => void;
  disabled: boolean;
}) {
  const t = useT();
  const [opened, setOpened] = useState(false);
  const found = useQuery({ ...recordsQuery(ofClass), enabled: opened || id !== null }).data;
  const records = found ?? [];
  const any: Choice = { value: ANY, label: t('rules.form.anyMachine') };
  const choice = (ci: { id: string; name: string }): Choice => ({
    value: ci.id,
    label: ci.name,
    icon: classIcon(ofClass),
  });
  const chosen = id === null ? any : choice(records.find((each) => each.id === id) ?? { id, name: id });
  const words = RECORD_WORDS[ofClass];
  const isPlaceless = ofClass === 'Location' && found?.length === 0;
  return (
    <>
      <SearchControl
        label={t(words.label)}
        searchLabel={t(words.search)}
        nothing={t(words.none)}
        disabled={disabled}
        choices={[any, ...records.map(choice)]}
        value={chosen}
        onChange={(next) => onChange(next === ANY ? null : next)}
        onOpen={() => setOpened(true)}
      />
      {isPlaceless && <span className="text-12 text-text-3">{t('rules.form.locationHow')}</span>}
    </>
  );
}

export function MachineControl({
  ciId,
  onChange,
  disabled = false,
  label,
  none,
  choices,
}: {
  ciId: string | null;
  onChange: (ciId: string | null) => void;
  disabled?: boolean;
  label?: string;
  /** Stands where no machine is chosen. */
  none?: string;
  /** Offered before anything is typed; without them any machine may be left open. */
  choices?: readonly Choice[];
}) {
  const t = useT();
  const [typed, setTyped] = useState('');
  const [opened, setOpened] = useState(false);
  const text = useDeferredValue(typed.trim());
  const { data: answered = [], isPlaceholderData } = useQuery({
    ...machineChoicesQuery(text),
    enabled: opened,
  });
  // Enter takes the first that is offered: of the answer before, only what matches now.
  const found = isPlaceholderData
    ? answered.filter(({ name }) => name.toLowerCase().includes(text.toLowerCase()))
    : answered;
  const named = useQuery({ ...ciQuery(ciId ?? ''), enabled: ciId !== null }).data;
  const any: Choice = { value: ANY, label: none ?? t('rules.form.anyMachine') };
  const offered = found.map((ci) => ({
    value: ci.id,
    label: ci.name,
    ...(ci.site === null ? {} : { note: ci.site }),
    icon: classIcon(ci.class),
  }));
  const first = text === '' ? (choices ?? [any]) : [];
  const known = new Set(first.map(({ value }) => value));
  return (
    <SearchControl
      label={label ?? t('rules.form.machineLabel')}
      searchLabel={t('rules.form.machineSearch')}
      nothing={t('rules.form.machineNone')}
      disabled={disabled}
      choices={[...first, ...offered.filter(({ value }) => !known.has(value))]}
      value={
        ciId === null
          ? any
          : (choices?.find(({ value }) => value === ciId) ?? { value: ciId, label: named?.name ?? ciId })
      }
      onChange={(next) => onChange(next === ANY ? null : next)}
      onSearch={setTyped}
      onOpen={() => setOpened(true)}
    />
  );
}
