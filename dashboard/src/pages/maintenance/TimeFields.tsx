/** When a window takes place, in the words of everyday: once, daily, weekly, monthly, or by a rule of one's own. */
import { useId, useState } from 'react';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { DateField } from '../../ui/DateField.tsx';
import { CheckField, SelectField, TextField } from '../../ui/Field.tsx';
import { FilterTag } from '../../ui/FilterTag.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { cx } from '../../ui/cx.ts';
import { type Draft, NTHS, REPEATS, ruleOf, UNITS, type Unit, WEEKDAYS } from './draft.ts';
import { NTH_WORDS, weekdayText } from './words.ts';
import { zones } from './zone.ts';

interface Part {
  readonly draft: Draft;
  readonly set: (change: Partial<Draft>) => void;
}

export function TimeFields({ draft, set }: Part) {
  const t = useT();
  const [known] = useState(() => zones());
  const zoneList = known.includes(draft.timeZone) ? known : [draft.timeZone, ...known];
  return (
    <fieldset className="grid gap-3">
      <legend className="mb-2 text-14 font-semibold">{t('maintenance.form.when')}</legend>
      <div className="scrollbar-none -m-1 max-w-full overflow-x-auto p-1">
        <Segmented
          label={t('maintenance.form.repeat')}
          value={draft.repeat}
          options={REPEATS.map((value) => ({ value, label: t(`maintenance.repeat.${value}`) }))}
          onChange={(repeat) => set(repeat === 'rule' ? { repeat, rule: ownRule(draft) } : { repeat })}
        />
      </div>
      {draft.repeat === 'weekly' && <Weekdays draft={draft} set={set} />}
      {draft.repeat === 'monthly' && <Monthly draft={draft} set={set} />}
      {draft.repeat === 'rule' && (
        <TextField
          label={t('maintenance.form.rule')}
          help={t('maintenance.form.ruleHelp')}
          value={draft.rule}
          maxLength={400}
          spellCheck={false}
          className="font-mono"
          onChange={(event) => set({ rule: event.target.value })}
        />
      )}
      <div className="grid gap-3 tablet:grid-cols-2">
        <DateField
          type="date"
          required
          label={t(draft.repeat === 'once' ? 'maintenance.form.date' : 'maintenance.form.firstDate')}
          value={draft.date}
          onChange={(event) => set({ date: event.target.value })}
        />
        <DateField
          type="time"
          required
          label={t('maintenance.form.time')}
          value={draft.time}
          onChange={(event) => set({ time: event.target.value.slice(0, 5) })}
        />
        <Lasts draft={draft} set={set} />
        <SelectField
          label={t('maintenance.form.zone')}
          value={draft.timeZone}
          options={zoneList.map((value) => ({ value, label: value }))}
          onChange={(timeZone) => set({ timeZone })}
        />
        {draft.repeat !== 'once' && draft.repeat !== 'rule' && (
          <DateField
            type="date"
            label={t('maintenance.form.lastDay')}
            help={t('maintenance.form.lastDayHelp')}
            value={draft.until}
            min={draft.date}
            onChange={(event) => set({ until: event.target.value })}
          />
        )}
      </div>
      {draft.repeat !== 'once' && draft.except.length > 0 && <Exceptions draft={draft} set={set} />}
      <Flexible draft={draft} set={set} />
    </fieldset>
  );
}

/** What was chosen so far, as the rule to begin from. */
function ownRule(draft: Draft): string {
  return draft.repeat === 'once' || draft.repeat === 'rule' ? draft.rule : ruleOf(draft);
}

function Lasts({ draft, set }: Part) {
  const t = useT();
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_120px] items-end gap-2">
      <TextField
        type="number"
        required
        min={1}
        step="any"
        inputMode="decimal"
        label={t('maintenance.form.lasts')}
        value={draft.lasts}
        onChange={(event) => set({ lasts: event.target.value })}
      />
      <SelectField
        label={t('maintenance.form.unit')}
        value={draft.unit}
        options={(Object.keys(UNITS) as Unit[]).map((value) => ({
          value,
          label: t(`maintenance.unit.${value}`),
        }))}
        onChange={(unit) => set({ unit })}
      />
    </div>
  );
}

function Weekdays({ draft, set }: Part) {
  const t = useT();
  const language = useLanguage();
  return (
    <fieldset>
      <legend className="mb-1 text-12 font-medium">{t('maintenance.form.weekdays')}</legend>
      <div className="flex flex-wrap gap-1.5">
        {WEEKDAYS.map((day) => {
          const on = draft.weekdays.includes(day);
          return (
            <button
              key={day}
              type="button"
              aria-pressed={on}
              title={weekdayText(day, language)}
              onClick={() =>
                set({ weekdays: on ? draft.weekdays.filter((one) => one !== day) : [...draft.weekdays, day] })
              }
              className={cx(
                'h-(--control) min-w-11 rounded-md border px-2 text-12 font-medium',
                on
                  ? 'border-accent-solid bg-selected text-accent'
                  : 'border-line bg-surface text-text-2 hover:bg-hover',
              )}
            >
              {weekdayText(day, language, 'short')}
            </button>
          );
        })}
      </div>
      {draft.weekdays.length === 0 && (
        <p role="alert" className="mt-1 text-12 font-medium text-crit-fg">
          {t('maintenance.form.weekdayMissing')}
        </p>
      )}
    </fieldset>
  );
}

function Monthly({ draft, set }: Part) {
  const t = useT();
  const language = useLanguage();
  const name = useId();
  const radio = (value: Draft['monthly'], children: React.ReactNode) => (
    <div className="flex min-h-8 flex-wrap items-center gap-2 coarse:min-h-11">
      <label className="inline-flex items-center gap-2">
        <input
          type="radio"
          name={name}
          checked={draft.monthly === value}
          onChange={() => set({ monthly: value })}
          className="size-4 accent-accent-solid"
        />
        {t(value === 'weekday' ? 'maintenance.form.onWeekday' : 'maintenance.form.onDay', {
          day: Number(draft.date.slice(8)) || 1,
        })}
      </label>
      {children}
    </div>
  );
  return (
    <fieldset className="grid gap-1">
      <legend className="mb-1 text-12 font-medium">{t('maintenance.form.monthly')}</legend>
      {radio(
        'weekday',
        <div className="grid grid-cols-2 gap-2">
          <select
            aria-label={t('maintenance.form.nth')}
            value={draft.nth}
            onChange={(event) =>
              set({ monthly: 'weekday', nth: NTHS.find((one) => one === event.target.value) ?? draft.nth })
            }
            className={SELECT}
          >
            {NTHS.map((nth) => (
              <option key={nth} value={nth}>
                {t(NTH_WORDS[nth])}
              </option>
            ))}
          </select>
          <select
            aria-label={t('maintenance.form.weekday')}
            value={draft.weekday}
            onChange={(event) =>
              set({
                monthly: 'weekday',
                weekday: WEEKDAYS.find((one) => one === event.target.value) ?? draft.weekday,
              })
            }
            className={SELECT}
          >
            {WEEKDAYS.map((day) => (
              <option key={day} value={day}>
                {weekdayText(day, language)}
              </option>
            ))}
          </select>
        </div>,
      )}
      {radio('day', null)}
    </fieldset>
  );
}

const SELECT =
  'h-(--control) min-w-0 rounded-md border border-line-strong bg-surface px-2 text-13 max-tablet:text-16';

function Exceptions({ draft, set }: Part) {
  const t = useT();
  return (
    <div className="grid gap-1">
      <p className="text-12 font-medium">{t('maintenance.form.except')}</p>
      <ul className="flex flex-wrap gap-2">
        {draft.except.map((one) => (
          <li key={one}>
            <FilterTag onRemove={() => set({ except: draft.except.filter((other) => other !== one) })}>
              {one.replace('T', ' ')}
            </FilterTag>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Flexible({ draft, set }: Part) {
  const t = useT();
  return (
    <div className="grid gap-2">
      <CheckField
        label={t('maintenance.form.flexible')}
        help={t('maintenance.form.flexibleHelp')}
        checked={draft.flexible}
        onChange={(event) => set({ flexible: event.target.checked })}
      />
      {draft.flexible && (
        <div className="grid gap-3 border-l-2 border-line pl-3 tablet:grid-cols-2">
          <TextField
            type="number"
            min={1}
            required
            inputMode="numeric"
            label={t('maintenance.form.flexibleMinutes')}
            value={draft.flexibleMinutes}
            onChange={(event) => set({ flexibleMinutes: event.target.value })}
          />
          <SelectField
            label={t('maintenance.form.per')}
            value={draft.per}
            options={[
              { value: 'ci' as const, label: t('maintenance.per.ci') },
              { value: 'window' as const, label: t('maintenance.per.window') },
            ]}
            onChange={(per) => set({ per })}
          />
        </div>
      )}
    </div>
  );
}
