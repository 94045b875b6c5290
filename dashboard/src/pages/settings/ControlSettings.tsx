/** What needs an approved change, what does not, and which findings open an incident. */
import { FINDING_KINDS } from '@muster/shared/api/choices.ts';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import {
  CHANGE_KINDS,
  type ChangeKind,
  type ChangePolicy,
  type PolicyRule,
} from '@muster/shared/api/changes.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { type FindingRule } from '@muster/shared/api/findings.ts';
import { CI_CLASSES, MACHINE_CLASSES, type MachineClass } from '@muster/shared/cmdb/classes.ts';
import { FINDING_RULE_NAMES, POLICY_RULE_NAMES, storedNameIn } from '@muster/shared/given-names.ts';
import { call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { usePageTitle } from '../../app/title.ts';
import { useT, useWords } from '../../i18n/i18n.ts';
import { AskDialog } from '../../parts/AskDialog.tsx';
import { KindChecks } from '../../parts/ChangeDialog.tsx';
import { useControlErrorWords, useControlMutation } from '../../parts/controlQueries.ts';
import { useGivenName } from '../../parts/givenName.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { DateField } from '../../ui/DateField.tsx';
import { CheckField, SelectField, TextField } from '../../ui/Field.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { say } from '../../ui/Toast.tsx';
import { nowMs } from '../../util/clock.ts';

const policyQuery = queryOptions({
  queryKey: ['changes', 'policy'],
  queryFn: ({ signal }) => call(ENDPOINTS.getChangePolicy, {}, signal),
});
const findingRulesQuery = queryOptions({
  queryKey: ['findings', 'rules'],
  queryFn: ({ signal }) => call(ENDPOINTS.getFindingRules, {}, signal),
});

export function ControlSettings() {
  const t = useT();
  usePageTitle(t('control.settings.title'));
  const policy = useQuery(policyQuery);
  const rules = useQuery(findingRulesQuery);
  return (
    <>
      <h1>{t('control.settings.title')}</h1>
      <div className="mt-3 grid gap-3">
        {policy.data ? (
          <>
            <Watched policy={policy.data} />
            <Allowed policy={policy.data} />
          </>
        ) : (
          <Card>
            {policy.error ? (
              <ErrorPanel error={policy.error} retry={() => void policy.refetch()} />
            ) : (
              <SkeletonRows rows={8} />
            )}
          </Card>
        )}
        {rules.data && <IncidentRules rules={rules.data.items} />}
        {rules.error && (
          <Card>
            <ErrorPanel error={rules.error} retry={() => void rules.refetch()} />
          </Card>
        )}
      </div>
    </>
  );
}

function useSavePolicy() {
  const words = useControlErrorWords();
  const save = useControlMutation((body: ChangePolicy) => call(ENDPOINTS.putChangePolicy, { body }));
  return {
    ...save,
    put: (body: ChangePolicy) => save.mutate(body, { onError: (error) => say(words(error)) }),
  };
}

function Watched({ policy }: { policy: ChangePolicy }) {
  const t = useT();
  const words = useWords();
  const save = useSavePolicy();
  const refusal = useActionRefusal('changes.approve');
  const set = (machineClass: MachineClass, kind: ChangeKind, on: boolean) => {
    const before = policy.watched[machineClass] ?? [];
    const after = on ? [...before, kind] : before.filter((one) => one !== kind);
    save.put({ ...policy, watched: { ...policy.watched, [machineClass]: after } });
  };
  return (
    <Card title={t('control.settings.watched')} note={t('control.settings.watchedNote')} flush>
      <PlainTable
        label={t('control.settings.watched')}
        head={[
          { id: 'kind', label: t('control.what') },
          ...MACHINE_CLASSES.map((value) => ({ id: value, label: words(CI_CLASSES[value].title) })),
        ]}
      >
        {CHANGE_KINDS.map((kind) => (
          <tr key={kind}>
            <td>{t(`control.change.${kind}`)}</td>
            {MACHINE_CLASSES.map((value) => (
              <td key={value}>
                <input
                  type="checkbox"
                  aria-label={`${t(`control.change.${kind}`)}${t('ui.colon')}${words(CI_CLASSES[value].title)}`}
                  title={refusal}
                  checked={policy.watched[value]?.includes(kind) ?? false}
                  disabled={refusal !== undefined || save.isPending}
                  onChange={(event) => set(value, kind, event.target.checked)}
                  className="block size-4 accent-accent-solid coarse:size-6"
                />
              </td>
            ))}
          </tr>
        ))}
      </PlainTable>
    </Card>
  );
}

const NEW_RULE: PolicyRule = {
  id: '',
  name: '',
  enabled: true,
  kinds: ['software-updated'],
  classes: [],
  tags: [],
  sources: [],
  names: [],
  days: [],
  fromMinute: 0,
  toMinute: 1_440,
  timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
};

function Allowed({ policy }: { policy: ChangePolicy }) {
  const t = useT();
  const save = useSavePolicy();
  const refusal = useActionRefusal('changes.approve');
  const [editing, setEditing] = useState<PolicyRule | null>(null);
  const nameOf = useGivenName(POLICY_RULE_NAMES);
  const put = (allowed: PolicyRule[]) => save.put({ ...policy, allowed });
  return (
    <Card
      title={t('control.settings.allowed')}
      note={t('control.settings.allowedNote')}
      flush
      action={
        <Button size="small" disabledReason={refusal} onClick={() => setEditing(NEW_RULE)}>
          {t('control.rules.add')}
        </Button>
      }
    >
      <ul>
        {policy.allowed.map((rule) => (
          <RuleRow
            key={rule.id}
            name={nameOf(rule)}
            text={[
              rule.kinds.map((kind) => t(`control.change.${kind}`)).join(', '),
              rule.names.join(', '),
              rule.sources.join(', '),
              rule.days.map((day) => t(`control.settings.day.${day as 1}`)).join(' '),
              rule.fromMinute === 0 && rule.toMinute === 1_440
                ? ''
                : `${clock(rule.fromMinute)}–${clock(rule.toMinute)} ${rule.timeZone}`,
            ]
              .filter(Boolean)
              .join(' · ')}
            enabled={rule.enabled}
            onSwitch={(enabled) =>
              put(policy.allowed.map((one) => (one.id === rule.id ? { ...one, enabled } : one)))
            }
            onEdit={() => setEditing(rule)}
            onRemove={() => {
              put(policy.allowed.filter(({ id }) => id !== rule.id));
              say(t('control.rules.removed', { name: nameOf(rule) }), {
                label: t('ui.undo'),
                onPress: () => save.put(policy),
              });
            }}
          />
        ))}
      </ul>
      {editing && <AllowedDialog policy={policy} rule={editing} onClose={() => setEditing(null)} />}
    </Card>
  );
}

const DAYS = [1, 2, 3, 4, 5, 6, 7] as const;
const list = (text: string) => text.split(/[,，;；\s]+/u).filter(Boolean);
const clock = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
const minuteOf = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));

function AllowedDialog({
  policy,
  rule,
  onClose,
}: {
  policy: ChangePolicy;
  rule: PolicyRule;
  onClose: () => void;
}) {
  const t = useT();
  const save = useSavePolicy();
  const [fields, setFields] = useState(rule);
  const nameOf = useGivenName(POLICY_RULE_NAMES);
  const [names, setNames] = useState(rule.names.join(', '));
  const [sources, setSources] = useState(rule.sources.join(', '));
  const [tags, setTags] = useState(rule.tags.join(', '));
  const change = (of: Partial<PolicyRule>) => setFields({ ...fields, ...of });
  return (
    <AskDialog
      title={t(rule.id === '' ? 'control.rules.add' : 'control.edit')}
      text={t('control.settings.allowedText')}
      button={t('control.save')}
      right="changes.approve"
      ready={fields.name.trim() !== '' && fields.kinds.length > 0}
      state={save}
      onClose={onClose}
      onSubmit={() => {
        const id = rule.id || `rule-${nowMs().toString(36)}`;
        const next = { ...fields, id, names: list(names), sources: list(sources), tags: list(tags) };
        const others = policy.allowed.filter((one) => one.id !== rule.id);
        save.mutate({ ...policy, allowed: [...others, next] }, { onSuccess: onClose });
      }}
    >
      <TextField
        label={t('control.rules.name')}
        value={nameOf(fields)}
        required
        maxLength={200}
        onChange={(event) => change({ name: storedNameIn(POLICY_RULE_NAMES, rule, event.target.value) })}
      />
      <KindChecks
        label={t('control.changes.kinds')}
        chosen={fields.kinds}
        onChange={(kinds) => change({ kinds })}
      />
      <div className="grid gap-3 tablet:grid-cols-3">
        <TextField
          label={t('control.settings.names')}
          value={names}
          onChange={(event) => setNames(event.target.value)}
        />
        <TextField
          label={t('control.rules.sources')}
          value={sources}
          onChange={(event) => setSources(event.target.value)}
        />
        <TextField
          label={t('control.rules.tags')}
          value={tags}
          onChange={(event) => setTags(event.target.value)}
        />
        <DateField
          label={t('control.changes.from')}
          type="time"
          value={clock(fields.fromMinute % 1_440)}
          onChange={(event) => change({ fromMinute: minuteOf(event.target.value) })}
        />
        <DateField
          label={t('control.changes.to')}
          type="time"
          value={clock(fields.toMinute % 1_440)}
          onChange={(event) => change({ toMinute: minuteOf(event.target.value) || 1_440 })}
        />
        <TextField
          label={t('control.settings.zone')}
          value={fields.timeZone}
          maxLength={64}
          onChange={(event) => change({ timeZone: event.target.value })}
        />
      </div>
      <ClassChecks chosen={fields.classes} onChange={(classes) => change({ classes })} />
      <fieldset className="flex flex-wrap gap-x-4 gap-y-1.5">
        <legend className="mb-1 text-12 font-medium">{t('control.settings.days')}</legend>
        {DAYS.map((day) => (
          <CheckField
            key={day}
            label={t(`control.settings.day.${day}`)}
            checked={fields.days.includes(day)}
            onChange={(event) =>
              change({
                days: event.target.checked ? [...fields.days, day] : fields.days.filter((one) => one !== day),
              })
            }
          />
        ))}
      </fieldset>
    </AskDialog>
  );
}

function ClassChecks({
  chosen,
  onChange,
}: {
  chosen: readonly MachineClass[];
  onChange: (of: MachineClass[]) => void;
}) {
  const t = useT();
  const words = useWords();
  return (
    <fieldset className="flex flex-wrap gap-x-4 gap-y-1.5">
      <legend className="mb-1 text-12 font-medium">{t('control.rules.classes')}</legend>
      {MACHINE_CLASSES.map((value) => (
        <CheckField
          key={value}
          label={words(CI_CLASSES[value].title)}
          checked={chosen.includes(value)}
          onChange={(event) =>
            onChange(event.target.checked ? [...chosen, value] : chosen.filter((one) => one !== value))
          }
        />
      ))}
    </fieldset>
  );
}

const NEW_INCIDENT_RULE: FindingRule = {
  id: '',
  name: '',
  enabled: true,
  kinds: ['unauthorised-change'],
  changeKinds: [],
  classes: [],
  tags: [],
  criticality: null,
  urgency: 3,
};

function useSaveRules() {
  const words = useControlErrorWords();
  const save = useControlMutation((items: FindingRule[]) =>
    call(ENDPOINTS.putFindingRules, { body: { items } }),
  );
  return {
    ...save,
    put: (items: FindingRule[]) => save.mutate(items, { onError: (error) => say(words(error)) }),
  };
}

function IncidentRules({ rules }: { rules: readonly FindingRule[] }) {
  const t = useT();
  const save = useSaveRules();
  const refusal = useActionRefusal('changes.approve');
  const [editing, setEditing] = useState<FindingRule | null>(null);
  const nameOf = useGivenName(FINDING_RULE_NAMES);
  return (
    <Card
      title={t('control.settings.incidents')}
      note={t('control.settings.incidentsNote')}
      flush
      action={
        <Button size="small" disabledReason={refusal} onClick={() => setEditing(NEW_INCIDENT_RULE)}>
          {t('control.rules.add')}
        </Button>
      }
    >
      <ul>
        {rules.map((rule) => (
          <RuleRow
            key={rule.id}
            name={nameOf(rule)}
            text={[
              rule.kinds.map((kind) => t(`control.kind.${kind}`)).join(', '),
              rule.changeKinds.map((kind) => t(`control.change.${kind}`)).join(', '),
              rule.criticality === null ? '' : `${t('control.settings.criticality')} ${rule.criticality}`,
              t('control.settings.urgencyIs', { urgency: rule.urgency }),
            ]
              .filter(Boolean)
              .join(' · ')}
            enabled={rule.enabled}
            onSwitch={(enabled) =>
              save.put(rules.map((one) => (one.id === rule.id ? { ...one, enabled } : one)))
            }
            onEdit={() => setEditing(rule)}
            onRemove={() => {
              save.put(rules.filter(({ id }) => id !== rule.id));
              say(t('control.rules.removed', { name: nameOf(rule) }), {
                label: t('ui.undo'),
                onPress: () => save.put([...rules]),
              });
            }}
          />
        ))}
      </ul>
      {editing && <IncidentDialog rules={rules} rule={editing} onClose={() => setEditing(null)} />}
    </Card>
  );
}

const LEVELS = ['1', '2', '3', '4'] as const;

function IncidentDialog({
  rules,
  rule,
  onClose,
}: {
  rules: readonly FindingRule[];
  rule: FindingRule;
  onClose: () => void;
}) {
  const t = useT();
  const save = useSaveRules();
  const [fields, setFields] = useState(rule);
  const nameOf = useGivenName(FINDING_RULE_NAMES);
  const [tags, setTags] = useState(rule.tags.join(', '));
  const change = (of: Partial<FindingRule>) => setFields({ ...fields, ...of });
  return (
    <AskDialog
      title={t(rule.id === '' ? 'control.rules.add' : 'control.edit')}
      text={t('control.settings.incidentsText')}
      button={t('control.save')}
      right="changes.approve"
      ready={fields.name.trim() !== '' && fields.kinds.length > 0}
      state={save}
      onClose={onClose}
      onSubmit={() => {
        const next = { ...fields, id: rule.id || `rule-${nowMs().toString(36)}`, tags: list(tags) };
        save.mutate([...rules.filter((one) => one.id !== rule.id), next], { onSuccess: onClose });
      }}
    >
      <TextField
        label={t('control.rules.name')}
        value={nameOf(fields)}
        required
        maxLength={200}
        onChange={(event) => change({ name: storedNameIn(FINDING_RULE_NAMES, rule, event.target.value) })}
      />
      <fieldset className="grid gap-1.5 tablet:grid-cols-2">
        <legend className="mb-1 text-12 font-medium">{t('control.kind.label')}</legend>
        {FINDING_KINDS.map((kind) => (
          <CheckField
            key={kind}
            label={t(`control.kind.${kind}`)}
            checked={fields.kinds.includes(kind)}
            onChange={(event) =>
              change({
                kinds: event.target.checked
                  ? [...fields.kinds, kind]
                  : fields.kinds.filter((one) => one !== kind),
              })
            }
          />
        ))}
      </fieldset>
      <KindChecks
        label={t('control.changes.kinds')}
        chosen={fields.changeKinds}
        onChange={(changeKinds) => change({ changeKinds })}
      />
      <ClassChecks chosen={fields.classes} onChange={(classes) => change({ classes })} />
      <div className="grid gap-3 tablet:grid-cols-3">
        <TextField
          label={t('control.rules.tags')}
          value={tags}
          onChange={(event) => setTags(event.target.value)}
        />
        <SelectField
          label={t('control.settings.criticality')}
          value={String(fields.criticality ?? '')}
          options={[
            { value: '', label: t('ui.any') },
            ...LEVELS.map((value) => ({ value: value as string, label: value })),
          ]}
          onChange={(value) => change({ criticality: value === '' ? null : Number(value) })}
        />
        <SelectField
          label={t('control.settings.urgency')}
          value={String(fields.urgency)}
          options={LEVELS.map((value) => ({ value: value as string, label: value }))}
          onChange={(value) => change({ urgency: Number(value) })}
        />
      </div>
    </AskDialog>
  );
}

function RuleRow({
  name,
  text,
  enabled,
  onSwitch,
  onEdit,
  onRemove,
}: {
  name: string;
  text: string;
  enabled: boolean;
  onSwitch: (enabled: boolean) => void;
  onEdit: () => void;
  onRemove: () => void;
}) {
  const t = useT();
  const refusal = useActionRefusal('changes.approve');
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-4 py-2.5">
      <span className="min-w-0 flex-1 basis-64">
        <span className={enabled ? 'font-medium' : 'text-text-3'}>{name}</span>
        <span className="block text-12 break-words text-text-3">{text}</span>
      </span>
      <Switch label={name} checked={enabled} disabledReason={refusal} onChange={onSwitch}>
        {t(enabled ? 'control.on' : 'control.off')}
      </Switch>
      <Button size="small" disabledReason={refusal} onClick={onEdit}>
        {t('control.edit')}
      </Button>
      <Button size="small" disabledReason={refusal} onClick={onRemove}>
        {t('control.remove')}
      </Button>
    </li>
  );
}
