/** The groups in their order, each with its editor. */
import { Link } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import {
  CONFIG_GROUPS_MAX,
  type ConfigGroup,
  type ConfigGroups,
  type ConfigSettings,
} from '@muster/shared/api/agent-config.ts';
import { settingsOf } from '@muster/shared/agent-config/changes.ts';
import { CI_CLASSES, MACHINE_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import type { Translate } from '../../i18n/catalogue.ts';
import { useT, useWords } from '../../i18n/i18n.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { CheckField, SelectField, TextArea, TextField } from '../../ui/Field.tsx';
import { wholeSpanText } from '../../util/time.ts';
import { withSwitch } from './changes.ts';
import { ChecksField } from './ChecksField.tsx';
import type { Draft } from './draft.tsx';
import { collectedQuery, reachQuery } from './queries.ts';
import { defaultSpans, defaultValue, settingPhrase } from './settingWords.ts';
import { SwitchSelect } from './SwitchSelect.tsx';

const INTERVALS_MS = [1, 5, 10, 15, 30, 60, 120, 300].map((seconds) => seconds * SECOND_MS);
const INVENTORY_INTERVALS_MS = [10 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, 12 * HOUR_MS, DAY_MS, 7 * DAY_MS];
/** After the last key. */
const PAUSE_MS = 300;
const NOBODY = { tags: [], classes: [], sites: [] };
/** Values of a group that stand in its line; the rest is counted. */
const SHOWN_MAX = 6;

/** Why the groups cannot be saved as they stand. */
export function groupsProblem({ groups }: ConfigGroups, t: Translate): string | undefined {
  for (const [index, group] of groups.entries()) {
    const problem = nameProblem(groups, index, t) ?? ofProblem(group, t);
    if (problem) return t('config.groups.problem', { name: group.name, problem });
  }
  return undefined;
}

function nameProblem(groups: readonly ConfigGroup[], index: number, t: Translate): string | undefined {
  const name = groups[index]?.name.trim() ?? '';
  if (name === '') return t('config.groups.nameMissing');
  return groups.some((one, at) => at < index && one.name.trim() === name)
    ? t('config.groups.nameTaken')
    : undefined;
}

function ofProblem(group: ConfigGroup, t: Translate): string | undefined {
  return isOfNobody(group) ? t('config.groups.ofNobody') : undefined;
}

export function GroupsCard({ draft }: { draft: Draft }) {
  const t = useT();
  const { content, change: onChange, hold, epoch, typed, setTyped } = draft;
  const refusal = useActionRefusal('config.write');
  /** Index in the list, of these contents; -1: everybody. */
  const [opened, setOpened] = useState<{ epoch: string; index: number } | null>(null);
  const open = opened?.epoch === epoch ? opened.index : null;
  const setOpen = (index: number | null) => {
    setOpened(index === null ? null : { epoch, index });
    hold(index !== null);
  };
  const { everybody, groups } = content;
  const reach = useReach(groups, refusal === undefined);
  const put = (index: number, group: ConfigGroup) =>
    onChange({ ...content, groups: groups.with(index, group) });
  const move = (index: number, by: 1 | -1) => {
    const group = groups[index];
    if (!group) return;
    onChange({ ...content, groups: groups.toSpliced(index, 1).toSpliced(index + by, 0, group) });
    setOpen(null);
  };
  const toggle = (index: number) => setOpen(open === index ? null : index);
  return (
    <Card
      className="mt-4"
      flush
      title={t('config.groups.title')}
      note={t('config.groups.note')}
      action={
        <Button
          size="small"
          icon="plus"
          disabledReason={refusal ?? typed}
          disabled={groups.length >= CONFIG_GROUPS_MAX}
          onClick={() => {
            const name = freeName(groups, t('config.groups.newName'));
            onChange({ ...content, groups: [...groups, { name, of: NOBODY, settings: {} }] });
            setOpen(groups.length);
          }}
        >
          {t('config.groups.add')}
        </Button>
      }
    >
      <ol>
        <li className="border-t border-line px-4 py-3">
          <Line
            name={t('config.everybody')}
            of={reach ? t('config.groups.machines', { count: reach.machines }) : t('config.everybodyOf')}
            settings={everybody}
            nothing={t('config.groups.defaults', defaultSpans(t))}
            open={open === -1}
            stuck={typed}
            onToggle={() => toggle(-1)}
          />
          {open === -1 && (
            <SettingsForm
              settings={everybody}
              first
              onTyped={setTyped}
              checksBefore={[]}
              refusal={refusal}
              onChange={(settings) => onChange({ ...content, everybody: settings })}
            />
          )}
        </li>
        {groups.map((group, index) => (
          // A name is being typed: only the place stays.
          <li key={index} className="border-t border-line px-4 py-3">
            <Line
              name={group.name}
              of={<Of group={group} machines={reach?.groups[index]?.machines} />}
              settings={group.settings}
              nothing={t('config.groups.nothing')}
              open={open === index}
              stuck={typed}
              onToggle={() => toggle(index)}
              actions={
                <>
                  <IconButton
                    icon="chevron"
                    className="rotate-180 disabled:opacity-40"
                    label={t('config.groups.up', { name: group.name })}
                    disabled={index === 0 || (refusal ?? typed) !== undefined}
                    onClick={() => move(index, -1)}
                  />
                  <IconButton
                    icon="chevron"
                    className="disabled:opacity-40"
                    label={t('config.groups.down', { name: group.name })}
                    disabled={index === groups.length - 1 || (refusal ?? typed) !== undefined}
                    onClick={() => move(index, 1)}
                  />
                </>
              }
            />
            {open === index && (
              <>
                <MembersForm
                  group={group}
                  nameError={nameProblem(groups, index, t)}
                  ofError={ofProblem(group, t)}
                  refusal={refusal}
                  onChange={(changed) => put(index, changed)}
                />
                <SettingsForm
                  settings={group.settings}
                  first={false}
                  onTyped={setTyped}
                  checksBefore={checkNames([everybody, ...groups.slice(0, index).map((one) => one.settings)])}
                  refusal={refusal}
                  onChange={(settings) => put(index, { ...group, settings })}
                />
                <div className="mt-4 flex gap-2">
                  <Button disabledReason={typed} onClick={() => setOpen(null)}>
                    {t('config.groups.done')}
                  </Button>
                  <Button
                    look="quiet"
                    disabledReason={refusal}
                    onClick={() => {
                      onChange({ ...content, groups: groups.toSpliced(index, 1) });
                      setTyped(undefined);
                      setOpen(null);
                    }}
                  >
                    {t('config.groups.remove')}
                  </Button>
                </div>
              </>
            )}
          </li>
        ))}
      </ol>
    </Card>
  );
}

function freeName(groups: readonly ConfigGroup[], name: string): string {
  const taken = (one: string) => groups.some((group) => group.name === one);
  for (let number = 1; ; number++) {
    const free = number === 1 ? name : `${name} ${number}`;
    if (!taken(free)) return free;
  }
}

/** How many machines each group has, by its place in the list; asked a moment after the last key. */
function useReach(groups: readonly ConfigGroup[], mayAsk: boolean) {
  const wanted = JSON.stringify(groups.map(({ of }) => of));
  const [asked, setAsked] = useState(wanted);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(wanted), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [wanted]);
  const of = JSON.parse(asked) as ConfigGroup['of'][];
  const named = of.map((one, index) => ({ name: String(index), of: one, settings: {} }));
  return useQuery({
    ...reachQuery({ everybody: {}, groups: named }),
    enabled: mayAsk,
  }).data;
}

function isOfNobody({ of }: ConfigGroup): boolean {
  return of.tags.length + of.classes.length + of.sites.length === 0;
}

/** `machines`: undefined until it is known. */
function Of({ group, machines }: { group: ConfigGroup; machines: number | undefined }) {
  const { of } = group;
  const t = useT();
  const words = useWords();
  const named = (kind: 'tags' | 'classes' | 'sites', names: readonly string[]) =>
    t('config.groups.named', { title: t(`config.groups.${kind}`), names: names.join(t('ui.listSeparator')) });
  const parts = [
    of.tags.length > 0 && named('tags', of.tags),
    of.classes.length > 0 &&
      named(
        'classes',
        of.classes.map((name) => words(CI_CLASSES[name].title)),
      ),
    of.sites.length > 0 && named('sites', of.sites),
  ].filter((part) => part !== false);
  if (isOfNobody(group)) return t('config.groups.ofNobodyYet');
  return (
    <>
      {parts.join(' · ')}
      {machines !== undefined && (
        <span className={machines === 0 ? 'font-medium text-warn-fg' : undefined}>
          {' · '}
          {t('config.groups.machines', { count: machines })}
        </span>
      )}
    </>
  );
}

function Line({
  name,
  of,
  settings,
  nothing,
  open,
  stuck,
  onToggle,
  actions,
}: {
  name: string;
  of: React.ReactNode;
  settings: ConfigSettings;
  /** What is said where nothing is set. */
  nothing: string;
  open: boolean;
  /** Why what is open must not be closed. */
  stuck: string | undefined;
  onToggle: () => void;
  actions?: React.ReactNode;
}) {
  const t = useT();
  const words = useWords();
  const { data: collected } = useQuery(collectedQuery);
  const values = settingsOf(settings);
  return (
    <div className="flex flex-wrap items-start gap-x-3 gap-y-1">
      <div className="min-w-0 flex-1 basis-60">
        <p className="font-medium">{name}</p>
        <p className="text-12 text-text-3">{of}</p>
        <p className="mt-1 text-12 text-text-2">
          {values.length === 0
            ? nothing
            : values
                .slice(0, SHOWN_MAX)
                .map((each) => settingPhrase(each, settings, collected, t, words))
                .join(' · ')}
          {values.length > SHOWN_MAX && ` · +${values.length - SHOWN_MAX}`}
        </p>
      </div>
      <div className="flex items-center gap-1">
        {actions}
        <Button size="small" aria-expanded={open} disabledReason={stuck} onClick={onToggle}>
          {t(open ? 'config.groups.done' : 'config.groups.edit')}
          <span className="sr-only">{name}</span>
        </Button>
      </div>
    </div>
  );
}

function MembersForm({
  group,
  nameError,
  ofError,
  refusal,
  onChange,
}: {
  group: ConfigGroup;
  nameError: string | undefined;
  ofError: string | undefined;
  refusal: string | undefined;
  onChange: (group: ConfigGroup) => void;
}) {
  const t = useT();
  const words = useWords();
  const { of } = group;
  return (
    <fieldset disabled={refusal !== undefined} className="mt-3 grid gap-3 tablet:grid-cols-2">
      <TextField
        label={t('config.groups.name')}
        value={group.name}
        maxLength={64}
        error={nameError}
        onChange={({ target }) => onChange({ ...group, name: target.value })}
      />
      <div className="grid content-start gap-1">
        <span className="text-12 font-medium">{t('config.groups.classes')}</span>
        <div className="flex flex-wrap gap-x-4">
          {MACHINE_CLASSES.map((name) => (
            <CheckField
              key={name}
              label={words(CI_CLASSES[name].title)}
              checked={of.classes.includes(name)}
              onChange={({ target }) => {
                const others = of.classes.filter((one) => one !== name);
                onChange({
                  ...group,
                  of: { ...of, classes: target.checked ? [...others, name] : others },
                });
              }}
            />
          ))}
        </div>
      </div>
      {(['tags', 'sites'] as const).map((kind) => (
        <NamesField
          key={kind}
          label={t(`config.groups.${kind}`)}
          names={of[kind]}
          onChange={(names) => onChange({ ...group, of: { ...of, [kind]: names } })}
        />
      ))}
      <p className={cx('text-12', ofError ? 'font-medium text-text-2' : 'text-text-3')} role="status">
        {ofError ?? t('config.groups.ofHelp')}
      </p>
    </fieldset>
  );
}

/** Names with commas between; what is typed stays as it is typed. */
function NamesField({
  label,
  names,
  onChange,
}: {
  label: string;
  names: readonly string[];
  onChange: (names: string[]) => void;
}) {
  const t = useT();
  const [text, setText] = useState(names.join(', '));
  return (
    <TextField
      label={label}
      help={t('config.groups.manyHelp')}
      value={text}
      onChange={({ target }) => {
        setText(target.value);
        onChange(
          [...new Set(target.value.split(/[,，、]/).map((name) => name.trim()))].filter(
            (name) => name !== '',
          ),
        );
      }}
    />
  );
}

function checkNames(all: readonly ConfigSettings[]): string[] {
  return [...new Set(all.flatMap(({ checks }) => Object.keys(checks ?? {})))];
}

function SettingsForm({
  settings,
  first,
  checksBefore,
  refusal,
  onTyped,
  onChange,
}: {
  settings: ConfigSettings;
  first: boolean;
  /** Names that everybody or groups before say. */
  checksBefore: readonly string[];
  refusal: string | undefined;
  /** What is typed and is no value; undefined: all is. */
  onTyped: (problem: string | undefined) => void;
  onChange: (settings: ConfigSettings) => void;
}) {
  const t = useT();
  const words = useWords();
  const { data: collected } = useQuery(collectedQuery);
  const fields = Object.keys(settings.fields ?? {}).length;
  const interval = (key: 'intervalMs' | 'inventoryIntervalMs', offered: readonly number[]) => {
    const { [key]: value, ...others } = settings;
    const all = [...new Set([...offered, ...(value === undefined ? [] : [value])])].sort((a, b) => a - b);
    return (
      <SelectField
        label={t(`config.setting.${key}`)}
        value={value === undefined ? '' : String(value)}
        options={[
          { value: '', label: first ? defaultValue(key, t) : t('config.choice.before') },
          ...all.map((ms) => ({ value: String(ms), label: wholeSpanText(ms, t) })),
        ]}
        onChange={(chosen) => onChange(chosen === '' ? others : { ...others, [key]: Number(chosen) })}
      />
    );
  };
  return (
    <fieldset disabled={refusal !== undefined} className="mt-4 grid gap-4">
      <div className="grid gap-3 tablet:grid-cols-2">
        {interval('intervalMs', INTERVALS_MS)}
        {interval('inventoryIntervalMs', INVENTORY_INTERVALS_MS)}
      </div>
      {collected && (
        <>
          <Switches
            title={t('config.groups.sections')}
            items={collected.kinds.filter(({ switchable, name }) => switchable && name !== 'processes')}
            values={settings.sections}
            first={first}
            refusal={refusal}
            titleOf={words}
            onChange={(name, value) => onChange(withSwitch(settings, 'sections', name, value))}
          />
          <Switches
            title={t('config.groups.collectors')}
            items={collected.collectors}
            values={settings.collectors}
            first={first}
            refusal={refusal}
            titleOf={words}
            onChange={(name, value) => onChange(withSwitch(settings, 'collectors', name, value))}
          />
        </>
      )}
      <p className="text-12 text-text-3">
        {fields === 0 ? t('config.groups.fieldsNone') : t('config.groups.fieldsElsewhere', { count: fields })}{' '}
        <Link to="/settings/privacy" className="text-accent underline">
          {t('config.groups.toPrivacy')}
        </Link>
      </p>
      <ChecksField
        checks={settings.checks ?? {}}
        before={checksBefore}
        refusal={refusal}
        onChange={(checks) => {
          const { checks: _, ...others } = settings;
          onChange(Object.keys(checks).length === 0 ? others : { ...others, checks });
        }}
      />
      <LabelsField
        labels={settings.labels ?? {}}
        onTyped={onTyped}
        onChange={(labels) => {
          const { labels: _, ...others } = settings;
          onChange(Object.keys(labels).length === 0 ? others : { ...others, labels });
        }}
      />
    </fieldset>
  );
}

function Switches({
  title,
  items,
  values,
  first,
  refusal,
  titleOf,
  onChange,
}: {
  title: string;
  items: readonly { name: string; title: { en: string; zh: string } }[];
  values: Readonly<Record<string, boolean>> | undefined;
  first: boolean;
  refusal: string | undefined;
  titleOf: (words: { en: string; zh: string }) => string;
  onChange: (name: string, value: boolean | null) => void;
}) {
  const t = useT();
  return (
    <div>
      <p className="text-12 font-medium">{title}</p>
      <ul className="mt-1 grid gap-x-6 tablet:grid-cols-2 desk:grid-cols-3">
        {items.map(({ name, title: words }) => (
          <li key={name} className="flex min-h-9 items-center justify-between gap-2">
            <span className="min-w-0">{titleOf(words)}</span>
            <SwitchSelect
              label={`${title}${t('ui.colon')}${titleOf(words)}`}
              value={values?.[name]}
              first={first}
              refusal={refusal}
              onChange={(value) => onChange(name, value)}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}

const LABEL = /^([a-z][a-z0-9_.-]{0,62})\s*=\s*(\S.{0,127})$/;

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Why not all lines are labels. */
function labelsProblem(lines: readonly string[], t: Translate): string | undefined {
  const wrong = lines.find((line) => !LABEL.test(line));
  return wrong === undefined ? undefined : t('config.groups.labelsWrong', { line: wrong });
}

function LabelsField({
  labels,
  onTyped,
  onChange,
}: {
  labels: Readonly<Record<string, string>>;
  onTyped: (problem: string | undefined) => void;
  onChange: (labels: Record<string, string>) => void;
}) {
  const t = useT();
  const [text, setText] = useState(
    Object.entries(labels)
      .map(([name, value]) => `${name}=${value}`)
      .join('\n'),
  );
  const lines = linesOf(text);
  const problem = labelsProblem(lines, t);
  return (
    <TextArea
      label={t('config.groups.labels')}
      help={t('config.groups.labelsHelp')}
      error={problem}
      rows={Math.max(2, lines.length + 1)}
      spellCheck={false}
      value={text}
      onChange={({ target }) => {
        const typed = linesOf(target.value);
        setText(target.value);
        onTyped(labelsProblem(typed, t));
        onChange(
          Object.fromEntries(
            typed.flatMap((line) => {
              const [, name, value] = LABEL.exec(line) ?? [];
              return name === undefined || value === undefined ? [] : [[name, value.trim()]];
            }),
          ),
        );
      }}
    />
  );
}
