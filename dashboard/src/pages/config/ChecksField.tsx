/** The checks of one group: what each asks, with its form; and those of groups before, which can be left out here. */
import { useState } from 'react';
import type { ConfigSettings } from '@muster/shared/api/agent-config.ts';
import { type Check, CHECK_RECORD_TYPES, checkTarget } from '@muster/shared/checks/check.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { CHECKS_MAX } from '@muster/shared/wire/limits.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { CheckField, SelectField, TextField } from '../../ui/Field.tsx';
import { wholeSpanText } from '../../util/time.ts';
import { asksItself, CHECK_KINDS, type CheckDraft, checkOf, draftOf, NEW_CHECK } from './checkDraft.ts';

const INTERVALS_MS = [
  10 * SECOND_MS,
  30 * SECOND_MS,
  MINUTE_MS,
  5 * MINUTE_MS,
  15 * MINUTE_MS,
  HOUR_MS,
  6 * HOUR_MS,
  DAY_MS,
];
type GroupChecks = NonNullable<ConfigSettings['checks']>;

export interface ChecksFieldProps {
  readonly checks: GroupChecks;
  /** Names that groups before say. */
  readonly before: readonly string[];
  readonly refusal: string | undefined;
  readonly onChange: (checks: GroupChecks) => void;
}

export function ChecksField({ checks, before, refusal, onChange }: ChecksFieldProps) {
  const t = useT();
  /** Name of the one that is edited; '' = a new one. */
  const [edited, setEdited] = useState<string | null>(null);
  const names = Object.keys(checks);
  const elsewhere = before.filter((name) => !names.includes(name));
  const without = (name: string) =>
    Object.fromEntries(Object.entries(checks).filter(([one]) => one !== name));
  return (
    <div>
      <p className="text-12 font-medium">{t('config.checks.title')}</p>
      <p className="max-w-[80ch] text-12 text-text-3">{t('config.checks.help')}</p>
      <ul className="mt-1">
        {Object.entries(checks).map(([name, check]) => (
          <Row key={name} name={name} text={check === null ? t('config.checks.notHere') : target(check)}>
            {check !== null && (
              <Button size="small" disabledReason={refusal} onClick={() => setEdited(name)}>
                {t('config.checks.edit')}
                <span className="sr-only">{name}</span>
              </Button>
            )}
            <Button
              size="small"
              look="quiet"
              disabledReason={refusal}
              onClick={() => onChange(without(name))}
            >
              {t(check === null ? 'config.checks.asBefore' : 'config.checks.remove')}
              <span className="sr-only">{name}</span>
            </Button>
          </Row>
        ))}
        {elsewhere.map((name) => (
          <Row key={name} name={name} text={t('config.checks.before')}>
            <Button
              size="small"
              look="quiet"
              disabledReason={refusal}
              disabled={names.length >= CHECKS_MAX}
              onClick={() => onChange({ ...checks, [name]: null })}
            >
              {t('config.checks.leaveOut')}
              <span className="sr-only">{name}</span>
            </Button>
          </Row>
        ))}
      </ul>
      <Button
        size="small"
        icon="plus"
        className="mt-1"
        disabledReason={refusal}
        disabled={names.length >= CHECKS_MAX}
        onClick={() => setEdited('')}
      >
        {t('config.checks.add')}
      </Button>
      <Dialog
        open={edited !== null}
        onClose={() => setEdited(null)}
        title={edited === '' ? t('config.checks.add') : t('config.checks.editTitle', { name: edited ?? '' })}
      >
        {edited !== null && (
          <CheckForm
            key={edited}
            from={draftFrom(edited, checks)}
            taken={names.filter((name) => name !== edited)}
            onCancel={() => setEdited(null)}
            onDone={(name, check) => {
              // One that is renamed keeps its place.
              const entries = Object.entries(checks).map(([one, held]): [string, Check | null] =>
                one === edited ? [name, check] : [one, held],
              );
              onChange(Object.fromEntries(edited === '' ? [...entries, [name, check]] : entries));
              setEdited(null);
            }}
          />
        )}
      </Dialog>
    </div>
  );
}

function target(check: Check): string {
  return `${check.kind} ${checkTarget(check)}`;
}

function draftFrom(name: string, checks: GroupChecks): CheckDraft {
  const check = checks[name];
  return check ? draftOf(name, check) : NEW_CHECK;
}

function Row({ name, text, children }: { name: string; text: string; children: React.ReactNode }) {
  return (
    <li className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line py-1">
      <span className="min-w-0 flex-1 basis-48">
        <span className="block truncate font-medium">{name}</span>
        <span className="block truncate text-12 text-text-3">{text}</span>
      </span>
      <span className="flex gap-1">{children}</span>
    </li>
  );
}

function CheckForm({
  from,
  taken,
  onCancel,
  onDone,
}: {
  from: CheckDraft;
  taken: readonly string[];
  onCancel: () => void;
  onDone: (name: string, check: Check) => void;
}) {
  const t = useT();
  const [draft, setDraft] = useState(from);
  const [tried, setTried] = useState(false);
  const made = checkOf(draft, taken);
  const problem = (field: TextOf) =>
    tried && 'wrong' in made && made.wrong.has(field)
      ? t(`config.checks.wrong.${WRONG_WORDS[field]}`)
      : undefined;
  const put = (change: Partial<CheckDraft>) => setDraft({ ...draft, ...change });
  const text = (field: TextOf, more: React.ComponentProps<'input'> & { help?: string } = {}) => (
    <TextField
      label={t(`config.checks.${field}`)}
      value={draft[field]}
      error={problem(field)}
      spellCheck={false}
      autoComplete="off"
      {...more}
      onChange={({ target: { value } }) => put({ [field]: value })}
    />
  );
  const { kind } = draft;
  return (
    <form
      noValidate
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if ('wrong' in made) return setTried(true);
        onDone(made.name, made.check);
      }}
    >
      {text('name', { maxLength: 64, help: t('config.checks.nameHelp') })}
      <SelectField
        label={t('config.checks.kind')}
        value={kind}
        options={CHECK_KINDS.map((value) => ({ value, label: t(`config.checks.kinds.${value}`) }))}
        onChange={(value) => put({ kind: value })}
      />
      {(kind === 'tcp' || kind === 'tls') && (
        <div className="grid grid-cols-[minmax(0,1fr)_96px] gap-3">
          {text('host', { maxLength: 253 })}
          {text('port', { inputMode: 'numeric' })}
        </div>
      )}
      {kind === 'http' && (
        <>
          {text('url', { maxLength: 500, inputMode: 'url' })}
          <div className="grid grid-cols-2 gap-3">
            {text('statusMin', { inputMode: 'numeric' })}
            {text('statusMax', { inputMode: 'numeric' })}
          </div>
          {text('contains', { maxLength: 200, help: t('config.checks.containsHelp') })}
          <CheckField
            label={t('config.checks.followRedirects')}
            checked={draft.followRedirects}
            onChange={({ target: { checked } }) => put({ followRedirects: checked })}
          />
        </>
      )}
      {(kind === 'tls' || kind === 'http') && (
        <CheckField
          label={t('config.checks.verify')}
          checked={draft.verify}
          onChange={({ target: { checked } }) => put({ verify: checked })}
        />
      )}
      {kind === 'dns' && (
        <>
          <div className="grid grid-cols-[minmax(0,1fr)_96px] gap-3">
            {text('record', { maxLength: 253 })}
            <SelectField
              label={t('config.checks.type')}
              value={draft.type}
              options={CHECK_RECORD_TYPES.map((value) => ({ value, label: value }))}
              onChange={(type) => put({ type })}
            />
          </div>
          {text('expected', { maxLength: 253, help: t('config.checks.expectedHelp') })}
        </>
      )}
      <div className="grid grid-cols-2 gap-3">
        <SelectField
          label={t('config.checks.intervalMs')}
          value={String(draft.intervalMs)}
          options={[...new Set([...INTERVALS_MS, draft.intervalMs])]
            .sort((a, b) => a - b)
            .map((ms) => ({ value: String(ms), label: wholeSpanText(ms, t) }))}
          onChange={(value) => put({ intervalMs: Number(value) })}
        />
        {text('timeoutSeconds', { inputMode: 'decimal' })}
      </div>
      {asksItself(draft) && (
        <p role="status" className="rounded-md bg-warn-weak px-3 py-2 text-12 leading-prose text-warn-fg">
          {t('config.checks.itself')}
        </p>
      )}
      <DialogActions>
        <Button onClick={onCancel}>{t('ui.cancel')}</Button>
        <Button type="submit" look="primary">
          {t('config.checks.take')}
        </Button>
      </DialogActions>
    </form>
  );
}

type TextOf =
  | 'name'
  | 'host'
  | 'port'
  | 'url'
  | 'statusMin'
  | 'statusMax'
  | 'contains'
  | 'record'
  | 'expected'
  | 'timeoutSeconds';

const WRONG_WORDS = {
  name: 'name',
  host: 'host',
  record: 'host',
  port: 'port',
  url: 'url',
  statusMin: 'status',
  statusMax: 'status',
  contains: 'text',
  expected: 'text',
  timeoutSeconds: 'time',
} as const satisfies Record<TextOf, string>;
