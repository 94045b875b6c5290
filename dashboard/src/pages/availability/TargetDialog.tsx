/** Agrees a target for a machine or a service, or changes one. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { AVAILABILITY_FORMULAS } from '@muster/shared/api/availability.ts';
import { type AvailabilityTarget, TARGET_PERIODS } from '@muster/shared/api/availability-targets.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../../api/client.ts';
import { useT } from '../../i18n/i18n.ts';
import { dayName } from '../../parts/availabilityPeriod.ts';
import { type ChosenCi, CiChooser } from '../../parts/CiChooser.tsx';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { DateField } from '../../ui/DateField.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { say } from '../../ui/Toast.tsx';
import { nowMs } from '../../util/clock.ts';

const PERCENT_DEFAULT = '99.9';

export function TargetDialog({ held, onClose }: { held: AvailabilityTarget | null; onClose: () => void }) {
  const t = useT();
  const errorWords = useErrorWords();
  const queries = useQueryClient();
  const [of, setOf] = useState<'service' | 'ci'>('service');
  const [chosen, setChosen] = useState<readonly ChosenCi[]>([]);
  const [percent, setPercent] = useState(held ? String(held.percent) : PERCENT_DEFAULT);
  const [period, setPeriod] = useState(held?.period ?? 'month');
  const [formula, setFormula] = useState(held?.formula ?? 'known-time');
  const [fromDay, setFromDay] = useState(() => held?.fromDay ?? `${dayName(nowMs()).slice(0, 8)}01`);
  const [agreedWith, setAgreedWith] = useState(held?.agreedWith ?? '');
  const [note, setNote] = useState(held?.note ?? '');
  const ciId = held?.ciId ?? chosen[0]?.id;
  const share = Number(percent.replace(',', '.'));
  const wrong = !(share >= 1 && share <= 100);
  const ready = ciId !== undefined && !wrong && agreedWith.trim() !== '';
  const save = useMutation({
    mutationFn: () => {
      const fields = {
        percent: share,
        period,
        formula,
        fromDay,
        agreedWith: agreedWith.trim(),
        note: note.trim(),
      };
      return held
        ? call(ENDPOINTS.updateTarget, { params: { id: held.id }, body: fields })
        : call(ENDPOINTS.createTarget, { body: { ...fields, ciId: ciId ?? '' } });
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['availability', 'targets'] });
      say(t('agreed.targets.saved'));
      onClose();
    },
  });
  return (
    <Dialog open onClose={onClose} title={held ? held.ciName : t('agreed.targets.add')}>
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) save.mutate();
        }}
      >
        {held === null && (
          <>
            <Segmented
              label={t('agreed.targets.ci')}
              value={of}
              options={[
                { value: 'service', label: t('calendars.level.service') },
                { value: 'ci', label: t('availability.machines') },
              ]}
              onChange={(next) => {
                setOf(next);
                setChosen([]);
              }}
            />
            <CiChooser
              key={of}
              label={t('agreed.targets.ci')}
              chosen={chosen}
              onChange={setChosen}
              max={1}
              {...(of === 'service' ? { ofClass: 'Service' } : {})}
            />
          </>
        )}
        <div className="grid gap-3 tablet:grid-cols-2">
          <TextField
            label={t('agreed.targets.percent')}
            inputMode="decimal"
            value={percent}
            error={wrong ? t('agreed.targets.wrong') : undefined}
            onChange={(event) => setPercent(event.target.value)}
          />
          <SelectField
            label={t('agreed.targets.period')}
            value={period}
            options={TARGET_PERIODS.map((value) => ({ value, label: t(`agreed.targets.periods.${value}`) }))}
            onChange={setPeriod}
          />
          <SelectField
            label={t('agreed.targets.formula')}
            value={formula}
            options={AVAILABILITY_FORMULAS.map((value) => ({ value, label: t(`agreed.formula.${value}`) }))}
            onChange={setFormula}
          />
          <DateField
            type="date"
            label={t('agreed.targets.fromDay')}
            value={fromDay}
            onChange={(event) => event.target.value !== '' && setFromDay(event.target.value)}
          />
        </div>
        <TextField
          label={t('agreed.targets.agreedWith')}
          value={agreedWith}
          maxLength={200}
          onChange={(event) => setAgreedWith(event.target.value)}
        />
        <TextField
          label={t('agreed.targets.note')}
          value={note}
          maxLength={1_000}
          onChange={(event) => setNote(event.target.value)}
        />
        {save.error && (
          <p role="alert" className="font-medium text-crit-fg">
            {errorWords(save.error)}
          </p>
        )}
        <DialogActions>
          <Button onClick={onClose}>{t('calendars.cancel')}</Button>
          <Button type="submit" look="primary" disabled={!ready || save.isPending}>
            {t('agreed.targets.save')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
